#include "engine/dose/voxel_uncertainty.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ytterby {

VoxelUncertainty voxel_uncertainty(const DoseMap& map, const Structure& structure, double mean) {
  std::vector<double> errors;
  for (std::size_t v = 0; v < map.dose.size(); ++v) {
    const auto dose = static_cast<double>(map.dose[v]), error = static_cast<double>(map.uncertainty[v]);
    if (structure.fraction[v] < 0.5F || !(dose > 0.5 * mean)) continue;
    const double kernel = map.correlated ? static_cast<double>(map.correlated->kernel_error[v]) : 0;
    errors.push_back(std::isnan(error) ? std::numeric_limits<double>::infinity() : std::hypot(error, kernel) / dose);
  }
  VoxelUncertainty u;
  u.voxels = errors.size();
  if (errors.empty()) return u;
  const auto at = [&](double share) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(errors.size()))) - 1;
    const auto place = errors.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(errors.begin(), place, errors.end());
    return *place;
  };
  u.median = at(0.5);
  u.p95 = at(0.95);
  u.worst = at(1);
  return u;
}

}  // namespace ytterby
