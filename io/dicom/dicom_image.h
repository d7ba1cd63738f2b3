#pragma once
// What an image read from DICOM is, and what the case chooses of it.

#include <optional>
#include <string>
#include <vector>

#include "engine/grid/image.h"
#include "io/text/warning.h"

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
  bool several_injections = false;                  // at other times than the first, which is the one above
  double half_life_s = 0;                           // 0: not stated
  double decay_factor = 0;                          // 0: not stated
  double activity_scale = 0;                        // Philips' Bq/mL per count, where Units is CNTS; 0: not stated
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
  Warnings warnings;
};

/// Whether a CT has to say that its values are CT numbers, or the case insists.
enum class CtNumbers { stated, insisted };

/// What the case chooses of a nuclear medicine object that holds several images.
struct NmChoice {
  std::string energy_window;               // its name, or its number from 1; empty: not chosen
  std::optional<int> detector, time_slot;  // from 1
};

}  // namespace ytterby::io
