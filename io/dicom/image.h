#pragma once
// CT, PET and SPECT images: slices or frames put together in the patient.

#include <optional>
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

/// Puts a series together.
///
/// Slices are sorted by their position along the normal of their plane, never by name, number or thickness, and have to
/// lie on an even lattice (engine/grid/plane_lattice.h); an instance that is there twice counts once. Attributes
/// are read by DCMTK, pixels by GDCM, because only the latter has JPEG 2000. Throws Fault::input for slices that differ
/// in size, orientation or frame of reference, two in one place and gaps, with the values; for a CT or PET without
/// rescaling, and for CT values that are stated to be no CT numbers. Of a NM object that holds several images (energy
/// windows, detectors, time slots) `choice` says which one; one file a slice is read, too. Where
/// RealWorldValueMappingSequence maps to Bq/mL and Units does not say so, values are in Bq/mL and units are BQML.
DicomImage read_series(const DicomSeries& series, CtNumbers numbers = CtNumbers::stated, const NmChoice& choice = {});

}  // namespace ytterby::io
