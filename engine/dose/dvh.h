#pragma once
// Dose-volume histograms of structures with fractional voxels.

#include <string>
#include <vector>

#include "engine/patient/phantom.h"
#include "engine/patient/structures.h"

namespace ytterby {

/// Cumulative: share of the volume that receives at least a dose.
struct Dvh {
  std::string name;
  std::vector<float> dose;             // [Gy], ascending from 0
  std::vector<float> volume_fraction;  // 1 at dose 0
};

/// The doses of a structure's voxels, sorted; every voxel counts by the volume that lies inside.
///
/// Of structures of role other, voxels in gas (below 0.05 g/cm3) are left out: dose to gas has no meaning there.
class DoseVolume {
 public:
  DoseVolume(const std::vector<float>& dose, const Structure& structure, const std::vector<float>& density);

  [[nodiscard]] bool empty() const { return voxels_.empty(); }
  /// D_x: the largest dose that at least the share x (0 to 1) of the volume receives [Gy]; NaN where empty.
  [[nodiscard]] double dose_to(double share) const;
  /// V_d: share of the volume that receives at least `dose` [Gy].
  [[nodiscard]] double volume_above(double dose) const;
  /// The histogram at `points` doses from 0 to the largest.
  [[nodiscard]] Dvh histogram(std::string name, int points = 1001) const;

 private:
  struct Voxel {
    float dose;
    double share_above;  // of the volume with this dose or more
  };
  std::vector<Voxel> voxels_;  // by falling dose
};

}  // namespace ytterby
