#include "io/images/linear_transform.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace ytterby::io {
namespace {

using Matrix = std::array<double, 9>;  // row-major
using Numbers = std::vector<double>;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

Vector3 times(const Matrix& m, const Vector3& x) {
  Vector3 y{};
  for (std::size_t i = 0; i < 3; ++i) y[i] = m[3 * i] * x[0] + m[3 * i + 1] * x[1] + m[3 * i + 2] * x[2];
  return y;
}

Matrix times(const Matrix& a, const Matrix& b) {
  Matrix c{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t k = 0; k < 3; ++k) c[3 * i + j] += a[3 * i + k] * b[3 * k + j];
    }
  }
  return c;
}

Matrix turn_about(std::size_t axis, double angle) {
  Matrix m{1, 0, 0, 0, 1, 0, 0, 0, 1};
  const std::size_t a = (axis + 1) % 3, b = (axis + 2) % 3;
  m[3 * a + a] = m[3 * b + b] = std::cos(angle);
  m[3 * a + b] = -std::sin(angle);
  m[3 * b + a] = std::sin(angle);
  return m;
}

/// Of a unit quaternion (x, y, z, w).
Matrix of_quaternion(double x, double y, double z, double w) {
  return {1 - 2 * (y * y + z * z), 2 * (x * y - z * w),     2 * (x * z + y * w),
          2 * (x * y + z * w),     1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
          2 * (x * z - y * w),     2 * (y * z + x * w),     1 - 2 * (x * x + y * y)};
}

/// A versor's vector part; the scalar part is the rest of a unit quaternion.
Matrix of_versor(const std::filesystem::path& file, double x, double y, double z) {
  const double rest = 1 - (x * x + y * y + z * z);
  if (rest < 0) refuse(file, "its versor is longer than 1");
  return of_quaternion(x, y, z, std::sqrt(rest));
}

/// Euler angles: Z X Y, or Z Y X where ITK's flag ComputeZYX says so.
Matrix of_angles(const Numbers& p, bool zyx) {
  const Matrix x = turn_about(0, p[0]), y = turn_about(1, p[1]), z = turn_about(2, p[2]);
  return zyx ? times(z, times(y, x)) : times(z, times(x, y));
}

/// Shift of a matrix about a centre, and the translation beside it: t + c - M c.
Vector3 about(const Matrix& m, const Vector3& centre, const Vector3& translation) {
  const Vector3 turned = times(m, centre);
  Vector3 shift{};
  for (std::size_t i = 0; i < 3; ++i) shift[i] = translation[i] + centre[i] - turned[i];
  return shift;
}

Vector3 three(const Numbers& numbers, std::size_t from) {
  return {numbers.at(from), numbers.at(from + 1), numbers.at(from + 2)};
}

/// Parameters of ITK's transforms of 3 dimensions that can be rigid.
struct Kind {
  const char* type;
  std::size_t parameters, least_fixed, most_fixed;
};
constexpr std::array<Kind, 11> kinds{{{"AffineTransform", 12, 3, 3},
                                      {"MatrixOffsetTransformBase", 12, 3, 3},
                                      {"Rigid3DTransform", 12, 3, 3},
                                      {"Euler3DTransform", 6, 3, 4},
                                      {"CenteredEuler3DTransform", 9, 0, 1},
                                      {"VersorRigid3DTransform", 6, 3, 3},
                                      {"VersorTransform", 3, 3, 3},
                                      {"QuaternionRigidTransform", 7, 3, 3},
                                      {"Similarity3DTransform", 7, 3, 3},
                                      {"TranslationTransform", 3, 0, 0},
                                      {"IdentityTransform", 0, 0, 3}}};

void check_counts(const std::filesystem::path& file, const TransformPart& t) {
  const auto* const kind = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& k) { return t.type == k.type; });
  if (kind == kinds.end()) {
    const bool deforms =
        t.type.find("Displacement") != std::string::npos || t.type.find("BSpline") != std::string::npos;
    refuse(file,
           "holds a " + t.type + ", " +
               (deforms ? "a deformation: give its displacement field as an image (.nrrd, .mha, .nii.gz) or in .h5"
                        : "needs to be a rigid transform"));
  }
  if (t.parameters.size() != kind->parameters || t.fixed.size() < kind->least_fixed ||
      t.fixed.size() > kind->most_fixed) {
    refuse(file, "its " + t.type + " has " + std::to_string(t.parameters.size()) + " Parameters and " +
                     std::to_string(t.fixed.size()) + " FixedParameters, needs " + std::to_string(kind->parameters) +
                     " and " + std::to_string(kind->least_fixed));
  }
}

}  // namespace

Vector3 LinearTransform::operator()(const Vector3& point) const {
  Vector3 moved = times(matrix, point);
  for (std::size_t a = 0; a < 3; ++a) moved[a] += shift[a];
  return moved;
}

LinearTransform LinearTransform::after(const LinearTransform& first) const {
  return {times(matrix, first.matrix), (*this)(first.shift)};
}

/// Formulas of the ITK Software Guide, 3.9 (transforms), each with its own order of parameters.
LinearTransform linear_transform_of(const std::filesystem::path& file, const TransformPart& t) {
  check_counts(file, t);
  const Numbers& p = t.parameters;
  LinearTransform a;
  if (t.type == "IdentityTransform") return a;
  if (t.type == "TranslationTransform") {
    a.shift = three(p, 0);
    return a;
  }
  Vector3 centre = t.fixed.size() >= 3 ? three(t.fixed, 0) : Vector3{0, 0, 0}, translation{0, 0, 0};
  if (p.size() == 12) {
    std::copy_n(p.begin(), 9, a.matrix.begin());
    translation = three(p, 9);
  } else if (t.type == "Euler3DTransform") {
    a.matrix = of_angles(p, t.fixed.size() == 4 && t.fixed[3] != 0);
    translation = three(p, 3);
  } else if (t.type == "CenteredEuler3DTransform") {
    a.matrix = of_angles(p, !t.fixed.empty() && t.fixed[0] != 0);
    centre = three(p, 3);
    translation = three(p, 6);
  } else if (t.type == "QuaternionRigidTransform") {
    a.matrix = of_quaternion(p[0], p[1], p[2], p[3]);
    translation = three(p, 4);
  } else {
    a.matrix = of_versor(file, p[0], p[1], p[2]);
    if (p.size() > 3) translation = three(p, 3);
    if (t.type == "Similarity3DTransform") {
      for (double& v : a.matrix) v *= p[6];
    }
  }
  a.shift = about(a.matrix, centre, translation);
  return a;
}

}  // namespace ytterby::io
