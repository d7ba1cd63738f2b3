#include "io/dicom/image.h"

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "io/dicom/nm/nm_frames.h"
#include "io/dicom/object.h"
#include "io/dicom/pixels/pixels.h"
#include "io/dicom/slice.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what);
}

std::string mm(double value) { return to_text(value, 7) + " mm"; }

}  // namespace

void read_plane(DcmItem& d, DcmItem& measures, DcmItem& orientation, DcmItem& place, Slice& s) {
  s.layout = read_layout(d);
  const std::vector<double> spacing = numbers_of(measures, DCM_PixelSpacing);
  if (spacing.size() != 2) refuse(s.file, "has no PixelSpacing (0028,0030) of two numbers");
  s.row_spacing = spacing[0];
  s.column_spacing = spacing[1];
  for (const double v : spacing) {
    if (!(v > 0) || v > largest_spacing_mm) refuse(s.file, "PixelSpacing is " + mm(v) + ", needs to be above 0");
  }
  const std::vector<double> cosines = numbers_of(orientation, DCM_ImageOrientationPatient);
  if (cosines.empty()) {
    refuse(s.file,
           "has no ImageOrientationPatient (0020,0037), so no place in the patient: export the reconstructed "
           "image anew, with its position and orientation");
  }
  s.axes = axes_of(cosines);
  const std::vector<double> position = numbers_of(place, DCM_ImagePositionPatient);
  if (position.size() != 3) refuse(s.file, "has no ImagePositionPatient (0020,0032) of three numbers");
  std::copy(position.begin(), position.end(), s.position.begin());
  s.along = dot(s.position, s.axes[2]);
  s.thickness = number_of(measures, DCM_SpacingBetweenSlices).value_or(0);
  if (!(s.thickness > 0)) s.thickness = number_of(measures, DCM_SliceThickness).value_or(0);
}

void read_rescale(DcmItem& item, const std::string& modality, CtNumbers numbers, Slice& s) {
  if (!items_of(item, DCM_ModalityLUTSequence).empty()) {
    refuse(s.file,
           "has a ModalityLUTSequence (0028,3000), needs to be exported with RescaleSlope and RescaleIntercept");
  }
  const auto slope = number_of(item, DCM_RescaleSlope), intercept = number_of(item, DCM_RescaleIntercept);
  const bool ct = modality == "CT", insisted = ct && numbers == CtNumbers::insisted;
  if (modality != "NM" && !insisted && (!slope || !intercept)) {
    refuse(s.file, std::string("has no ") + (slope ? "RescaleIntercept (0028,1052)" : "RescaleSlope (0028,1053)") +
                       (ct ? ", so its values are no CT numbers; [medium] accept_CT_numbers = true takes them as stored"
                           : ", so its values have no unit: export it anew"));
  }
  s.slope = slope.value_or(1);
  s.intercept = intercept.value_or(0);
  if (s.slope == 0) refuse(s.file, "RescaleSlope (0028,1053) is 0");
  s.rescale_type = text_of(item, DCM_RescaleType);
  // "US" (unspecified) is what scanners wrote before HU had to be said.
  const std::string type = code_of(item, DCM_RescaleType);
  if (ct && !insisted && !type.empty() && type != "HU" && type != "US") {
    refuse(s.file, "RescaleType (0028,1054) is \"" + s.rescale_type.substr(0, 40) +
                       "\", needs to be HU; [medium] accept_CT_numbers = true takes the values as CT numbers");
  }
}

void take_real_world_values(DcmItem& d, Slice& s) {
  s.mapped = real_world_values(d, s.file);
  if (!s.mapped.empty()) s.units = s.timing.units = "BQML";
}

void rescale(const Slice& s, std::span<const double> stored, double* to) {
  for (const double v : stored) {
    const RealWorldValues* line = nullptr;
    for (const RealWorldValues& m : s.mapped) {
      if (v < m.first || v > m.last) continue;
      if (line != nullptr && (line->slope != m.slope || line->intercept != m.intercept)) {
        refuse(s.file, "RealWorldValueMappingSequence (0040,9096) has two lines to Bq/mL for the stored value " +
                           to_text(v, 8) + ": export it with one");
      }
      line = &m;
    }
    if (line == nullptr && !s.mapped.empty()) {
      refuse(s.file, "RealWorldValueMappingSequence (0040,9096) maps no stored value of " + to_text(v, 8) +
                         " to Bq/mL (" + to_text(s.mapped.front().first, 8) + " to " +
                         to_text(s.mapped.front().last, 8) + " first): export it with a mapping of all its values");
    }
    *to++ = line != nullptr ? line->slope * v + line->intercept : s.slope * v + s.intercept;
  }
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
  if (t.units == "CNTS") t.activity_scale = philips_activity_scale(d);
  t.decay_factor = number_of(d, DCM_DecayFactor).value_or(0);
  for (DcmItem* drug : items_of(d, DCM_RadiopharmaceuticalInformationSequence)) {
    t.injection_date_time = text_of(*drug, DCM_RadiopharmaceuticalStartDateTime);
    t.injection_time = text_of(*drug, DCM_RadiopharmaceuticalStartTime);
    t.half_life_s = number_of(*drug, DCM_RadionuclideHalfLife).value_or(0);
    t.positron_fraction = number_of(*drug, DCM_RadionuclidePositronFraction).value_or(0);
    for (DcmItem* code : items_of(*drug, DCM_RadionuclideCodeSequence)) t.isotope = text_of(*code, DCM_CodeMeaning);
    break;
  }
  for (DcmItem* drug : items_of(d, DCM_RadiopharmaceuticalInformationSequence)) {
    if (text_of(*drug, DCM_RadiopharmaceuticalStartDateTime) != t.injection_date_time ||
        text_of(*drug, DCM_RadiopharmaceuticalStartTime) != t.injection_time) {
      t.several_injections = true;
    }
  }
  return t;
}

namespace {

/// Where a multi-frame NM object keeps its geometry.
DcmItem& place_of(DcmItem& d, const fs::path& file, const std::string& modality, std::size_t detector = 0) {
  if (modality != "NM") return d;
  const std::vector<DcmItem*> detectors = items_of(d, DCM_DetectorInformationSequence);
  if (detectors.empty() && d.tagExists(DCM_ImagePositionPatient)) return d;  // one file a slice
  if (detectors.empty()) refuse(file, "has no DetectorInformationSequence (0054,0022), so no place in the patient");
  if (detector >= detectors.size()) refuse(file, "does not describe detector " + std::to_string(detector + 1));
  return *detectors[detector];
}

/// Of the detector, or of the object where the detector states none.
DcmItem& with(const DcmTagKey& key, DcmItem& detector, DcmItem& object) {
  return numbers_of(detector, key).empty() ? object : detector;
}

void read_nm_plane(DcmItem& d, DcmItem& detector, Slice& s) {
  read_plane(d, d, with(DCM_ImageOrientationPatient, detector, d), with(DCM_ImagePositionPatient, detector, d), s);
}

/// The slices of an object: one, or the frames of an enhanced one; of NM one for all frames.
std::vector<Slice> read_object(const fs::path& file, const std::string& modality, CtNumbers numbers) {
  const auto object = load_dicom(file);
  if (!object) refuse(file, "is no DICOM any more");
  DcmDataset& d = *object->getDataset();
  Slice s;
  s.file = file;
  try {
    s.frames = count_of(d, DCM_NumberOfFrames).value_or(1);
    s.frame_of_reference = text_of(d, DCM_FrameOfReferenceUID);
    s.study_uid = text_of(d, DCM_StudyInstanceUID);
    s.reference = {text_of(d, DCM_SOPClassUID), text_of(d, DCM_SOPInstanceUID)};
    s.timing = read_timing(d);
    s.units = s.timing.units;
    if (modality == "PT") read_pet_corrections(d, s);
    read_parts(d, s);
    if (modality != "NM" && d.tagExists(DCM_PerFrameFunctionalGroupsSequence))
      return read_enhanced(d, s, modality, numbers);
    if (modality != "NM" && s.frames != 1) {
      refuse(file, "has " + std::to_string(s.frames) +
                       " frames without a place each (PerFrameFunctionalGroupsSequence), export one file per slice");
    }
    DcmItem& place = place_of(d, file, modality);
    read_nm_plane(d, place, s);
    read_rescale(d, modality, numbers, s);
    if (modality != "CT" && s.units != "BQML") take_real_world_values(d, s);
  } catch (const Error& error) {
    const std::string what = error.what();
    if (what.starts_with(file.string())) throw;
    refuse(file, what);
  }
  return {s};
}

DicomImage read_slices(const DicomSeries& series, CtNumbers numbers) {
  std::vector<Slice> slices;
  for (const fs::path& file : series.files) {
    for (Slice& s : read_object(file, series.modality, numbers)) slices.push_back(std::move(s));
  }
  check_parts(series, slices);
  Warnings warnings;
  if (series.modality == "PT") warnings = pet_warnings(series, slices);
  DicomImage result = stack_slices(series, std::move(slices));
  result.warnings.insert(result.warnings.end(), warnings.begin(), warnings.end());
  return result;
}

/// One file a slice: some cameras write SPECT as PET is written.
DicomImage read_single_frames(const DicomSeries& series, const NmChoice& choice) {
  for (const fs::path& file : series.files) {
    const auto object = load_dicom(file);
    if (!object) refuse(file, "is no DICOM any more");
    check_emission(*object->getDataset(), file, choice);
    const int frames = count_of(*object->getDataset(), DCM_NumberOfFrames).value_or(1);
    if (frames != 1) {
      refuse(file, "has " + std::to_string(frames) + " frames, its NM series has " +
                       std::to_string(series.files.size()) +
                       " files: needs to be one multi-frame object, or one file a slice; name the file that is meant");
    }
  }
  return read_slices(series, CtNumbers::stated);
}

/// Distance of the frames [mm], negative where they go against the normal (PS3.3 C.8.4.15). A thickness is no distance;
/// where it is all there is, it counts if it makes voxels cubic, as SPECT is reconstructed.
double frame_spacing(DcmItem& d, const Slice& s, Warnings& warnings) {
  const double stated = number_of(d, DCM_SpacingBetweenSlices).value_or(0);
  if (std::abs(stated) > 0 && std::abs(stated) <= largest_spacing_mm) return stated;
  const double thickness = number_of(d, DCM_SliceThickness).value_or(0);
  if (stated != 0 || !(std::abs(thickness - s.row_spacing) < 0.01 * s.row_spacing)) {
    refuse(s.file, "SpacingBetweenSlices (0018,0088) is " + mm(stated) +
                       ", needs to be other than 0: SliceThickness (" + mm(thickness) + ") is no distance");
  }
  warnings.push_back({"nm-spacing-missing",
                      WarningClass::wrong_dose,
                      s.file.string() + ": has no SpacingBetweenSlices (0018,0088), its slices are taken as " +
                          mm(thickness) + " apart, as thick as its pixels are wide",
                      {{"spacing_mm", thickness}}});
  return thickness;
}

DicomImage read_frames(const DicomSeries& series, const NmChoice& choice) {
  if (series.files.size() != 1) return read_single_frames(series, choice);
  Slice s = read_object(series.files.front(), series.modality, CtNumbers::stated).front();
  const auto object = load_dicom(s.file);
  DcmDataset& d = *object->getDataset();
  check_emission(d, s.file, choice);
  if (s.frames < 1) refuse(s.file, "NumberOfFrames (0028,0008) is 0");
  Warnings warnings = series.warnings;
  const double spacing = frame_spacing(d, s, warnings);
  const NmFrames chosen = choose_frames(d, s.file, s.frames, choice);
  if (chosen.detector > 0) {
    DcmItem& place = place_of(d, s.file, series.modality, chosen.detector);
    read_nm_plane(d, place, s);
  }
  const int slices = static_cast<int>(chosen.frame_of_slice.size());
  DicomImage result{{grid_of(s, slices, std::abs(spacing), spacing < 0 ? -1.0 : 1.0), {}}, origin_of(series, s), {}};
  result.warnings = std::move(warnings);
  if (static_cast<double>(result.image.grid.voxels()) > 4e9) refuse(s.file, "has more than 4e9 voxels");
  const std::vector<double> stored = read_pixels(s.file, s.layout);
  const std::size_t plane = s.layout.plane();
  result.image.values.reserve(result.image.grid.voxels());
  for (const int frame : chosen.frame_of_slice) {
    const auto from = std::span(stored).subspan(static_cast<std::size_t>(frame) * plane, plane);
    result.image.values.resize(result.image.values.size() + plane);
    rescale(s, from, &*(result.image.values.end() - static_cast<std::ptrdiff_t>(plane)));
  }
  result.origin.references = {s.reference};
  result.origin.timing = {s.timing};
  return result;
}

}  // namespace

DicomImage read_series(const DicomSeries& series, CtNumbers numbers, const NmChoice& choice) {
  if (series.modality == "NM") return read_frames(series, choice);
  return read_slices(series, numbers);
}

}  // namespace ytterby::io
