#pragma once
// What an archive sent: image series, structure sets, segmentations and registrations, as their headers describe them.

#include <filesystem>
#include <string>
#include <vector>

#include "io/dicom/series.h"

namespace ytterby::io {

/// An image series by its headers; no pixel is read. What a header does not say is 0 or empty.
struct SeriesFacts {
  DicomSeries series;
  std::string description;  // SeriesDescription: free text, which may name the patient
  std::string date;         // YYYYMMDD, of acquisition, or else of the series
  std::string frame_of_reference;
  std::string image_type;  // values joined by backslashes
  int columns = 0, rows = 0;
  int slices = 0;                              // files, or frames of multi-frame objects
  double column_spacing = 0, row_spacing = 0;  // [mm]
  double extent = 0;                           // from the first slice's place to the last's [mm]
  bool contrast_agent = false;                 // of a CT
  std::string units;                           // of a PET
  bool attenuated = false;                     // a PET that is not corrected for attenuation
  bool projections = false;                    // a PET of projections
  double half_life_h = 0;                      // of the nuclide that the header names
  double injected_Bq = 0;                      // RadionuclideTotalDose of a PET
  int energy_windows = 0;                      // of NM
};

/// A region of a structure set, or a segment.
struct NamedPart {
  std::string name;  // in UTF-8
  int number = 0;
  bool filled = true;  // false: a region without contours
};

/// A structure set or a segmentation.
struct StructureObject {
  enum class Kind { rtstruct, seg };
  std::filesystem::path file;
  Kind kind = Kind::rtstruct;
  std::string frame_of_reference, referenced_series, date;
  std::vector<NamedPart> parts;
};

/// All of a folder and its subfolders, in the order of UIDs and file names.
struct DicomSurvey {
  std::vector<SeriesFacts> images;
  std::vector<StructureObject> structures;
  std::vector<std::filesystem::path> registrations;
  std::vector<std::filesystem::path> other_files;  // no DICOM
  Warnings warnings;
};

/// Throws Fault::input where the folder cannot be read and for DICOM files that break off.
DicomSurvey survey_dicom(const std::filesystem::path& folder);

}  // namespace ytterby::io
