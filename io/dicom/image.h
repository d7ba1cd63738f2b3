#pragma once
// CT, PET and SPECT images: slices or frames put together in the patient.

#include <string>
#include <vector>

#include "engine/grid/image.h"
#include "io/dicom/series.h"

namespace ytterby::io {

/// Identifies one object of a series.
struct DicomReference {
  std::string sop_class, sop_instance;
};

/// When and how a slice was measured (PET, quantitative SPECT); texts as in the file, empty where absent.
struct DicomTiming {
  std::string units, decay_correction, isotope;
  std::string series_date, series_time, acquisition_date, acquisition_time;
  std::string acquisition_date_time;                // AcquisitionDateTime
  std::string injection_date_time, injection_time;  // RadiopharmaceuticalStartDateTime, ...StartTime
  std::string zone;                                 // TimezoneOffsetFromUTC
  double half_life_s = 0;                           // 0: not stated
  double decay_factor = 0;                          // 0: not stated
  double positron_fraction = 0;                     // RadionuclidePositronFraction; 0: not stated
};

/// What a DICOM image brings beside its voxels. Names, patient IDs and dates of birth are never read.
struct DicomOrigin {
  std::string modality, units;
  std::string frame_of_reference, study_uid, series_uid;
  std::vector<DicomReference> references;  // in the order of the slices
  std::vector<DicomTiming> timing;         // one per slice; one alone for multi-frame objects
};

struct DicomImage {
  Image<double> image;  // rescaled to the file's unit
  DicomOrigin origin;
};

/// Puts a series together.
///
/// Slices are sorted by their position along the normal of their plane, never by name, number or thickness. Attributes
/// are read by DCMTK, pixels by GDCM, because only the latter has JPEG 2000. Throws Fault::input for slices that differ
/// in size, orientation or frame of reference, duplicates and gaps, with the values.
DicomImage read_series(const DicomSeries& series);

}  // namespace ytterby::io
