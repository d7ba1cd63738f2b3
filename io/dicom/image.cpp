#include "io/dicom/image.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "io/dicom/object.h"
#include "io/dicom/pixels.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr double largest_spacing_mm = 100;
constexpr double slice_tolerance = 0.02;     // of the spacing; headers round positions to about 0.01 mm
constexpr double parallel_tolerance = 1e-4;  // of direction cosines
constexpr double sideways_mm = 0.1;          // slices of one series lie on one line along the normal

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what);
}

std::string mm(double value) { return to_text(value, 7) + " mm"; }

/// A slice, or all frames of a multi-frame object.
struct Slice {
  fs::path file;
  int columns = 0, rows = 0, frames = 1;
  double column_spacing = 0, row_spacing = 0;  // [mm]
  std::array<Vector3, 3> axes;
  Vector3 position{0, 0, 0};  // of the first pixel [mm]
  double along = 0;           // position along the normal [mm]
  double slope = 1, intercept = 0;
  std::string frame_of_reference, study_uid, units;
  DicomReference reference;
  DicomTiming timing;
};

void read_plane(DcmItem& d, DcmItem& place, Slice& s) {
  s.columns = count_of(d, DCM_Columns).value_or(0);
  s.rows = count_of(d, DCM_Rows).value_or(0);
  if (s.columns < 1 || s.rows < 1 || s.columns > 65535 || s.rows > 65535) {
    refuse(s.file, "has " + std::to_string(s.columns) + " columns and " + std::to_string(s.rows) + " rows");
  }
  const std::vector<double> spacing = numbers_of(d, DCM_PixelSpacing);
  if (spacing.size() != 2) refuse(s.file, "has no PixelSpacing (0028,0030) of two numbers");
  s.row_spacing = spacing[0];
  s.column_spacing = spacing[1];
  for (const double v : spacing) {
    if (!(v > 0) || v > largest_spacing_mm) refuse(s.file, "PixelSpacing is " + mm(v) + ", needs to be above 0");
  }
  s.axes = axes_of(numbers_of(place, DCM_ImageOrientationPatient));
  const std::vector<double> position = numbers_of(place, DCM_ImagePositionPatient);
  if (position.size() != 3) refuse(s.file, "has no ImagePositionPatient (0020,0032) of three numbers");
  std::copy(position.begin(), position.end(), s.position.begin());
  s.along = dot(s.position, s.axes[2]);
}

void read_rescale(DcmItem& d, Slice& s) {
  s.slope = number_of(d, DCM_RescaleSlope).value_or(1);
  s.intercept = number_of(d, DCM_RescaleIntercept).value_or(0);
  if (s.slope == 0) refuse(s.file, "RescaleSlope (0028,1053) is 0");
}

DicomTiming read_timing(DcmItem& d) {
  DicomTiming t;
  t.units = text_of(d, DCM_Units);
  t.decay_correction = text_of(d, DCM_DecayCorrection);
  t.series_date = text_of(d, DCM_SeriesDate);
  t.series_time = text_of(d, DCM_SeriesTime);
  t.acquisition_date = text_of(d, DCM_AcquisitionDate);
  t.acquisition_time = text_of(d, DCM_AcquisitionTime);
  t.acquisition_date_time = text_of(d, DCM_AcquisitionDateTime);
  t.zone = text_of(d, DCM_TimezoneOffsetFromUTC);
  t.decay_factor = number_of(d, DCM_DecayFactor).value_or(0);
  for (DcmItem* drug : items_of(d, DCM_RadiopharmaceuticalInformationSequence)) {
    t.injection_date_time = text_of(*drug, DCM_RadiopharmaceuticalStartDateTime);
    t.injection_time = text_of(*drug, DCM_RadiopharmaceuticalStartTime);
    t.half_life_s = number_of(*drug, DCM_RadionuclideHalfLife).value_or(0);
    t.positron_fraction = number_of(*drug, DCM_RadionuclidePositronFraction).value_or(0);
    for (DcmItem* code : items_of(*drug, DCM_RadionuclideCodeSequence)) t.isotope = text_of(*code, DCM_CodeMeaning);
    break;
  }
  return t;
}

/// Where a multi-frame NM object keeps its geometry.
DcmItem& place_of(DcmItem& d, const fs::path& file, const std::string& modality) {
  if (modality != "NM") return d;
  const std::vector<DcmItem*> detectors = items_of(d, DCM_DetectorInformationSequence);
  if (detectors.empty()) refuse(file, "has no DetectorInformationSequence (0054,0022), so no place in the patient");
  return *detectors.front();
}

Slice read_slice(const fs::path& file, const std::string& modality) {
  const auto object = load_dicom(file);
  if (!object) refuse(file, "is no DICOM any more");
  DcmDataset& d = *object->getDataset();
  Slice s;
  s.file = file;
  try {
    s.frames = count_of(d, DCM_NumberOfFrames).value_or(1);
    if (modality != "NM" && s.frames != 1) {
      refuse(file, "has " + std::to_string(s.frames) +
                       " frames: enhanced CT and PET are not read, export one file per slice");
    }
    read_plane(d, place_of(d, file, modality), s);
    read_rescale(d, s);
    s.frame_of_reference = text_of(d, DCM_FrameOfReferenceUID);
    s.study_uid = text_of(d, DCM_StudyInstanceUID);
    s.reference = {text_of(d, DCM_SOPClassUID), text_of(d, DCM_SOPInstanceUID)};
    s.timing = read_timing(d);
    s.units = s.timing.units;
  } catch (const Error& error) {
    const std::string what = error.what();
    if (what.starts_with(file.string())) throw;
    refuse(file, what);
  }
  return s;
}

/// Slices of one series have everything but their position in common.
void check_alike(const Slice& first, const Slice& s) {
  const auto differ = [&](const std::string& what, const std::string& a, const std::string& b) {
    refuse(s.file, what + " is " + b + ", that of " + first.file.filename().string() + " of the same series is " + a);
  };
  const auto size = [](const Slice& x) { return std::to_string(x.columns) + " x " + std::to_string(x.rows); };
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
      refuse(s.file, "lies " + mm(off) + " beside " + first.file.filename().string() +
                         ": slices need to lie on one line (a tilted gantry is not read)");
    }
  }
}

/// Distance of the slices of one series, equal for all of them [mm].
double slice_spacing(const std::vector<Slice>& slices, const fs::path& path) {
  if (slices.size() == 1) return 0;
  std::vector<double> gaps;
  for (std::size_t i = 1; i < slices.size(); ++i) gaps.push_back(slices[i].along - slices[i - 1].along);
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    if (gaps[i] < 1e-3) {
      refuse(path, "has two slices at " + mm(slices[i].along) + " along their normal: " +
                       slices[i].file.filename().string() + " and " + slices[i + 1].file.filename().string());
    }
  }
  std::vector<double> sorted = gaps;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
  const double usual = sorted[sorted.size() / 2];
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    if (std::abs(gaps[i] - usual) > slice_tolerance * usual) {
      refuse(path, "its slices are " + mm(gaps[i]) + " apart between " + mm(slices[i].along) + " and " +
                       mm(slices[i + 1].along) + ", " + mm(usual) + " elsewhere: is a slice missing?");
    }
  }
  // The whole length over its steps: rounding of single positions does not add up.
  return (slices.back().along - slices.front().along) / static_cast<double>(gaps.size());
}

Grid grid_of(const Slice& first, int count, double spacing, double sign) {
  Grid grid;
  grid.shape = {first.columns, first.rows, count};
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

DicomImage read_slices(const DicomSeries& series) {
  std::vector<Slice> slices;
  for (const fs::path& file : series.files) slices.push_back(read_slice(file, series.modality));
  std::stable_sort(slices.begin(), slices.end(), [](const Slice& a, const Slice& b) { return a.along < b.along; });
  const Slice& first = slices.front();
  const fs::path folder = series.files.size() == 1 ? first.file : first.file.parent_path();
  for (const Slice& s : slices) {
    check_alike(first, s);
    check_line(first, s);
  }
  double spacing = slice_spacing(slices, folder);
  if (spacing == 0) {
    const auto object = load_dicom(first.file);
    spacing = number_of(*object->getDataset(), DCM_SliceThickness).value_or(0);
    if (!(spacing > 0) || spacing > largest_spacing_mm) {
      refuse(first.file, "is a single slice without a SliceThickness (0018,0050) above 0");
    }
  }
  DicomImage result{{grid_of(first, static_cast<int>(slices.size()), spacing, 1), {}}, origin_of(series, first)};
  if (static_cast<double>(result.image.grid.voxels()) > 4e9) refuse(folder, "has more than 4e9 voxels");
  result.image.values.reserve(result.image.grid.voxels());
  for (const Slice& s : slices) {
    for (const double v : read_pixels(s.file, s.columns, s.rows, 1)) {
      result.image.values.push_back(s.slope * v + s.intercept);
    }
    result.origin.references.push_back(s.reference);
    result.origin.timing.push_back(s.timing);
  }
  return result;
}

/// The slice that each frame shows, from 0.
std::vector<int> slice_of_frames(DcmItem& d, const Slice& s) {
  std::vector<int> order(static_cast<std::size_t>(s.frames));
  std::iota(order.begin(), order.end(), 0);
  const std::vector<double> vector = numbers_of(d, DCM_SliceVector);
  if (vector.empty()) return order;
  std::vector<bool> seen(order.size());
  if (vector.size() != order.size()) {
    refuse(s.file, "SliceVector (0054,0080) has " + std::to_string(vector.size()) + " numbers for " +
                       std::to_string(s.frames) + " frames");
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double slice = vector[i] - 1;
    if (!(slice >= 0) || slice >= static_cast<double>(order.size()) || seen[static_cast<std::size_t>(slice)]) {
      refuse(s.file, "SliceVector (0054,0080) names slice " + to_text(vector[i]) + " twice or beyond the frames");
    }
    order[i] = static_cast<int>(slice);
    seen[static_cast<std::size_t>(slice)] = true;
  }
  return order;
}

/// Reconstructed slices alone have a place; projections and planar views have none.
void check_reconstructed(DcmItem& d, const fs::path& file) {
  const std::string type = text_of(d, DCM_ImageType);
  if (type.find("\\RECON") == std::string::npos && type.find("\\TOMO") != std::string::npos) {
    refuse(file, "ImageType is " + type + ": projections, needs the reconstructed image (RECON TOMO)");
  }
  for (const char* planar : {"\\STATIC", "\\WHOLE BODY", "\\DYNAMIC", "\\GATED"}) {
    if (type.find(planar) != std::string::npos) {
      refuse(file, "ImageType is " + type + ": a planar image, needs a reconstructed one (RECON TOMO)");
    }
  }
}

DicomImage read_frames(const DicomSeries& series) {
  if (series.files.size() != 1) {
    refuse(series.files.front().parent_path(), "its NM series has " + std::to_string(series.files.size()) +
                                                   " files, needs to be one multi-frame object: name its file");
  }
  const Slice s = read_slice(series.files.front(), series.modality);
  const auto object = load_dicom(s.file);
  DcmDataset& d = *object->getDataset();
  check_reconstructed(d, s.file);
  if (s.frames < 1) refuse(s.file, "NumberOfFrames (0028,0008) is 0");
  // Negative where the slices go against the normal (PS3.3 C.8.4.15).
  double spacing = number_of(d, DCM_SpacingBetweenSlices).value_or(number_of(d, DCM_SliceThickness).value_or(0));
  if (!(std::abs(spacing) > 0) || std::abs(spacing) > largest_spacing_mm) {
    refuse(s.file, "SpacingBetweenSlices (0018,0088) is " + mm(spacing) + ", needs to be other than 0");
  }
  DicomImage result{{grid_of(s, s.frames, std::abs(spacing), spacing < 0 ? -1.0 : 1.0), {}}, origin_of(series, s)};
  if (static_cast<double>(result.image.grid.voxels()) > 4e9) refuse(s.file, "has more than 4e9 voxels");
  const std::vector<int> order = slice_of_frames(d, s);
  const std::vector<double> stored = read_pixels(s.file, s.columns, s.rows, s.frames);
  result.image.values.resize(stored.size());
  const std::size_t plane = static_cast<std::size_t>(s.columns) * static_cast<std::size_t>(s.rows);
  for (std::size_t f = 0; f < order.size(); ++f) {
    double* to = &result.image.values[static_cast<std::size_t>(order[f]) * plane];
    for (std::size_t i = 0; i < plane; ++i) to[i] = s.slope * stored[f * plane + i] + s.intercept;
  }
  result.origin.references = {s.reference};
  result.origin.timing = {s.timing};
  return result;
}

}  // namespace

DicomImage read_series(const DicomSeries& series) {
  return series.modality == "NM" ? read_frames(series) : read_slices(series);
}

}  // namespace ytterby::io
