#include "validation/gamma_index.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/patient/activity.h"

namespace ytterby::validation {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

/// Dose between voxel centres; NaN outside of them and where gas takes part.
class Interpolated {
 public:
  Interpolated(const Image<float>& dose, const std::vector<float>& density) : grid_(dose.grid), values_(dose.values) {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (density[i] < gas_density) values_[i] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  /// At fractional indices.
  [[nodiscard]] double at(const Vector3& index) const {
    std::array<int, 3> low{};
    Vector3 part{};
    for (std::size_t a = 0; a < 3; ++a) {
      const double floor = std::floor(index[a]);
      low[a] = static_cast<int>(floor);
      part[a] = index[a] - floor;
      if (index[a] < 0 || low[a] + (part[a] > 0 ? 1 : 0) >= grid_.shape[a]) return nothing;
    }
    double sum = 0;
    for (int corner = 0; corner < 8; ++corner) {
      const int x = corner & 1, y = corner >> 1 & 1, z = corner >> 2;
      const double weight = (x ? part[0] : 1 - part[0]) * (y ? part[1] : 1 - part[1]) * (z ? part[2] : 1 - part[2]);
      if (weight > 0) sum += weight * static_cast<double>(values_[grid_.index(low[0] + x, low[1] + y, low[2] + z)]);
    }
    return sum;
  }

 private:
  Grid grid_;
  std::vector<float> values_;
};

bool passes(float gamma) { return gamma <= 1.00001F; }  // doses are floats

struct Offset {
  Vector3 shift;  // in units of the distance to agreement
  double square;  // of its length
};

/// A lattice within gamma_cap, the nearest first.
std::vector<Offset> lattice() {
  constexpr int steps = 4, reach = static_cast<int>(gamma_cap) * steps;
  std::vector<Offset> offsets;
  for (int z = -reach; z <= reach; ++z) {
    for (int y = -reach; y <= reach; ++y) {
      for (int x = -reach; x <= reach; ++x) {
        const Vector3 shift{double(x) / steps, double(y) / steps, double(z) / steps};
        const double square = dot(shift, shift);
        if (square <= gamma_cap * gamma_cap) offsets.push_back({shift, square});
      }
    }
  }
  std::stable_sort(offsets.begin(), offsets.end(),
                   [](const Offset& a, const Offset& b) { return a.square < b.square; });
  return offsets;
}

/// Search from one voxel.
struct Search {
  const Interpolated& evaluated;
  Vector3 voxel, scale;    // indices; distance to agreement in voxels
  double dose, tolerance;  // of the reference [Gy]
  double best = gamma_cap * gamma_cap;
  Vector3 place{0, 0, 0};

  [[nodiscard]] double residual(const Vector3& shift) const {
    const Vector3 at{voxel[0] + shift[0] * scale[0], voxel[1] + shift[1] * scale[1], voxel[2] + shift[2] * scale[2]};
    return (evaluated.at(at) - dose) / tolerance;
  }
  bool look(const Vector3& shift) {
    const double square = dot(shift, shift);
    if (square >= best) return false;
    const double difference = residual(shift);
    const double gamma = square + difference * difference;
    if (!(gamma < best)) return false;  // so too for NaN
    best = gamma;
    place = shift;
    return true;
  }
  /// Gauss-Newton: with D linear about `from`, the nearest place in the sense of gamma. A curved surface of equal dose
  /// takes a few rounds; in steep dose it is too thin for any lattice.
  void slide(Vector3 from) {
    constexpr double step = 1.0 / 64;
    for (int round = 0; round < 6; ++round) {
      const double here = residual(from);
      Vector3 slope{};
      for (std::size_t a = 0; a < 3; ++a) {
        Vector3 up = from, down = from;
        up[a] += step;
        down[a] -= step;
        slope[a] = (residual(up) - residual(down)) / (2 * step);
      }
      const double along = (dot(slope, from) - here) / (1 + dot(slope, slope));
      if (std::isnan(along)) return;
      for (std::size_t a = 0; a < 3; ++a) from[a] = slope[a] * along;
      if (dot(from, from) > gamma_cap * gamma_cap) return;
      look(from);
    }
  }
  void run(const std::vector<Offset>& offsets) {
    for (const Offset& offset : offsets) {
      if (offset.square >= best) break;
      if (look(offset.shift)) slide(offset.shift);
    }
    refine();
  }
  /// Small steps along every axis and diagonal, halved where none helps.
  void refine() {
    for (double step = 1.0 / 16; step >= 1.0 / 128; step /= 2) {
      for (int round = 0; round < 4; ++round) {
        const Vector3 from = place;
        for (int i = 0; i < 27; ++i)
          look({from[0] + (i % 3 - 1) * step, from[1] + (i / 3 % 3 - 1) * step, from[2] + (i / 9 - 1) * step});
        if (place == from) break;
      }
    }
  }
};

}  // namespace

double GammaResult::pass_rate() const {
  return tested == 0 ? nothing : static_cast<double>(passed) / static_cast<double>(tested);
}

double GammaResult::pass_rate_within_noise() const {
  return tested == 0 ? nothing : static_cast<double>(passed_within_noise) / static_cast<double>(tested);
}

GammaResult gamma_index(const Image<float>& reference, const Image<float>& evaluated, const std::vector<float>& density,
                        const GammaCriteria& criteria, const std::vector<float>& noise) {
  const Grid& grid = reference.grid;
  if (grid.shape != evaluated.grid.shape) throw Error(Fault::input, "the gamma index needs two doses on one grid");
  float highest = 0;
  for (std::size_t i = 0; i < reference.values.size(); ++i) {
    if (density[i] >= gas_density) highest = std::max(highest, reference.values[i]);
  }
  const auto largest = static_cast<double>(highest);
  const Interpolated field(evaluated, density);
  const std::vector<Offset> offsets = lattice();
  Vector3 scale{};
  for (std::size_t a = 0; a < 3; ++a) scale[a] = criteria.distance / grid.spacing[a];
  GammaResult result;
  result.gamma.assign(grid.voxels(), std::numeric_limits<float>::quiet_NaN());
  std::vector<std::uint8_t> excused(noise.size());
  parallel_for(grid.shape[2], [&](int z) {
    for (int y = 0; y < grid.shape[1]; ++y) {
      for (int x = 0; x < grid.shape[0]; ++x) {
        const std::size_t i = grid.index(x, y, z);
        const auto dose = static_cast<double>(reference.values[i]);
        if (!(dose > 0) || dose < criteria.threshold_share * largest || density[i] < gas_density) continue;
        const double tolerance = criteria.dose_share * (criteria.local ? dose : largest);
        const auto gamma = [&](double of_dose) {
          Search search{field, {double(x), double(y), double(z)}, scale, dose, of_dose};
          search.run(offsets);
          return static_cast<float>(std::sqrt(search.best));
        };
        result.gamma[i] = gamma(tolerance);
        if (noise.empty() || passes(result.gamma[i]) || !(noise[i] > 0)) continue;
        excused[i] = passes(gamma(std::hypot(tolerance, noise_errors * static_cast<double>(noise[i])))) ? 1 : 0;
      }
    }
  });
  for (const float g : result.gamma) {
    if (std::isnan(g)) continue;
    ++result.tested;
    result.passed += passes(g) ? 1 : 0;
    result.mean += static_cast<double>(g);
    result.highest = std::max(result.highest, static_cast<double>(g));
  }
  result.passed_within_noise = result.passed + static_cast<std::size_t>(std::count(excused.begin(), excused.end(), 1));
  if (result.tested > 0) result.mean /= static_cast<double>(result.tested);
  return result;
}

}  // namespace ytterby::validation
