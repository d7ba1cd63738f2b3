#include "io/images/displacement_field.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/units.h"
#include "io/images/image_file.h"
#include "io/images/linear_transform.h"
#include "io/images/rigid_transform.h"
#include "io/images/transform_file.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

/// FixedParameters: size, origin, spacing and direction, row by row; Parameters: a vector for each voxel, x fastest.
Deformation field_of(const fs::path& file, const TransformPart& part) {
  if (part.fixed.size() != 18) {
    refuse(file, "its displacement field has " + std::to_string(part.fixed.size()) + " FixedParameters, needs 18");
  }
  Deformation field;
  double voxels = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    const double size = part.fixed[a];
    if (!(size >= 1) || size > 100'000 || size != std::floor(size)) {
      refuse(file, "its displacement field has a size that no image has");
    }
    voxels *= size;
    field.grid.shape[a] = static_cast<int>(size);
    field.grid.origin[a] = part.fixed[3 + a] * cm_per_mm;
    field.grid.spacing[a] = part.fixed[6 + a] * cm_per_mm;
  }
  std::copy_n(part.fixed.begin() + 9, 9, field.grid.direction.begin());
  settle_grid(file, field.grid);
  if (static_cast<double>(part.parameters.size()) != 3 * voxels) {
    refuse(file, "its displacement field has " + std::to_string(part.parameters.size()) +
                     " numbers, needs three for each of its voxels");
  }
  field.shift.resize(field.grid.voxels());
  for (std::size_t i = 0; i < field.shift.size(); ++i) {
    for (std::size_t a = 0; a < 3; ++a) field.shift[i][a] = part.parameters[3 * i + a] * cm_per_mm;
  }
  return field;
}

/// Centre of a voxel [cm].
Vector3 centre(const Grid& grid, int x, int y, int z) {
  Vector3 point = grid.origin;
  const std::array<int, 3> at{x, y, z};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t a = 0; a < 3; ++a) point[row] += grid.direction[3 * row + a] * grid.spacing[a] * at[a];
  }
  return point;
}

/// What is applied after the field moves where its vectors end.
void apply_after(const LinearTransform& after, Deformation& field) {
  std::size_t i = 0;
  for (int z = 0; z < field.grid.shape[2]; ++z) {
    for (int y = 0; y < field.grid.shape[1]; ++y) {
      for (int x = 0; x < field.grid.shape[0]; ++x, ++i) {
        const Vector3 from = centre(field.grid, x, y, z);
        Vector3 to{};
        for (std::size_t a = 0; a < 3; ++a) to[a] = (from[a] + field.shift[i][a]) / cm_per_mm;
        to = after(to);
        for (std::size_t a = 0; a < 3; ++a) field.shift[i][a] = to[a] * cm_per_mm - from[a];
      }
    }
  }
}

/// What is applied before the field: its grid lies where the way leads into it, and its vectors start from there.
void apply_before(const RigidTransform& back, Deformation& field) {
  const Grid moved = back(field.grid);
  std::size_t i = 0;
  for (int z = 0; z < field.grid.shape[2]; ++z) {
    for (int y = 0; y < field.grid.shape[1]; ++y) {
      for (int x = 0; x < field.grid.shape[0]; ++x, ++i) {
        const Vector3 between = centre(field.grid, x, y, z), from = centre(moved, x, y, z);
        for (std::size_t a = 0; a < 3; ++a) field.shift[i][a] += between[a] - from[a];
      }
    }
  }
  field.grid = moved;
}

Deformation read_composite(const fs::path& file) {
  std::vector<TransformPart> parts = read_transform_parts(file);
  if (parts.front().type == "CompositeTransform") parts.erase(parts.begin());
  const auto is_field = [](const TransformPart& p) { return p.type == displacement_field_type; };
  if (std::count_if(parts.begin(), parts.end(), is_field) != 1) {
    refuse(file, "holds several displacement fields: write them out as one (.nrrd, .mha, .nii.gz)");
  }
  const auto at = std::find_if(parts.begin(), parts.end(), is_field);
  Deformation field = field_of(file, *at);
  // The last part of a composite is applied first.
  if (const std::vector<TransformPart> before(at + 1, parts.end()); !before.empty()) {
    apply_before(rigid_inverse(file, before), field);
  }
  LinearTransform after;
  for (auto part = at; part != parts.begin();) after = linear_transform_of(file, *--part).after(after);
  if (at != parts.begin()) apply_after(after, field);
  return field;
}

}  // namespace

bool is_displacement_field(const fs::path& file) {
  return is_image_name(file.filename().string()) || holds_displacement_field(file);
}

Deformation read_displacement_field(const fs::path& file) {
  return is_image_name(file.filename().string()) ? read_vector_image(file) : read_composite(file);
}

}  // namespace ytterby::io
