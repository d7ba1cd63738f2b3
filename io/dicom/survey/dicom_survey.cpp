#include "io/dicom/survey/dicom_survey.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/error.h"
#include "io/dicom/object.h"
#include "io/dicom/slice.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr double seconds_per_hour = 3600;

std::string date_of(DcmItem& d) {
  for (const DcmTagKey& key : {DCM_AcquisitionDateTime, DCM_AcquisitionDate, DCM_SeriesDate, DCM_ContentDate,
                               DCM_StructureSetDate, DCM_StudyDate}) {
    if (const std::string date = text_of(d, key); date.size() >= 8) return date.substr(0, 8);
  }
  return {};
}

void take_drug(DcmItem& d, SeriesFacts& facts) {
  for (DcmItem* drug : items_of(d, DCM_RadiopharmaceuticalInformationSequence)) {
    facts.half_life_h = number_of(*drug, DCM_RadionuclideHalfLife).value_or(0) / seconds_per_hour;
    // A PET states becquerels, NM megabecquerels (PS3.3 C.8.9.2, C.8.4.10); of NM it is another nuclide's, anyway.
    if (facts.series.modality == "PT") facts.injected_Bq = number_of(*drug, DCM_RadionuclideTotalDose).value_or(0);
    return;
  }
}

/// Spacing and places of NM's frames are in the first detector's item.
DcmItem& place_of(DcmItem& d) {
  const std::vector<DcmItem*> detectors = items_of(d, DCM_DetectorInformationSequence);
  return detectors.empty() || d.tagExists(DCM_ImagePositionPatient) ? d : *detectors.front();
}

/// The place along the normal [mm]; NaN where the header has none.
double along(DcmItem& d) {
  const std::vector<double> position = numbers_of(d, DCM_ImagePositionPatient);
  const std::vector<double> cosines = numbers_of(d, DCM_ImageOrientationPatient);
  if (position.size() != 3 || cosines.size() != 6) return std::numeric_limits<double>::quiet_NaN();
  return dot({position[0], position[1], position[2]}, axes_of(cosines)[2]);
}

/// Where PixelSpacing is: of enhanced objects in the functional groups of all frames, or of the first.
DcmItem& measures_of(DcmItem& d) {
  for (const DcmTagKey& groups : {DCM_SharedFunctionalGroupsSequence, DCM_PerFrameFunctionalGroupsSequence}) {
    for (DcmItem* item : items_of(d, groups))
      for (DcmItem* measures : items_of(*item, DCM_PixelMeasuresSequence)) return *measures;
  }
  return d;
}

void take_first(DcmItem& d, SeriesFacts& facts) {
  facts.description = name_text_of(d, d, DCM_SeriesDescription);
  facts.date = date_of(d);
  facts.frame_of_reference = text_of(d, DCM_FrameOfReferenceUID);
  facts.image_type = text_of(d, DCM_ImageType);
  facts.columns = count_of(d, DCM_Columns).value_or(0);
  facts.rows = count_of(d, DCM_Rows).value_or(0);
  if (const std::vector<double> spacing = numbers_of(measures_of(d), DCM_PixelSpacing); spacing.size() == 2) {
    facts.row_spacing = spacing[0];
    facts.column_spacing = spacing[1];
  }
  facts.contrast_agent = !text_of(d, DCM_ContrastBolusAgent).empty();
  facts.units = text_of(d, DCM_Units);
  if (facts.series.modality == "PT") {
    facts.attenuated = not_attenuation_corrected(d);
    facts.projections = is_reprojection(d);
  }
  facts.energy_windows = count_of(d, DCM_NumberOfEnergyWindows).value_or(0);
  take_drug(d, facts);
}

SeriesFacts facts_of(DicomSeries series) {
  SeriesFacts facts;
  facts.series = std::move(series);
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const fs::path& file : facts.series.files) {
    const auto object = load_dicom(file, 64);
    if (!object) continue;
    DcmDataset& d = *object->getDataset();
    if (facts.slices == 0) take_first(d, facts);
    const int frames = count_of(d, DCM_NumberOfFrames).value_or(1);
    facts.slices += frames;
    const double first = along(place_of(d));
    const double step = number_of(d, DCM_SpacingBetweenSlices).value_or(0);
    for (const double at : {first, first + step * (frames - 1)}) {
      low = std::min(low, at);
      high = std::max(high, at);
    }
  }
  if (high > low) facts.extent = high - low;
  return facts;
}

StructureObject structure_set_of(DcmItem& d, const fs::path& file) {
  StructureObject object{file, StructureObject::Kind::rtstruct, {}, {}, date_of(d), {}};
  for (DcmItem* frame : items_of(d, DCM_ReferencedFrameOfReferenceSequence)) {
    if (object.frame_of_reference.empty()) object.frame_of_reference = text_of(*frame, DCM_FrameOfReferenceUID);
    for (DcmItem* study : items_of(*frame, DCM_RTReferencedStudySequence)) {
      for (DcmItem* series : items_of(*study, DCM_RTReferencedSeriesSequence)) {
        if (object.referenced_series.empty()) object.referenced_series = text_of(*series, DCM_SeriesInstanceUID);
      }
    }
  }
  std::vector<int> filled;
  for (DcmItem* item : items_of(d, DCM_ROIContourSequence)) {
    if (items_of(*item, DCM_ContourSequence).empty()) continue;
    if (const auto number = count_of(*item, DCM_ReferencedROINumber)) filled.push_back(*number);
  }
  for (DcmItem* item : items_of(d, DCM_StructureSetROISequence)) {
    const int number = count_of(*item, DCM_ROINumber).value_or(0);
    if (object.frame_of_reference.empty())
      object.frame_of_reference = text_of(*item, DCM_ReferencedFrameOfReferenceUID);
    object.parts.push_back(
        {name_text_of(d, *item, DCM_ROIName), number, std::find(filled.begin(), filled.end(), number) != filled.end()});
  }
  return object;
}

StructureObject segmentation_of(DcmItem& d, const fs::path& file) {
  StructureObject object{file, StructureObject::Kind::seg, text_of(d, DCM_FrameOfReferenceUID), {}, date_of(d), {}};
  for (DcmItem* series : items_of(d, DCM_ReferencedSeriesSequence)) {
    if (object.referenced_series.empty()) object.referenced_series = text_of(*series, DCM_SeriesInstanceUID);
  }
  for (DcmItem* item : items_of(d, DCM_SegmentSequence)) {
    object.parts.push_back(
        {name_text_of(d, *item, DCM_SegmentLabel), count_of(*item, DCM_SegmentNumber).value_or(0), true});
  }
  return object;
}

}  // namespace

DicomSurvey survey_dicom(const fs::path& folder) {
  DicomSurvey survey;
  for (DicomSeries& series : find_series(folder)) {
    merge_warnings(series.warnings, survey.warnings);
    survey.images.push_back(facts_of(std::move(series)));
  }
  for (const fs::path& file : files_below(folder)) {
    const auto object = load_dicom(file, 64);
    if (!object) {
      survey.other_files.push_back(file);
      continue;
    }
    DcmDataset& d = *object->getDataset();
    const std::string modality = text_of(d, DCM_Modality);
    if (modality == "RTSTRUCT") survey.structures.push_back(structure_set_of(d, file));
    if (modality == "SEG") survey.structures.push_back(segmentation_of(d, file));
    if (modality == "REG") survey.registrations.push_back(file);
  }
  return survey;
}

}  // namespace ytterby::io
