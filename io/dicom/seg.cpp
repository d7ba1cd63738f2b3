#include "io/dicom/seg.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "io/dicom/object.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr double step_tolerance = 0.05;  // of the distance of slices

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

/// What the whole object has in common.
struct Layout {
  std::size_t columns = 0, rows = 0, frames = 0;
  bool binary = true;
  double maximum = 1;  // of fractional values
};

struct Frame {
  std::string segment;
  Vector3 position{};  // [mm]
  std::array<Vector3, 3> axes;
  double row_spacing = 0, column_spacing = 0, slice_spacing = 0;  // [mm]; 0: not stated
  double along = 0;
  [[nodiscard]] bool operator<(const Frame& other) const { return along < other.along; }
};

std::string number_of_segment(DcmItem& d, const fs::path& file, const std::string& wanted) {
  std::string list, found;
  for (DcmItem* item : items_of(d, DCM_SegmentSequence)) {
    const std::string number = text_of(*item, DCM_SegmentNumber), label = text_of(*item, DCM_SegmentLabel);
    list += (list.empty() ? "" : ", ") + number + " \"" + label + "\"";
    if (number != wanted && label != wanted) continue;
    if (number == wanted) return number;
    if (!found.empty()) refuse(file, "has several segments \"" + wanted + "\", name one by its number");
    found = number;
  }
  if (found.empty())
    refuse(file, "has no segment \"" + wanted + "\"; there " + (list.empty() ? "is none" : "are " + list));
  return found;
}

Layout read_layout(DcmItem& d, const fs::path& file) {
  Layout layout;
  const auto count = [&](const DcmTagKey& key) {
    const int n = count_of(d, key).value_or(0);
    if (n < 1 || n > 65535) refuse(file, name_of(key) + " is " + std::to_string(n) + ", needs to be 1 to 65535");
    return static_cast<std::size_t>(n);
  };
  layout.columns = count(DCM_Columns);
  layout.rows = count(DCM_Rows);
  layout.frames = count(DCM_NumberOfFrames);
  const std::string type = text_of(d, DCM_SegmentationType);
  if (type != "BINARY" && type != "FRACTIONAL") {
    refuse(file, "SegmentationType (0062,0001) is \"" + type + "\", needs to be BINARY or FRACTIONAL");
  }
  layout.binary = type == "BINARY";
  const int bits = count_of(d, DCM_BitsAllocated).value_or(0);
  if (bits != (layout.binary ? 1 : 8)) {
    refuse(file, "BitsAllocated (0028,0100) is " + std::to_string(bits) + " for " + type + " segments");
  }
  if (!layout.binary) layout.maximum = count_of(d, DCM_MaximumFractionalValue).value_or(255);
  if (!(layout.maximum > 0)) refuse(file, "MaximumFractionalValue (0062,000E) is 0");
  return layout;
}

/// A macro is stated per frame, or once for all.
DcmItem* macro(DcmItem* own, DcmItem* shared, const DcmTagKey& key) {
  for (DcmItem* from : {own, shared}) {
    if (from == nullptr) continue;
    if (const auto items = items_of(*from, key); !items.empty()) return items.front();
  }
  return nullptr;
}

Frame read_frame(DcmItem* own, DcmItem* shared, const fs::path& file) {
  Frame f;
  DcmItem* position = macro(own, shared, DCM_PlanePositionSequence);
  DcmItem* orientation = macro(own, shared, DCM_PlaneOrientationSequence);
  DcmItem* measures = macro(own, shared, DCM_PixelMeasuresSequence);
  DcmItem* segment = macro(own, shared, DCM_SegmentIdentificationSequence);
  if (position == nullptr || orientation == nullptr || measures == nullptr || segment == nullptr) {
    refuse(file, "has a frame without position, orientation, pixel measures or segment");
  }
  const std::vector<double> at = numbers_of(*position, DCM_ImagePositionPatient);
  const std::vector<double> spacing = numbers_of(*measures, DCM_PixelSpacing);
  if (at.size() != 3 || spacing.size() != 2 || !(spacing[0] > 0) || !(spacing[1] > 0) || spacing[0] > 100 ||
      spacing[1] > 100) {
    refuse(file, "has a frame whose position or PixelSpacing is missing or out of range");
  }
  std::copy(at.begin(), at.end(), f.position.begin());
  f.axes = axes_of(numbers_of(*orientation, DCM_ImageOrientationPatient));
  f.row_spacing = spacing[0];
  f.column_spacing = spacing[1];
  f.slice_spacing = number_of(*measures, DCM_SpacingBetweenSlices).value_or(0);
  if (!(f.slice_spacing > 0)) f.slice_spacing = number_of(*measures, DCM_SliceThickness).value_or(0);
  f.along = dot(f.position, f.axes[2]);
  f.segment = text_of(*segment, DCM_ReferencedSegmentNumber);
  return f;
}

std::vector<Frame> read_frames(DcmItem& d, const Layout& layout, const fs::path& file) {
  const std::vector<DcmItem*> own = items_of(d, DCM_PerFrameFunctionalGroupsSequence);
  const std::vector<DcmItem*> shared = items_of(d, DCM_SharedFunctionalGroupsSequence);
  if (own.size() != layout.frames) {
    refuse(file, "describes " + std::to_string(own.size()) + " frames of " + std::to_string(layout.frames));
  }
  std::vector<Frame> frames;
  for (DcmItem* item : own) {
    frames.push_back(read_frame(item, shared.empty() ? nullptr : shared.front(), file));
    const Frame &f = frames.back(), &first = frames.front();
    bool alike = std::abs(f.row_spacing - first.row_spacing) < 1e-4 * first.row_spacing &&
                 std::abs(f.column_spacing - first.column_spacing) < 1e-4 * first.column_spacing;
    for (std::size_t a = 0; a < 3; ++a) alike = alike && dot(f.axes[a], first.axes[a]) > 1 - 1e-4;
    for (std::size_t a = 0; a < 2; ++a) {
      alike = alike && std::abs(dot(f.position, first.axes[a]) - dot(first.position, first.axes[a])) < 0.1;
    }
    if (!alike) refuse(file, "has frames of several orientations, spacings or places beside each other");
  }
  return frames;
}

/// The lattice along the normal on which all frames lie.
Grid lattice_of(const std::vector<Frame>& frames, const Layout& layout, const fs::path& file) {
  std::vector<double> at;
  for (const Frame& f : frames) at.push_back(f.along);
  std::sort(at.begin(), at.end());
  double step = 1e300;
  for (std::size_t i = 1; i < at.size(); ++i) {
    if (at[i] - at[i - 1] > 1e-2) step = std::min(step, at[i] - at[i - 1]);
  }
  // Stated spacing is used where it fits better than the nearest frames: frames may be missing in between.
  const double stated = frames.front().slice_spacing;
  const bool one_plane = step > 1e299;
  if (one_plane || (stated > 0 && stated < step * (1 - step_tolerance))) step = stated;
  if (!(step > 0) || step > 100) {
    refuse(file, "states no distance of slices (SpacingBetweenSlices or SliceThickness) above 0");
  }
  const double steps = std::round((at.back() - at.front()) / step);
  if (!one_plane && steps > 0 && steps < 1e6) step = (at.back() - at.front()) / steps;
  for (const double a : at) {
    const double k = (a - at.front()) / step;
    if (std::abs(k - std::round(k)) > step_tolerance) {
      refuse(file,
             "has a frame at " + to_text(a, 7) + " mm along the normal, off the steps of " + to_text(step, 6) + " mm");
    }
  }
  const Frame& lowest = *std::min_element(frames.begin(), frames.end());
  Grid grid;
  if (!(steps < 10'000)) refuse(file, "its frames lie " + to_text(at.back() - at.front(), 5) + " mm apart");
  grid.shape = {static_cast<int>(layout.columns), static_cast<int>(layout.rows), static_cast<int>(steps) + 1};
  grid.spacing = {lowest.column_spacing * cm_per_mm, lowest.row_spacing * cm_per_mm, step * cm_per_mm};
  for (std::size_t row = 0; row < 3; ++row) {
    grid.origin[row] = lowest.position[row] * cm_per_mm;
    for (std::size_t a = 0; a < 3; ++a) grid.direction[3 * row + a] = lowest.axes[a][row];
  }
  if (static_cast<double>(grid.voxels()) > 2e9) refuse(file, "spans more than 2e9 voxels");
  return grid;
}

/// Frames of bits follow each other without padding, the lowest bit first, in bytes or in words of the machine.
class Pixels {
 public:
  Pixels(DcmItem& d, const Layout& layout, const fs::path& file) : layout_(layout) {
    DcmElement* element = nullptr;
    if (d.findAndGetElement(DCM_PixelData, element).bad() || element == nullptr) refuse(file, "has no PixelData");
    const double bits = static_cast<double>(layout.columns * layout.rows) * static_cast<double>(layout.frames) *
                        (layout.binary ? 1 : 8);
    if (static_cast<double>(element->getLength()) * 8 < bits) {
      refuse(file, "has " + std::to_string(element->getLength()) + " bytes of PixelData, needs " +
                       to_text(std::ceil(bits / 8)) + ": truncated, or compressed (not read)");
    }
    Uint16* words = nullptr;
    if (element->getVR() == EVR_OW || element->ident() == EVR_OW) element->getUint16Array(words);
    if (words != nullptr) {
      bytes_ = reinterpret_cast<const Uint8*>(words);  // little-endian machines alone: the build checks it
    } else if (Uint8* bytes = nullptr; element->getUint8Array(bytes).good()) {
      bytes_ = bytes;
    }
    if (bytes_ == nullptr) refuse(file, "its PixelData is compressed or damaged, needs to be uncompressed");
  }
  [[nodiscard]] float at(std::size_t frame, std::size_t pixel) const {
    const std::size_t i = frame * layout_.columns * layout_.rows + pixel;
    if (layout_.binary) return static_cast<float>((bytes_[i / 8] >> (i % 8)) & 1);
    return std::min(1.0F, static_cast<float>(bytes_[i] / layout_.maximum));
  }

 private:
  const Layout& layout_;
  const Uint8* bytes_ = nullptr;
};

DicomSegment read_object(DcmItem& d, const fs::path& file, const std::string& segment) {
  if (const std::string modality = text_of(d, DCM_Modality); modality != "SEG") {
    refuse(file, "is of modality \"" + modality + "\", needs to be a SEG");
  }
  const std::string number = number_of_segment(d, file, segment);
  const Layout layout = read_layout(d, file);
  const std::vector<Frame> frames = read_frames(d, layout, file);
  const Pixels pixels(d, layout, file);
  DicomSegment result{
      {lattice_of(frames, layout, file), {}}, text_of(d, DCM_FrameOfReferenceUID), text_of(d, DCM_SOPInstanceUID)};
  Image<float>& image = result.inside;
  image.values.resize(image.grid.voxels());
  const double lowest = std::min_element(frames.begin(), frames.end())->along;
  const std::size_t plane = layout.columns * layout.rows;
  for (std::size_t f = 0; f < frames.size(); ++f) {
    if (frames[f].segment != number) continue;
    const double k = std::round((frames[f].along - lowest) * cm_per_mm / image.grid.spacing[2]);
    float* to = &image.values[static_cast<std::size_t>(k) * plane];
    for (std::size_t i = 0; i < plane; ++i) to[i] = std::max(to[i], pixels.at(f, i));
  }
  return result;
}

}  // namespace

DicomSegment read_segment(const fs::path& file, const std::string& segment) {
  static_assert(std::endian::native == std::endian::little);
  if (!fs::is_regular_file(file)) refuse(file, "no such file");
  const auto object = load_dicom(file);
  if (!object) refuse(file, "is no DICOM file, or truncated");
  try {
    return read_object(*object->getDataset(), file, segment);
  } catch (const Error& error) {
    const std::string what = error.what();
    if (what.starts_with(file.string())) throw;
    refuse(file, what);
  }
}

}  // namespace ytterby::io
