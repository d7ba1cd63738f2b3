#include "io/dicom/registration.h"

#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "io/dicom/object.h"

namespace ytterby::io {
namespace {

constexpr double rigid_tolerance = 1e-3;  // of products of columns; matrices are rounded to some digits

[[noreturn]] void fail(const std::string& what) { throw Error(Fault::input, what); }

RigidTransform inverse(const RigidTransform& t) {
  RigidTransform result;
  for (std::size_t i = 0; i < 3; ++i) {
    result.shift[i] = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      result.rotation[3 * i + j] = t.rotation[3 * j + i];
      result.shift[i] -= t.rotation[3 * j + i] * t.shift[j];
    }
  }
  return result;
}

/// First `inner`, then `outer`.
RigidTransform after(const RigidTransform& outer, const RigidTransform& inner) {
  RigidTransform result;
  result.shift = outer(inner.shift);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      result.rotation[3 * i + j] = 0;
      for (std::size_t k = 0; k < 3; ++k)
        result.rotation[3 * i + j] += outer.rotation[3 * i + k] * inner.rotation[3 * k + j];
    }
  }
  return result;
}

void check_rigid(const std::array<double, 9>& r) {
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = a; b < 3; ++b) {
      const double product = r[a] * r[b] + r[3 + a] * r[3 + b] + r[6 + a] * r[6 + b];
      if (!(std::abs(product - (a == b ? 1.0 : 0.0)) < rigid_tolerance)) {
        fail("its matrix is not rigid (columns " + std::to_string(a) + " and " + std::to_string(b) +
             " have the product " + to_text(product, 6) + "), needs to be rotation and shift alone");
      }
    }
  }
  const double determinant =
      r[0] * (r[4] * r[8] - r[5] * r[7]) - r[1] * (r[3] * r[8] - r[5] * r[6]) + r[2] * (r[3] * r[7] - r[4] * r[6]);
  if (determinant < 0) fail("its matrix mirrors, needs to be rotation and shift alone");
}

/// Gram-Schmidt: takes the rounding out of the columns.
void orthonormalise(std::array<double, 9>& r) {
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const double along = r[a] * r[b] + r[3 + a] * r[3 + b] + r[6 + a] * r[6 + b];
      for (std::size_t row = 0; row < 9; row += 3) r[row + a] -= along * r[row + b];
    }
    const double length = std::hypot(r[a], r[3 + a], r[6 + a]);
    for (std::size_t row = 0; row < 9; row += 3) r[row + a] /= length;
  }
}

RigidTransform matrix_of(DcmItem& item) {
  const std::vector<double> m = numbers_of(item, DCM_FrameOfReferenceTransformationMatrix);
  if (m.size() != 16)
    fail(name_of(DCM_FrameOfReferenceTransformationMatrix) + " has " + std::to_string(m.size()) + " numbers, needs 16");
  if (m[12] != 0 || m[13] != 0 || m[14] != 0 || m[15] != 1) fail("the last row of its matrix is not 0 0 0 1");
  RigidTransform t;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) t.rotation[3 * i + j] = m[4 * i + j];
    t.shift[i] = m[4 * i + 3] * cm_per_mm;
    if (!std::isfinite(t.shift[i])) fail("its shift is not finite");
  }
  check_rigid(t.rotation);
  orthonormalise(t.rotation);
  return t;
}

/// From an item's frame to the object's.
RigidTransform to_object(DcmItem& item) {
  RigidTransform t;
  for (DcmItem* registration : items_of(item, DCM_MatrixRegistrationSequence)) {
    for (DcmItem* matrix : items_of(*registration, DCM_MatrixSequence)) t = after(matrix_of(*matrix), t);
  }
  return t;
}

RigidTransform read_object(DcmItem& d, const std::string& moving, const std::string& target) {
  if (const std::string modality = text_of(d, DCM_Modality); modality != "REG") {
    fail("is of modality \"" + modality +
         "\", a transform needs to be a Spatial Registration (REG) or an ITK transform");
  }
  if (text_of(d, DCM_SOPClassUID) == UID_DeformableSpatialRegistrationStorage ||
      !items_of(d, DCM_DeformableRegistrationSequence).empty()) {
    fail("is a deformable registration, needs to be a rigid one (Spatial Registration)");
  }
  std::map<std::string, std::vector<DcmItem*>> frames;
  for (DcmItem* item : items_of(d, DCM_RegistrationSequence))
    frames[text_of(*item, DCM_FrameOfReferenceUID)].push_back(item);
  const std::string own = text_of(d, DCM_FrameOfReferenceUID);
  std::string list = own + " (its own)";
  for (const auto& [uid, items] : frames) list += uid == own ? "" : ", " + uid;
  const auto find = [&](const std::string& uid) -> std::optional<RigidTransform> {
    const auto found = frames.find(uid);
    if (found != frames.end() && found->second.size() > 1)
      fail("registers frame of reference " + uid + " more than once");
    if (found != frames.end()) return to_object(*found->second.front());
    return uid == own ? std::optional(RigidTransform{}) : std::nullopt;
  };
  std::string from = moving;
  const std::string to = target.empty() ? own : target;
  if (from.empty()) {
    std::vector<std::string> others;
    if (own != to) others.push_back(own);
    for (const auto& [uid, items] : frames) {
      if (uid != to && uid != own) others.push_back(uid);
    }
    if (others.size() != 1)
      fail("registers " + std::to_string(others.size()) + " frames of reference, and the image states none");
    from = others.front();
  }
  const auto first = find(from), second = find(to);
  if (!first || !second) fail("does not register frame of reference " + (first ? to : from) + "; it has " + list);
  return after(inverse(*second), *first);
}

}  // namespace

RigidTransform read_registration(const std::filesystem::path& file, const std::string& moving,
                                 const std::string& target) {
  const auto object = load_dicom(file);
  if (!object) throw Error(Fault::input, file.string() + ": is no DICOM file");
  try {
    return read_object(*object->getDataset(), moving, target);
  } catch (const Error& error) {
    throw Error(error.fault(), file.string() + ": " + error.what());
  }
}

bool is_registration(const std::filesystem::path& file) {
  std::error_code error;
  return std::filesystem::is_regular_file(file, error) && load_dicom(file, 64) != nullptr;
}

}  // namespace ytterby::io
