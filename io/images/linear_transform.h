#pragma once
// The linear parts of ITK transform files, with ITK's own order of parameters.

#include <array>
#include <filesystem>

#include "engine/grid/grid.h"
#include "io/images/transform_file.h"

namespace ytterby::io {

/// x -> matrix x + shift, as ITK applies it to points [mm].
struct LinearTransform {
  std::array<double, 9> matrix{1, 0, 0, 0, 1, 0, 0, 0, 1};  // row-major
  Vector3 shift{0, 0, 0};

  [[nodiscard]] Vector3 operator()(const Vector3& point) const;
  /// This one applied to what `first` gives.
  [[nodiscard]] LinearTransform after(const LinearTransform& first) const;
};

/// One part of a file. Throws Fault::input for what is no linear transform of 3 dimensions, and for wrong numbers of
/// parameters. Whether it is rigid is not asked.
LinearTransform linear_transform_of(const std::filesystem::path& file, const TransformPart& part);

}  // namespace ytterby::io
