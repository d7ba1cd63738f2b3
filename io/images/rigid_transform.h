#pragma once
// Where an image of another frame of reference lies in the CT's.

#include <array>
#include <filesystem>
#include <vector>

#include "engine/grid/grid.h"
#include "io/images/transform_file.h"

namespace ytterby::io {

/// Takes points of the moving image's frame to the CT's: rotation and shift.
struct RigidTransform {
  std::array<double, 9> rotation{1, 0, 0, 0, 1, 0, 0, 0, 1};  // row-major
  Vector3 shift{0, 0, 0};                                     // [cm]

  [[nodiscard]] Vector3 operator()(const Vector3& point) const;
  /// The grid moved with its content: nothing is resampled.
  [[nodiscard]] Grid operator()(const Grid& grid) const;
};

/// Reads an ITK transform file (transform_file.h): one rigid transform, or a composite of rigid parts. It holds, as
/// resampling has it, the way from points of the CT to points of the moving image; the inverse is returned. Throws
/// Fault::input for files that are none, wrong numbers of parameters, deformations, and what is not rigid.
RigidTransform read_transform(const std::filesystem::path& file);

/// The same of parts that were read; the last one is applied first.
RigidTransform rigid_inverse(const std::filesystem::path& file, const std::vector<TransformPart>& parts);

}  // namespace ytterby::io
