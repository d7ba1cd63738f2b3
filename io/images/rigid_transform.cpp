#include "io/images/rigid_transform.h"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "io/images/linear_transform.h"

namespace ytterby::io {
namespace {

constexpr double rigid_tolerance = 1e-4;  // of products of the matrix's columns

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

void check_rigid(const std::filesystem::path& file, const LinearTransform& a) {
  const std::array<double, 9>& r = a.matrix;
  for (std::size_t i = 0; i < 3; ++i) {
    if (!std::isfinite(a.shift[i])) refuse(file, "its shift is not finite");
    for (std::size_t j = i; j < 3; ++j) {
      const double product = r[i] * r[j] + r[3 + i] * r[3 + j] + r[6 + i] * r[6 + j];
      if (!(std::abs(product - (i == j ? 1.0 : 0.0)) < rigid_tolerance)) {
        refuse(file, "is not rigid (columns " + std::to_string(i) + " and " + std::to_string(j) + " have the product " +
                         to_text(product, 6) + "), needs to be rotation and shift alone");
      }
    }
  }
  const double determinant =
      r[0] * (r[4] * r[8] - r[5] * r[7]) - r[1] * (r[3] * r[8] - r[5] * r[6]) + r[2] * (r[3] * r[7] - r[4] * r[6]);
  if (determinant < 0) refuse(file, "mirrors, needs to be rotation and shift alone");
}

/// A composite applies its last part first.
LinearTransform joined(const std::filesystem::path& file, const std::vector<TransformPart>& parts) {
  LinearTransform all;
  const std::size_t first = parts.front().type == "CompositeTransform" ? 1 : 0;
  for (std::size_t i = parts.size(); i-- > first;) {
    if (parts[i].type == "CompositeTransform") refuse(file, "holds a composite within a composite");
    const LinearTransform part = linear_transform_of(file, parts[i]);
    check_rigid(file, part);
    all = part.after(all);
  }
  if (parts.size() == first) refuse(file, "is a composite without parts");
  return all;
}

/// Inverse of x -> R x + t [mm], in cm.
RigidTransform inverse(const LinearTransform& a) {
  RigidTransform result;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      result.rotation[3 * i + j] = a.matrix[3 * j + i];
      result.shift[i] -= a.matrix[3 * j + i] * a.shift[j] * cm_per_mm;
    }
  }
  return result;
}

}  // namespace

Vector3 RigidTransform::operator()(const Vector3& p) const {
  Vector3 moved = shift;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) moved[i] += rotation[3 * i + j] * p[j];
  }
  return moved;
}

Grid RigidTransform::operator()(const Grid& grid) const {
  Grid moved = grid;
  moved.origin = (*this)(grid.origin);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t a = 0; a < 3; ++a) {
      double sum = 0;
      for (std::size_t j = 0; j < 3; ++j) sum += rotation[3 * i + j] * grid.direction[3 * j + a];
      moved.direction[3 * i + a] = sum;
    }
  }
  return moved;
}

RigidTransform read_transform(const std::filesystem::path& file) {
  return rigid_inverse(file, read_transform_parts(file));
}

RigidTransform rigid_inverse(const std::filesystem::path& file, const std::vector<TransformPart>& parts) {
  return inverse(joined(file, parts));
}

}  // namespace ytterby::io
