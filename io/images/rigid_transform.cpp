#include "io/images/rigid_transform.h"

#include <itkMatrixOffsetTransformBase.h>
#include <itkTransformFactoryBase.h>
#include <itkTransformFileReader.h>
#include <itkTranslationTransform.h>
#include <itkTxtTransformIO.h>

#include <cmath>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"

namespace ytterby::io {
namespace {

using Affine = itk::MatrixOffsetTransformBase<double, 3, 3>;
using Shift = itk::TranslationTransform<double, 3>;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

/// Inverse of x -> R x + t.
RigidTransform inverse(const std::array<double, 9>& r, const Vector3& t) {
  RigidTransform result;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      result.rotation[3 * i + j] = r[3 * j + i];
      result.shift[i] -= r[3 * j + i] * t[j];
    }
  }
  return result;
}

void check_rigid(const std::filesystem::path& file, const std::array<double, 9>& r) {
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = a; b < 3; ++b) {
      const double product = r[a] * r[b] + r[3 + a] * r[3 + b] + r[6 + a] * r[6 + b];
      if (!(std::abs(product - (a == b ? 1.0 : 0.0)) < 1e-4)) {
        refuse(file, "is not rigid (columns " + std::to_string(a) + " and " + std::to_string(b) + " have the product " +
                         to_text(product, 6) + "), needs to be rotation and shift alone");
      }
    }
  }
  const double determinant =
      r[0] * (r[4] * r[8] - r[5] * r[7]) - r[1] * (r[3] * r[8] - r[5] * r[6]) + r[2] * (r[3] * r[7] - r[4] * r[6]);
  if (determinant < 0) refuse(file, "mirrors, needs to be rotation and shift alone");
}

RigidTransform rigid_of(const std::filesystem::path& file, const itk::TransformBaseTemplate<double>& transform) {
  std::array<double, 9> r{1, 0, 0, 0, 1, 0, 0, 0, 1};
  Vector3 t{};
  if (const auto* affine = dynamic_cast<const Affine*>(&transform)) {
    for (unsigned i = 0; i < 3; ++i) {
      for (unsigned j = 0; j < 3; ++j) r[3 * i + j] = affine->GetMatrix()(i, j);
      t[i] = affine->GetOffset()[i] * cm_per_mm;
    }
  } else if (const auto* shift = dynamic_cast<const Shift*>(&transform)) {
    for (unsigned i = 0; i < 3; ++i) t[i] = shift->GetOffset()[i] * cm_per_mm;
  } else {
    refuse(file, "is a " + std::string(transform.GetNameOfClass()) + ", needs to be a rigid transform");
  }
  for (const double v : t) {
    if (!std::isfinite(v)) refuse(file, "its shift is not finite");
  }
  check_rigid(file, r);
  return inverse(r, t);
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
  if (!std::filesystem::is_regular_file(file)) refuse(file, "no such file");
  itk::TransformFactoryBase::RegisterDefaultTransforms();
  itk::Object::GlobalWarningDisplayOff();
  try {
    auto reader = itk::TransformFileReaderTemplate<double>::New();
    reader->SetTransformIO(itk::TxtTransformIOTemplate<double>::New());
    reader->SetFileName(file.string());
    reader->Update();
    const auto* list = reader->GetTransformList();
    if (list->size() != 1) refuse(file, "holds " + std::to_string(list->size()) + " transforms, needs to hold one");
    return rigid_of(file, *list->front());
  } catch (const itk::ExceptionObject&) {
    refuse(file, "is no ITK transform file (#Insight Transform File V1.0)");
  }
}

}  // namespace ytterby::io
