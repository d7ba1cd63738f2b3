#include "io/report/page_window.h"

#include <algorithm>
#include <cmath>

#include "engine/patient/activity.h"

namespace ytterby::io {
namespace {

constexpr double most_shown = 3e6;     // voxels in the page
constexpr double least_shown = 0.005;  // of the largest dose: what lies below may be cut away
constexpr int rim = 3;                 // voxels kept around what is shown

/// Grid axes by the patient axis that they are nearest to, each used once.
std::array<int, 3> patient_axes(const Grid& grid) {
  std::array<int, 3> best{0, 1, 2}, order{0, 1, 2};
  double most = -1;
  do {
    double sum = 0;
    for (std::size_t a = 0; a < 3; ++a) sum += std::abs(grid.direction[3 * a + static_cast<std::size_t>(order[a])]);
    if (sum > most + 1e-9) {
      most = sum;
      best = order;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

}  // namespace

float largest_dose(const DoseFile& f) {
  float most = 0;
  for (std::size_t v = 0; v < f.map.dose.size(); ++v) {
    if (f.phantom.density[v] >= gas_density) most = std::max(most, f.map.dose[v]);
  }
  return most;
}

PageWindow window_of(const std::vector<DoseFile>& doses) {
  const DoseFile& f = doses.front();
  const Grid& grid = f.map.grid;
  std::array<int, 3> low = grid.shape, high{-1, -1, -1};
  std::vector<float> least;
  for (const DoseFile& d : doses) {
    least.push_back(static_cast<float>(least_shown) * largest_dose(d));
  }
  std::size_t v = 0;
  for (int z = 0; z < grid.shape[2]; ++z)
    for (int y = 0; y < grid.shape[1]; ++y)
      for (int x = 0; x < grid.shape[0]; ++x, ++v) {
        bool inside = std::any_of(f.structures.begin(), f.structures.end(),
                                  [v](const Structure& s) { return s.fraction[v] > 0; });
        for (std::size_t d = 0; d < doses.size() && !inside; ++d)
          inside = f.phantom.density[v] >= gas_density && doses[d].map.dose[v] > least[d];
        if (!inside) continue;
        const std::array<int, 3> i{x, y, z};
        for (std::size_t a = 0; a < 3; ++a) {
          low[a] = std::min(low[a], i[a]);
          high[a] = std::max(high[a], i[a]);
        }
      }
  PageWindow w;
  w.grid = &grid;
  w.axis = patient_axes(grid);
  double voxels = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    if (high[a] < low[a]) low[a] = 0, high[a] = grid.shape[a] - 1;
    low[a] = std::max(0, low[a] - rim);
    high[a] = std::min(grid.shape[a] - 1, high[a] + rim);
    voxels *= high[a] - low[a] + 1;
  }
  const int thin = std::max(1, static_cast<int>(std::ceil(std::cbrt(voxels / most_shown) - 1e-9)));
  for (std::size_t a = 0; a < 3; ++a) {
    const auto g = static_cast<std::size_t>(w.axis[a]);
    const bool forward = grid.direction[3 * a + g] > 0;
    w.step[a] = forward ? thin : -thin;
    w.first[a] = forward ? low[g] : high[g];
    w.count[a] = (high[g] - low[g]) / thin + 1;
  }
  return w;
}

}  // namespace ytterby::io
