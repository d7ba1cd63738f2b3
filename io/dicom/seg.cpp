#include "io/dicom/seg.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "engine/grid/grid_overlap.h"
#include "engine/grid/plane_lattice.h"
#include "io/dicom/object.h"
#include "io/dicom/pixels/pixels.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr double finest_mm = 0.3;  // distance of frames
constexpr double parallel = 1e-4;  // 1 - cosine of the frames' normal to that of the CT's slices

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

std::string mm(double value) { return to_text(value, 6) + " mm"; }

enum class Kind { binary, fractional, labels };

/// What the whole object has in common.
struct Layout {
  PixelLayout pixels;
  Kind kind = Kind::binary;
  double maximum = 1;  // of fractional values
};

struct Frame {
  std::string segment;  // empty in a label map
  Vector3 position{};   // [mm]
  std::array<Vector3, 3> axes;
  double row_spacing = 0, column_spacing = 0;  // [mm]
  double slice_spacing = 0, thickness = 0;     // [mm]; 0: not stated
  double along = 0;
};

/// Numbers of the segments asked for.
std::set<std::string> numbers_of_segments(DcmItem& d, const fs::path& file, const std::vector<NameOrNumber>& wanted) {
  struct Entry {
    std::string number, label;
  };
  std::vector<Entry> entries;
  std::string list;
  for (DcmItem* item : items_of(d, DCM_SegmentSequence)) {
    entries.push_back({text_of(*item, DCM_SegmentNumber), name_text_of(d, *item, DCM_SegmentLabel)});
    list += (list.empty() ? "" : ", ") + entries.back().number + " \"" + entries.back().label + "\"";
  }
  std::set<std::string> found;
  for (const NameOrNumber& one : wanted) {
    std::set<std::string> by_label, by_number;
    for (const Entry& e : entries) {
      if (!one.name.empty() && e.label == one.name) by_label.insert(e.number);
      if (e.number == one.digits()) by_number.insert(e.number);
    }
    if (by_label.size() > 1) {
      std::string numbers;
      for (const std::string& n : by_label) numbers += (numbers.empty() ? "" : " or ") + n;
      refuse(file, "has several segments " + to_text(one) + ", needs to be given by number: segment = " + numbers);
    }
    if (by_label.empty() && by_number.empty()) {
      refuse(file, "has no segment " + to_text(one) + "; there " + (list.empty() ? "is none" : "are " + list));
    }
    found.merge(by_label.empty() ? by_number : by_label);
  }
  return found;
}

Layout read_kind(DcmItem& d, const fs::path& file) {
  Layout layout;
  layout.pixels = read_layout(d);
  const std::string type = text_of(d, DCM_SegmentationType);
  if (type != "BINARY" && type != "FRACTIONAL" && type != "LABELMAP") {
    refuse(file, "SegmentationType (0062,0001) is \"" + type + "\", needs to be BINARY, FRACTIONAL or LABELMAP");
  }
  layout.kind = type == "BINARY" ? Kind::binary : type == "FRACTIONAL" ? Kind::fractional : Kind::labels;
  // Some writers give a binary segment a byte per pixel.
  const int bits = layout.pixels.bits_allocated;
  if (!(bits == 8 || (layout.kind == Kind::binary && bits == 1) || (layout.kind == Kind::labels && bits == 16))) {
    refuse(file, "BitsAllocated (0028,0100) is " + std::to_string(bits) + " for " + type + " segments");
  }
  if (layout.kind == Kind::fractional) layout.maximum = count_of(d, DCM_MaximumFractionalValue).value_or(255);
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

Frame read_frame(DcmItem* own, DcmItem* shared, const Layout& layout, const fs::path& file) {
  Frame f;
  DcmItem* position = macro(own, shared, DCM_PlanePositionSequence);
  DcmItem* orientation = macro(own, shared, DCM_PlaneOrientationSequence);
  DcmItem* measures = macro(own, shared, DCM_PixelMeasuresSequence);
  DcmItem* segment = macro(own, shared, DCM_SegmentIdentificationSequence);
  if (position == nullptr || orientation == nullptr || measures == nullptr ||
      (segment == nullptr && layout.kind != Kind::labels)) {
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
  f.thickness = number_of(*measures, DCM_SliceThickness).value_or(0);
  f.along = dot(f.position, f.axes[2]);
  if (layout.kind != Kind::labels) f.segment = text_of(*segment, DCM_ReferencedSegmentNumber);
  return f;
}

std::vector<Frame> read_frames(DcmItem& d, const Layout& layout, const fs::path& file) {
  const std::vector<DcmItem*> own = items_of(d, DCM_PerFrameFunctionalGroupsSequence);
  const std::vector<DcmItem*> shared = items_of(d, DCM_SharedFunctionalGroupsSequence);
  if (own.size() != static_cast<std::size_t>(layout.pixels.frames)) {
    refuse(file, "describes " + std::to_string(own.size()) + " frames of " + std::to_string(layout.pixels.frames));
  }
  std::vector<Frame> frames;
  for (DcmItem* item : own) {
    frames.push_back(read_frame(item, shared.empty() ? nullptr : shared.front(), layout, file));
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

/// True where two planes are one step apart: the spacing is seen, not only stated.
bool shows_its_step(const PlaneLattice& lattice) {
  const std::set<int> planes(lattice.index.begin(), lattice.index.end());
  return std::any_of(planes.begin(), planes.end(), [&](int k) { return planes.contains(k + 1); });
}

/// Where three planes or more share a larger step, that is the distance of the slices they lie on.
PlaneLattice in_common_steps(PlaneLattice lattice) {
  const std::set<int> planes(lattice.index.begin(), lattice.index.end());
  int step = 0;
  for (const int k : planes) step = std::gcd(step, k);
  if (planes.size() < 3 || step < 2) return lattice;
  for (int& index : lattice.index) index /= step;
  lattice.count = (lattice.count - 1) / step + 1;
  lattice.spacing *= step;
  return lattice;
}

/// Distance of the CT's slices [mm] where the frames are parallel to them, else 0.
double spacing_of_image(const Frame& frame, const Grid* image) {
  if (image == nullptr || image->shape[2] < 2) return 0;
  return std::abs(dot(frame.axes[2], axis_vector(*image, 2))) > 1 - parallel ? 10 * image->spacing[2] : 0;
}

PlaneLattice fit_frames(const std::vector<Frame>& frames, const Grid* image, const fs::path& file, Warnings& warnings) {
  std::vector<double> at;
  for (const Frame& f : frames) at.push_back(f.along);
  const double stated = frames.front().slice_spacing, of_image = spacing_of_image(frames.front(), image);
  const auto by_statement = fit_planes_near(at, stated), by_image = fit_planes_near(at, of_image);
  if (by_statement && shows_its_step(*by_statement)) return *by_statement;
  if (by_image && by_image->count > 1) return in_common_steps(*by_image);
  if (by_statement) return in_common_steps(*by_statement);
  if (by_image) return *by_image;
  if (const auto coarsest = fit_coarsest(at, finest_mm)) return *coarsest;
  if (const double thickness = frames.front().thickness; thickness > 0 && frames.size() == 1) {
    warnings.push_back(
        {"single-slice",
         WarningClass::wrong_dose,
         file.string() + ": is a single frame that lies on no slice of the CT, taken as " + mm(thickness) + " thick",
         {{"thickness_mm", thickness}}});
    return fit_planes_near(at, thickness).value();
  }
  const WorstGap gap = worst_gap(at);
  if (at.size() > 1 && gap.gap > 0) {
    refuse(file, "its frames " + std::to_string(gap.below + 1) + " and " + std::to_string(gap.above + 1) + " are " +
                     mm(gap.gap) +
                     " apart along the normal, which does not go with the others: they lie on no even lattice");
  }
  refuse(file, "states no distance of slices (SpacingBetweenSlices) above 0");
}

Grid grid_of(const std::vector<Frame>& frames, const Layout& layout, const PlaneLattice& lattice,
             const fs::path& file) {
  const Frame& f =
      *std::min_element(frames.begin(), frames.end(), [](const Frame& a, const Frame& b) { return a.along < b.along; });
  if (!(lattice.spacing > 0) || lattice.spacing > 100 || lattice.count > 10'000) {
    refuse(file, "its frames lie in " + std::to_string(lattice.count) + " planes " + mm(lattice.spacing) + " apart");
  }
  Grid grid;
  grid.shape = {layout.pixels.columns, layout.pixels.rows, lattice.count};
  grid.spacing = {f.column_spacing * cm_per_mm, f.row_spacing * cm_per_mm, lattice.spacing * cm_per_mm};
  for (std::size_t row = 0; row < 3; ++row) {
    grid.origin[row] = (f.position[row] + (lattice.first - f.along) * f.axes[2][row]) * cm_per_mm;
    for (std::size_t a = 0; a < 3; ++a) grid.direction[3 * row + a] = f.axes[a][row];
  }
  if (static_cast<double>(grid.voxels()) > 2e9) refuse(file, "spans more than 2e9 voxels");
  return grid;
}

void warn_of_lattice(const PlaneLattice& lattice, double stated, const fs::path& file, Warnings& warnings) {
  if (departs(lattice)) {
    warnings.push_back({"frames-uneven",
                        WarningClass::note,
                        file.string() + ": its frames depart from even steps of " + mm(lattice.spacing) + " by up to " +
                            mm(lattice.departure) + ", taken as even",
                        {{"spacing_mm", lattice.spacing}, {"departure_mm", lattice.departure}}});
  }
  if (stated > 0 && std::abs(lattice.spacing - stated) > 0.01 * stated) {
    warnings.push_back({"frame-spacing-stated",
                        WarningClass::note,
                        file.string() + ": SpacingBetweenSlices (0018,0088) is " + mm(stated) +
                            ", its frames lie in steps of " + mm(lattice.spacing) + ", which are taken",
                        {{"stated_mm", stated}, {"spacing_mm", lattice.spacing}}});
  }
}

/// Share of a sample inside the segments.
class Shares {
 public:
  Shares(const Layout& layout, const std::set<std::string>& numbers) : layout_(layout), labels_(65536) {
    for (const std::string& number : numbers) {
      if (const auto value = parse_number(number); value && *value >= 0 && *value < 65536)
        labels_[static_cast<std::size_t>(*value)] = true;
    }
  }
  [[nodiscard]] float operator()(const RawPixels& raw, std::size_t sample) const {
    const std::int64_t value = stored_value(raw, layout_.pixels, sample);
    switch (layout_.kind) {
      case Kind::binary:
        return value != 0 ? 1.0F : 0.0F;
      case Kind::fractional:
        return std::clamp(static_cast<float>(static_cast<double>(value) / layout_.maximum), 0.0F, 1.0F);
      case Kind::labels:
        break;
    }
    return value >= 0 && labels_[static_cast<std::size_t>(value)] ? 1.0F : 0.0F;
  }

 private:
  const Layout& layout_;
  std::vector<bool> labels_;  // by value, of at most 16 bits
};

/// Planes without a frame between two that overlap are warned of, and filled from either side where that is asked for.
void look_for_gaps(Image<float>& image, GapRule rule, const std::string& place, Warnings& warnings) {
  const std::size_t plane =
      static_cast<std::size_t>(image.grid.shape[0]) * static_cast<std::size_t>(image.grid.shape[1]);
  int last = -1, missing = 0;
  double volume = 0;
  std::string where;
  const auto content = [&](int k) { return &image.values[static_cast<std::size_t>(k) * plane]; };
  for (int k = 0; k < image.grid.shape[2]; ++k) {
    if (std::all_of(content(k), content(k) + plane, [](float v) { return v == 0; })) continue;
    if (const int below = std::exchange(last, k); below >= 0 && k - below > 1) {
      double common = 0, both = 0;
      for (std::size_t i = 0; i < plane; ++i) {
        common += static_cast<double>(std::min(content(below)[i], content(k)[i]));
        both += static_cast<double>(content(below)[i] + content(k)[i]);
      }
      if (!(common > 0)) continue;
      const int open = k - below - 1;
      missing += open;
      volume += 0.5 * both * open * image.grid.voxel_volume();
      const auto height = [&](int z) { return mm(10 * position(image.grid, 0, 0, z)[2]); };
      if (where.empty()) where = " between " + height(below) + " and " + height(k);
      for (int z = below + 1; rule == GapRule::fill && z < k; ++z) {
        std::copy_n(content(z - below <= k - z ? below : k), plane, content(z));
      }
    }
  }
  if (missing == 0) return;
  const bool filled = rule == GapRule::fill;
  warnings.push_back({"planes-missing",
                      filled ? WarningClass::note : WarningClass::wrong_dose,
                      place + std::to_string(missing) + (missing == 1 ? " plane is" : " planes are") +
                          " empty inside it (first" + where + "): " + to_text(volume, 3) + " mL, " +
                          (filled ? "filled by fill_gaps" : "left out; fill_gaps = true fills them"),
                      {{"planes", static_cast<double>(missing)}, {"volume_mL", volume}}});
}

DicomSegment read_object(DcmItem& d, const fs::path& file, const SegmentRequest& request) {
  if (const std::string modality = text_of(d, DCM_Modality); modality != "SEG") {
    refuse(file, "is of modality \"" + modality + "\", needs to be a SEG");
  }
  const std::set<std::string> numbers = numbers_of_segments(d, file, request.segments);
  const Layout layout = read_kind(d, file);
  const std::vector<Frame> frames = read_frames(d, layout, file);
  DicomSegment result{{}, text_of(d, DCM_FrameOfReferenceUID), text_of(d, DCM_SOPInstanceUID), {}};
  const PlaneLattice lattice = fit_frames(frames, request.image, file, result.warnings);
  Image<float>& image = result.inside;
  image.grid = grid_of(frames, layout, lattice, file);
  warn_of_lattice(lattice, frames.front().slice_spacing, file, result.warnings);
  const RawPixels raw = read_raw_pixels(file, layout.pixels);
  image.values.resize(image.grid.voxels());
  const std::size_t plane = layout.pixels.plane();
  const Shares share(layout, numbers);
  for (std::size_t f = 0; f < frames.size(); ++f) {
    if (layout.kind != Kind::labels && !numbers.contains(frames[f].segment)) continue;
    float* to = &image.values[static_cast<std::size_t>(lattice.index[f]) * plane];
    for (std::size_t i = 0; i < plane; ++i) to[i] = std::max(to[i], share(raw, f * plane + i));
  }
  std::string names;
  for (const NameOrNumber& one : request.segments) names += (names.empty() ? "" : ", ") + to_text(one);
  look_for_gaps(image, request.gaps, file.string() + ": segment " + names + ": ", result.warnings);
  return result;
}

}  // namespace

DicomSegment read_segment(const fs::path& file, const SegmentRequest& request) {
  if (!fs::is_regular_file(file)) refuse(file, "no such file");
  const auto object = load_dicom(file);
  if (!object) refuse(file, "is no DICOM file");
  try {
    return read_object(*object->getDataset(), file, request);
  } catch (const Error& error) {
    const std::string what = error.what();
    if (what.starts_with(file.string())) throw;
    refuse(file, what);
  }
}

DicomSegment read_segment(const fs::path& file, const std::string& segment) {
  SegmentRequest request;
  request.segments.emplace_back(segment);
  return read_segment(file, request);
}

}  // namespace ytterby::io
