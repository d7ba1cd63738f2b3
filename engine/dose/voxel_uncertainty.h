#pragma once
// How well a structure's voxels are known.

#include <cstddef>
#include <limits>

#include "engine/dose/dose_map.h"
#include "engine/patient/structures.h"

namespace ytterby {

/// Relative standard errors [1], the reference kernel's included, of the voxels that are at least half inside a
/// structure and have above half its mean dose. NaN where there are none; infinite where a voxel's is unknown.
struct VoxelUncertainty {
  double median = std::numeric_limits<double>::quiet_NaN();
  double p95 = std::numeric_limits<double>::quiet_NaN();  // 95 % of the voxels have at most this
  double worst = std::numeric_limits<double>::quiet_NaN();
  std::size_t voxels = 0;
};

/// mean: of the structure [Gy]. The map has errors.
VoxelUncertainty voxel_uncertainty(const DoseMap& map, const Structure& structure, double mean);

}  // namespace ytterby
