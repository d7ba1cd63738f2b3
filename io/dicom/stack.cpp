// Slices of one series put together: one lattice, one value scale.

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "engine/grid/plane_lattice.h"
#include "io/dicom/slice.h"
#include "io/images/input_hash.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr double parallel_tolerance = 1e-4;  // of direction cosines
constexpr double sideways_mm = 0.1;          // slices of one series lie on one line along the normal
constexpr double same_place_mm = 1e-3;
constexpr double outside_hu = -1000;  // what padding is taken as
constexpr double tissue_hu = -900;    // padding that reads denser than this has to be looked at

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what);
}

std::string mm(double value) { return to_text(value, 7) + " mm"; }

/// A slice as messages call it.
std::string name(const Slice& s) {
  return s.file.filename().string() + (s.frames > 1 ? " frame " + std::to_string(s.frame + 1) : "");
}

void check_alike(const Slice& first, const Slice& s) {
  const auto differ = [&](const std::string& what, const std::string& a, const std::string& b) {
    refuse(s.file, what + " is " + b + ", that of " + name(first) + " of the same series is " + a);
  };
  const auto size = [](const Slice& x) {
    return std::to_string(x.layout.columns) + " x " + std::to_string(x.layout.rows);
  };
  if (size(first) != size(s)) differ("its size", size(first), size(s));
  if (std::abs(first.row_spacing - s.row_spacing) > 1e-4 * first.row_spacing ||
      std::abs(first.column_spacing - s.column_spacing) > 1e-4 * first.column_spacing) {
    differ("PixelSpacing", mm(first.row_spacing), mm(s.row_spacing));
  }
  for (std::size_t a = 0; a < 3; ++a) {
    if (dot(first.axes[a], s.axes[a]) < 1 - parallel_tolerance) {
      differ("ImageOrientationPatient", "another",
             "turned by " +
                 to_text(std::acos(std::clamp(dot(first.axes[a], s.axes[a]), -1.0, 1.0)) * 180 / 3.14159265358979, 3) +
                 " degrees");
    }
  }
  if (first.frame_of_reference != s.frame_of_reference) {
    differ("FrameOfReferenceUID", "\"" + first.frame_of_reference + "\"", "\"" + s.frame_of_reference + "\"");
  }
  if (first.units != s.units) differ("Units", "\"" + first.units + "\"", "\"" + s.units + "\"");
}

void check_line(const Slice& first, const Slice& s) {
  for (std::size_t a = 0; a < 2; ++a) {
    const double off = dot(s.position, first.axes[a]) - dot(first.position, first.axes[a]);
    if (std::abs(off) > sideways_mm) {
      refuse(s.file, "lies " + mm(off) + " beside " + name(first) +
                         ": slices need to lie on one line (a tilted gantry is not read)");
    }
  }
}

/// One instance that is there more than once, in the same place: as one file copied, or under one UID.
bool same_instance(const Slice& a, const Slice& b) {
  if (a.file == b.file || std::abs(a.along - b.along) > same_place_mm || a.frame != b.frame) return false;
  if (!a.reference.sop_instance.empty() || !b.reference.sop_instance.empty()) {
    return a.reference.sop_instance == b.reference.sop_instance;
  }
  return sha256_of_file(a.file) == sha256_of_file(b.file);
}

bool same_values(const Slice& a, const Slice& b) {
  if (a.slope != b.slope || a.intercept != b.intercept || a.mapped != b.mapped) return false;
  if (sha256_of_file(a.file) == sha256_of_file(b.file)) return true;  // most often; else another transfer syntax
  return read_pixels(a.file, a.layout) == read_pixels(b.file, b.layout);
}

/// Slices are sorted: doubles are neighbours.
void drop_doubles(std::vector<Slice>& slices, Warnings& warnings) {
  std::vector<Slice> kept;
  std::size_t dropped = 0;
  std::string example;
  for (Slice& s : slices) {
    if (kept.empty() || !same_instance(kept.back(), s)) {
      kept.push_back(std::move(s));
      continue;
    }
    if (!same_values(kept.back(), s)) {
      refuse(s.file,
             "is of the same SOPInstanceUID and place as " + name(kept.back()) + " and has other values: remove one");
    }
    if (dropped++ == 0) example = name(s) + " as " + name(kept.back());
  }
  if (dropped > 0) {
    warnings.push_back({"dicom-instance-twice",
                        WarningClass::note,
                        kept.front().file.parent_path().string() + ": " + std::to_string(dropped) +
                            (dropped == 1 ? " slice is" : " slices are") + " there twice, counted once (" + example +
                            ")",
                        {{"slices", static_cast<double>(dropped)}}});
  }
  slices = std::move(kept);
}

/// Slices on their lattice: spacing [mm], and the first one's place on it.
struct Stack {
  double spacing = 0, shift = 0;
};

Stack lattice_of(const std::vector<Slice>& slices, const fs::path& folder, Warnings& warnings) {
  const Slice& first = slices.front();
  if (slices.size() == 1) {
    if (!(first.thickness > 0) || first.thickness > largest_spacing_mm) {
      refuse(first.file, "is a single slice without a SliceThickness (0018,0050) above 0");
    }
    warnings.push_back({"single-slice",
                        WarningClass::wrong_dose,
                        folder.string() + ": is a single slice, taken as " + mm(first.thickness) + " thick",
                        {{"thickness_mm", first.thickness}}});
    return {first.thickness, 0};
  }
  std::vector<double> at;
  for (const Slice& s : slices) at.push_back(s.along);
  for (std::size_t i = 1; i < at.size(); ++i) {
    const double usual = (at.back() - at.front()) / static_cast<double>(at.size() - 1);
    if (at[i] - at[i - 1] < std::max(same_place_mm, same_plane_share * usual)) {
      refuse(folder, "has two slices at " + mm(at[i]) + " along their normal: " + name(slices[i - 1]) + " and " +
                         name(slices[i]) + ": several phases, energies or scans in one series?");
    }
  }
  const PlaneLattice lattice = fit_every_plane(at);
  const WorstGap gap = worst_gap(at);
  if (lattice.departure > largest_departure(lattice.spacing)) {
    refuse(folder, "its slices are " + mm(gap.gap) + " apart between " + mm(at[gap.below]) + " (" +
                       name(slices[gap.below]) + ") and " + mm(at[gap.above]) + " (" + name(slices[gap.above]) + "), " +
                       mm(gap.usual) + " elsewhere: is a slice missing?");
  }
  if (departs(lattice)) {
    warnings.push_back({"slices-uneven",
                        WarningClass::note,
                        folder.string() + ": its slices depart from even steps of " + mm(lattice.spacing) +
                            " by up to " + mm(lattice.departure) + " (" + name(slices[lattice.worst]) +
                            "), taken as even",
                        {{"spacing_mm", lattice.spacing}, {"departure_mm", lattice.departure}}});
  }
  return {lattice.spacing, lattice.first - first.along};
}

/// Padding that would read as tissue is taken as air from the edge of the slice inwards: within the patient the same
/// stored value is a value. Returns the pixels changed.
std::size_t clear_padding(const Slice& s, double outside, const std::vector<double>& stored, double* values) {
  const PixelLayout& l = s.layout;
  if (!l.padding) return 0;
  const auto low = static_cast<double>(std::min(*l.padding, l.padding_limit.value_or(*l.padding)));
  const auto high = static_cast<double>(std::max(*l.padding, l.padding_limit.value_or(*l.padding)));
  if (std::max(s.slope * low, s.slope * high) + s.intercept <= (outside < 0 ? tissue_hu : 0.0)) return 0;
  const auto columns = static_cast<std::size_t>(l.columns), rows = static_cast<std::size_t>(l.rows);
  std::vector<bool> seen(stored.size());
  std::vector<std::size_t> todo;
  const auto visit = [&](std::size_t i) {
    if (seen[i] || stored[i] < low || stored[i] > high) return;
    seen[i] = true;
    todo.push_back(i);
  };
  for (std::size_t x = 0; x < columns; ++x) visit(x), visit((rows - 1) * columns + x);
  for (std::size_t y = 0; y < rows; ++y) visit(y * columns), visit(y * columns + columns - 1);
  std::size_t changed = 0;
  while (!todo.empty()) {
    const std::size_t i = todo.back();
    todo.pop_back();
    values[i] = outside;
    ++changed;
    if (i % columns > 0) visit(i - 1);
    if (i % columns + 1 < columns) visit(i + 1);
    if (i >= columns) visit(i - columns);
    if (i + columns < stored.size()) visit(i + columns);
  }
  return changed;
}

/// Slices in the order of their objects, each object decoded once.
void read_values(const std::vector<Slice>& slices, DicomImage& result) {
  std::vector<PixelRequest> objects;
  std::vector<std::vector<std::size_t>> shown;  // slices of each object
  std::map<fs::path, std::size_t> known;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const auto [at, added] = known.emplace(slices[i].file, objects.size());
    if (added) {
      objects.push_back({slices[i].file, slices[i].layout});
      shown.emplace_back();
    }
    shown[at->second].push_back(i);
  }
  const double outside = result.origin.modality == "CT" ? outside_hu : 0;
  std::size_t padded = 0;
  read_pixels(objects, [&](std::size_t object, const std::vector<double>& stored) {
    for (const std::size_t i : shown[object]) {
      const Slice& s = slices[i];
      const std::size_t plane = s.layout.plane();
      const auto from = stored.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(s.frame) * plane);
      const std::vector<double> own(from, from + static_cast<std::ptrdiff_t>(plane));
      double* const to = &result.image.values[i * plane];
      rescale(s, own, to);
      padded += clear_padding(s, outside, own, to);
    }
  });
  if (padded == 0) return;
  const bool ct = outside < 0;
  result.warnings.push_back({"padding-as-tissue",
                             WarningClass::note,
                             slices.front().file.parent_path().string() + ": " + std::to_string(padded) +
                                 " pixels of PixelPaddingValue (0028,0120) at the edges read as " +
                                 (ct ? "tissue, taken as air" : "activity, taken as none"),
                             {{"pixels", static_cast<double>(padded)}}});
}

}  // namespace

Grid grid_of(const Slice& first, int count, double spacing, double sign) {
  Grid grid;
  grid.shape = {first.layout.columns, first.layout.rows, count};
  grid.spacing = {first.column_spacing * cm_per_mm, first.row_spacing * cm_per_mm, spacing * cm_per_mm};
  for (std::size_t row = 0; row < 3; ++row) {
    grid.origin[row] = first.position[row] * cm_per_mm;
    for (std::size_t a = 0; a < 3; ++a) grid.direction[3 * row + a] = first.axes[a][row] * (a == 2 ? sign : 1.0);
  }
  return grid;
}

DicomOrigin origin_of(const DicomSeries& series, const Slice& first) {
  return {series.modality, first.units, first.frame_of_reference, first.study_uid, series.uid, {}, {}};
}

DicomImage stack_slices(const DicomSeries& series, std::vector<Slice> slices) {
  std::stable_sort(slices.begin(), slices.end(), [](const Slice& a, const Slice& b) {
    return a.along != b.along ? a.along < b.along : a.reference.sop_instance < b.reference.sop_instance;
  });
  for (const Slice& s : slices) {
    check_alike(slices.front(), s);
    check_line(slices.front(), s);
  }
  Warnings warnings = series.warnings;
  drop_doubles(slices, warnings);
  const Slice& first = slices.front();
  const bool one_file = std::all_of(slices.begin(), slices.end(), [&](const Slice& s) { return s.file == first.file; });
  const fs::path folder = one_file ? first.file : first.file.parent_path();
  const Stack stack = lattice_of(slices, folder, warnings);
  DicomImage result{
      {grid_of(first, static_cast<int>(slices.size()), stack.spacing, 1), {}}, origin_of(series, first), {}};
  for (std::size_t a = 0; a < 3; ++a) result.image.grid.origin[a] += stack.shift * first.axes[2][a] * cm_per_mm;
  result.warnings = std::move(warnings);
  if (static_cast<double>(result.image.grid.voxels()) > 4e9) refuse(folder, "has more than 4e9 voxels");
  result.image.values.resize(result.image.grid.voxels());
  read_values(slices, result);
  for (const Slice& s : slices) {
    if (result.origin.references.empty() || result.origin.references.back().sop_instance != s.reference.sop_instance ||
        s.frames == 1) {
      result.origin.references.push_back(s.reference);
    }
    result.origin.timing.push_back(s.timing);
  }
  return result;
}

}  // namespace ytterby::io
