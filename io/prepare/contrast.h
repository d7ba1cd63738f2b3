#pragma once
// Contrast medium in soft tissue: what a CT shows of liver, tumours and perfused volumes is read as tissue with iodine,
// never as bone or metal.

#include <cstdint>
#include <vector>

#include "engine/grid/crop.h"
#include "engine/grid/image.h"
#include "engine/grid/resample.h"
#include "io/prepare/hu_calibration.h"

namespace ytterby::io {

/// Liver without contrast medium: ICRU 44's (1.06 g/cm3) has 53 HU at 70 keV by XCOM, about the mean energy of 120 kV.
/// What is above it in an organ is taken as iodine.
inline constexpr double native_hu = 53;
/// CT number of 1 mg/mL of iodine: 25 to 26 at 120 kV (XCOM at 70 keV: 26).
inline constexpr double hu_per_mg_iodine = 25;
/// A structure whose mean is above this is warned of.
inline constexpr double contrast_limit_hu = 80;

/// Density [g/cm3] of soft tissue with contrast medium: Schneider's curve up to native_hu, then 0.8 mg more for each mg
/// of iodine (its own volume taken off; 0.46 in lipiodol, 1.16 with iohexol's carrier), 1.28 (lipiodol) at most.
double contrast_density(double hu);

/// Index of Schneider's soft tissue in a CT's materials, and of what is appended to his bins: soft tissue with 10, 25,
/// 50 and 100 mg/mL of iodine.
std::vector<Material> ct_materials();
std::uint8_t contrast_material(double hu);

/// CT voxels that are soft tissue of organs.
struct OrganVoxels {
  std::vector<bool> inside;  // of the CT's grid; empty: none are known
  Box box;                   // around them
  std::vector<float> level;  // mean CT number nearby within `box`; noise would make a kink of the curve a bias
  std::size_t metal = 0;     // of them above 1600 HU

  [[nodiscard]] float level_of(const Grid& grid, std::size_t i) const;
};

/// Finds them: `share` [1] of each voxel of `box` that lies in an organ; half of it counts. Bone that a mask cuts into
/// is left out: voxels of 300 HU and more where most of what is dense within 8 mm lies outside the organs.
OrganVoxels find_organ_voxels(const Image<float>& ct, const Box& box, const std::vector<float>& share);

/// The medium of a CT voxel of an organ, by its CT number and the level nearby. `by_curve`: a scanner's own curve
/// decides about the density, as it says.
VoxelMedium organ_medium(const HuCalibration& calibration, float hu, float level);

}  // namespace ytterby::io
