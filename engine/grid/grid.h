#pragma once
// Where voxels are: a regular grid placed in the patient.

#include <array>
#include <cstddef>

namespace ytterby {

using Vector3 = std::array<double, 3>;

/// A regular voxel grid in the patient's LPS frame (x to the left, y to posterior, z to superior, as ITK and DICOM).
/// Values on a grid are stored x fastest: index = x + shape[0] * (y + shape[1] * z).
struct Grid {
  std::array<int, 3> shape{0, 0, 0};                           // voxels along x, y, z
  Vector3 spacing{0, 0, 0};                                    // voxel size [cm]
  Vector3 origin{0, 0, 0};                                     // centre of voxel (0,0,0) in the patient [cm]
  std::array<double, 9> direction{1, 0, 0, 0, 1, 0, 0, 0, 1};  // row-major 3x3; column j is the unit vector of axis j

  [[nodiscard]] std::size_t voxels() const {
    return static_cast<std::size_t>(shape[0]) * static_cast<std::size_t>(shape[1]) * static_cast<std::size_t>(shape[2]);
  }
  [[nodiscard]] double voxel_volume() const { return spacing[0] * spacing[1] * spacing[2]; }  // [cm3]
  [[nodiscard]] std::size_t index(int x, int y, int z) const {
    return static_cast<std::size_t>(x) +
           static_cast<std::size_t>(shape[0]) *
               (static_cast<std::size_t>(y) + static_cast<std::size_t>(shape[1]) * static_cast<std::size_t>(z));
  }
  bool operator==(const Grid&) const = default;
};

}  // namespace ytterby
