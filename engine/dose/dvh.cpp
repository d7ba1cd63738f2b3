#include "engine/dose/dvh.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/patient/activity.h"

namespace ytterby {

DoseVolume::DoseVolume(const std::vector<float>& dose, const Structure& structure, const std::vector<float>& density) {
  for (std::size_t i = 0; i < dose.size(); ++i) {
    const float inside = structure.fraction[i];
    if (inside <= 0 || (structure.role == Role::other && density[i] < gas_density)) continue;
    voxels_.push_back({dose[i], static_cast<double>(inside)});
  }
  std::sort(voxels_.begin(), voxels_.end(), [](const Voxel& a, const Voxel& b) { return a.dose > b.dose; });
  double sum = 0;
  for (Voxel& voxel : voxels_) voxel.share_above = sum += voxel.share_above;
  for (Voxel& voxel : voxels_) voxel.share_above /= sum;
}

double DoseVolume::dose_to(double share) const {
  if (voxels_.empty()) return std::numeric_limits<double>::quiet_NaN();
  // 1e-9 takes the rounding of the running sum.
  const auto found = std::partition_point(voxels_.begin(), voxels_.end(),
                                          [share](const Voxel& v) { return v.share_above < share - 1e-9; });
  return static_cast<double>(found == voxels_.end() ? voxels_.back().dose : found->dose);
}

double DoseVolume::volume_above(double dose) const {
  const auto below = std::partition_point(voxels_.begin(), voxels_.end(),
                                          [dose](const Voxel& v) { return static_cast<double>(v.dose) >= dose; });
  return below == voxels_.begin() ? 0.0 : (below - 1)->share_above;
}

Dvh DoseVolume::histogram(std::string name, int points) const {
  Dvh dvh{std::move(name), {}, {}};
  if (voxels_.empty()) return dvh;
  const double highest = static_cast<double>(voxels_.front().dose);
  for (int i = 0; i < points; ++i) {
    const auto dose = static_cast<float>(highest * i / (points - 1));
    dvh.dose.push_back(dose);
    dvh.volume_fraction.push_back(static_cast<float>(volume_above(static_cast<double>(dose))));
  }
  return dvh;
}

}  // namespace ytterby
