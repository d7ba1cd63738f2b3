#include "validation/margin.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace ytterby::validation {
namespace {

/// A step between voxels, with the length of a voxel along it [cm].
struct Step {
  std::array<int, 3> index;
  double length, extent;
};

/// All steps that may end within `reach`.
std::vector<Step> steps_within(const Grid& grid, double reach) {
  std::array<int, 3> most{};
  for (std::size_t a = 0; a < 3; ++a) most[a] = static_cast<int>(std::ceil(reach / grid.spacing[a])) + 1;
  std::vector<Step> steps;
  for (int z = -most[2]; z <= most[2]; ++z) {
    for (int y = -most[1]; y <= most[1]; ++y) {
      for (int x = -most[0]; x <= most[0]; ++x) {
        const Vector3 d{x * grid.spacing[0], y * grid.spacing[1], z * grid.spacing[2]};
        const double length = std::hypot(d[0], d[1], d[2]);
        if (length == 0) continue;
        double extent = 0;  // width of the voxel across planes at right angles to the step, were it a ball of its axes
        for (std::size_t a = 0; a < 3; ++a) extent += std::pow(d[a] / length * grid.spacing[a], 2);
        steps.push_back({{x, y, z}, length, std::sqrt(extent)});
      }
    }
  }
  return steps;
}

bool on_grid(const Grid& grid, const std::array<int, 3>& i) {
  return i[0] >= 0 && i[1] >= 0 && i[2] >= 0 && i[0] < grid.shape[0] && i[1] < grid.shape[1] && i[2] < grid.shape[2];
}

/// Voxels of the tumour with a face towards something less inside.
bool at_surface(const std::vector<float>& tumours, const Grid& grid, const std::array<int, 3>& i) {
  const float own = tumours[grid.index(i[0], i[1], i[2])];
  if (own <= 0) return false;
  if (own < 1) return true;
  for (std::size_t a = 0; a < 3; ++a) {
    for (const int sign : {-1, 1}) {
      std::array<int, 3> next = i;
      next[a] += sign;
      if (on_grid(grid, next) && tumours[grid.index(next[0], next[1], next[2])] < 1) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<float> shell_around(const std::vector<float>& tumours, const std::vector<float>& tissue, const Grid& grid,
                                double width) {
  const double coarsest = *std::max_element(grid.spacing.begin(), grid.spacing.end());
  const std::vector<Step> steps = steps_within(grid, width + coarsest);
  std::vector<float> distance(grid.voxels(), std::numeric_limits<float>::infinity());  // of centres to the surface [cm]
  std::vector<float> extent(grid.voxels(), 1);                                         // of the voxel along the way
  for (int z = 0; z < grid.shape[2]; ++z) {
    for (int y = 0; y < grid.shape[1]; ++y) {
      for (int x = 0; x < grid.shape[0]; ++x) {
        if (!at_surface(tumours, grid, {x, y, z})) continue;
        const double inside = static_cast<double>(tumours[grid.index(x, y, z)]);
        for (const Step& step : steps) {
          const std::array<int, 3> to{x + step.index[0], y + step.index[1], z + step.index[2]};
          if (!on_grid(grid, to)) continue;
          const std::size_t i = grid.index(to[0], to[1], to[2]);
          const auto d = static_cast<float>(step.length + (0.5 - inside) * step.extent);
          if (d >= distance[i]) continue;
          distance[i] = d;
          extent[i] = static_cast<float>(step.extent);
        }
      }
    }
  }
  std::vector<float> shell(grid.voxels(), 0);
  for (std::size_t i = 0; i < shell.size(); ++i) {
    if (tumours[i] >= 1) continue;
    const float outside = 1 - tumours[i];
    const float within =
        tumours[i] > 0 ? 1.0F : std::clamp((static_cast<float>(width) - distance[i]) / extent[i] + 0.5F, 0.0F, 1.0F);
    shell[i] = std::min(within * outside, tissue.empty() ? 1.0F : tissue[i]);
  }
  return shell;
}

}  // namespace ytterby::validation
