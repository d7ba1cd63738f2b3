#include "validation/ensemble/moved_mask.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "validation/ensemble/fields.h"
#include "validation/normal_quantile.h"

namespace ytterby::validation {
namespace {

constexpr double farthest = 3.5;  // standard deviations of the blur from which a distance is read

/// Share of a voxel of `width` inside a plane at `distance` from its centre.
double share_inside(double distance, double width) { return std::clamp(0.5 - distance / width, 0.0, 1.0); }

/// Length of the gradient of a field of distances, averaged where it is below `within`; 1 where there is no surface.
double mean_gradient(const std::vector<double>& distance, const Grid& grid, double within) {
  double sum = 0;
  std::size_t count = 0;
  for (int z = 1; z + 1 < grid.shape[2]; ++z)
    for (int y = 1; y + 1 < grid.shape[1]; ++y)
      for (int x = 1; x + 1 < grid.shape[0]; ++x) {
        if (std::abs(distance[grid.index(x, y, z)]) > within) continue;
        const double gx = distance[grid.index(x + 1, y, z)] - distance[grid.index(x - 1, y, z)];
        const double gy = distance[grid.index(x, y + 1, z)] - distance[grid.index(x, y - 1, z)];
        const double gz = distance[grid.index(x, y, z + 1)] - distance[grid.index(x, y, z - 1)];
        sum += std::hypot(gx / grid.spacing[0], gy / grid.spacing[1], gz / grid.spacing[2]) / 2;
        ++count;
      }
  return count > 0 ? sum / static_cast<double>(count) : 1;
}

/// The offset at which the surface holds `volume` (of voxels, counted by their shares).
double offset_for(const std::vector<double>& distance, double width, double volume, double reach) {
  double low = -reach, high = reach;  // of a surface moved outwards
  constexpr int halvings = 40;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    double sum = 0;
    for (const double d : distance) sum += share_inside(d - middle, width);
    (sum < volume ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

MovableMask::MovableMask(const std::vector<float>& fraction, const Grid& grid, double most) : base_(fraction) {
  width_ = std::cbrt(grid.voxel_volume());
  double volume = 0;
  for (const float f : fraction) volume += static_cast<double>(f);
  if (!(volume > 0)) return;
  const double sigma = std::max(width_, most / farthest);
  const std::vector<double> share = blurred(std::vector<double>(fraction.begin(), fraction.end()), grid, sigma);
  std::vector<double> distance(share.size());
  for (std::size_t v = 0; v < share.size(); ++v) distance[v] = -sigma * normal_quantile(share[v], farthest);
  const double slope = mean_gradient(distance, grid, width_ / 2);
  for (double& d : distance) d /= slope;
  const double offset = offset_for(distance, width_, volume, sigma);
  for (std::size_t v = 0; v < distance.size(); ++v) {
    const double d = distance[v] - offset;
    base_[v] = d < 0 ? 1.0F : 0.0F;
    if (std::abs(d) <= most + width_) near_.push_back({static_cast<std::uint32_t>(v), static_cast<float>(d)});
  }
}

std::vector<float> MovableMask::moved(double distance) const {
  std::vector<float> result = base_;
  for (const Near& n : near_)
    result[n.voxel] = static_cast<float>(share_inside(static_cast<double>(n.distance) - distance, width_));
  return result;
}

}  // namespace ytterby::validation
