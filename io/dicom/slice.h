#pragma once
// One slice of a series, as its object or its frame describes it; for the dicom files alone.

#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "io/dicom/dicom_image.h"
#include "io/dicom/object.h"
#include "io/dicom/pixels/pixels.h"
#include "io/dicom/series.h"

namespace ytterby::io {

inline constexpr double largest_spacing_mm = 100;

/// A line from stored values to Bq/mL, for stored values from `first` to `last` (PS3.3 C.7.6.16.2.11).
struct RealWorldValues {
  double slope = 1, intercept = 0;  // [Bq/mL]
  double first = -std::numeric_limits<double>::infinity(), last = std::numeric_limits<double>::infinity();
  bool operator==(const RealWorldValues&) const = default;
};

/// A slice: an object of one frame, or a frame of an enhanced object. Of NM objects, all frames.
struct Slice {
  std::filesystem::path file;
  int frame = 0;   // within its object
  int frames = 1;  // of its object
  PixelLayout layout;
  double column_spacing = 0, row_spacing = 0;  // [mm]
  std::array<Vector3, 3> axes;
  Vector3 position{0, 0, 0};  // of the first pixel [mm]
  double along = 0;           // position along the normal [mm]
  double thickness = 0;       // SliceThickness, or SpacingBetweenSlices of a single one [mm]; 0: not stated
  double slope = 1, intercept = 0;
  std::vector<RealWorldValues> mapped;  // in place of slope and intercept, where there are any
  std::string rescale_type;
  std::string frame_of_reference, study_uid, units;
  DicomReference reference;
  DicomTiming timing;
  bool attenuated = false;         // a PET whose header says that attenuation was not corrected
  bool decay_uncorrected = false;  // ... that decay was not, though DecayCorrection says when to
  int counted = 0;                 // slices of the series by its NumberOfSlices; 0: not stated
  std::string concatenation;       // ConcatenationUID; empty: none
  int part = 0, parts = 0;         // of the concatenation, from 1; 0: not stated
};

/// Place and spacing of a plane: its size from `d`, the rest from the items given (`d` itself in classic objects).
void read_plane(DcmItem& d, DcmItem& measures, DcmItem& orientation, DcmItem& position, Slice& s);

/// The slope and intercept of `item` (of a classic object, or of a frame's transformation). Throws Fault::input where a
/// CT or PET states none, for a ModalityLUTSequence, and for CT numbers that are not in HU (PS3.3 C.8.2.1, C.11.1).
void read_rescale(DcmItem& item, const std::string& modality, CtNumbers numbers, Slice& s);

/// Bq/mL of stored values count where `d` states them.
void take_real_world_values(DcmItem& d, Slice& s);

/// `stored` values in the file's unit. Throws Fault::input for a value that no line, or more than one, is for.
void rescale(const Slice& s, std::span<const double> stored, double* to);

DicomTiming read_timing(DcmItem& d);

/// The frames of an enhanced multi-frame CT or PET object (PS3.3 C.7.6.16), also of a legacy converted one.
std::vector<Slice> read_enhanced(DcmItem& d, const Slice& common, const std::string& modality, CtNumbers numbers);

/// Whether a PET's header says that attenuation was not corrected (CorrectedImage, AttenuationCorrectionMethod, and the
/// enhanced object's AttenuationCorrected).
bool not_attenuation_corrected(DcmItem& d);

/// Whether a PET shows projections (PS3.3 C.8.9.1.1.1).
bool is_reprojection(DcmItem& d);

/// What a PET says of its corrections. Throws Fault::input for projections (SeriesType REPROJECTION).
void read_pet_corrections(DcmItem& d, Slice& s);

/// How many slices or parts belong together.
void read_parts(DcmItem& d, Slice& s);

/// Throws Fault::input where a part of a concatenation (PS3.3 C.7.6.16.2.2.4) is not there.
void check_parts(const DicomSeries& series, const std::vector<Slice>& slices);

/// Of values that are not corrected for attenuation or decay, and of fewer slices than the header counts.
Warnings pet_warnings(const DicomSeries& series, const std::vector<Slice>& slices);

/// Slices put together in the patient: sorted by place, doubles dropped, on an even lattice.
DicomImage stack_slices(const DicomSeries& series, std::vector<Slice> slices);

/// The grid of `count` planes from the first one on, `spacing` [mm] apart; `sign` is that of the axis along the normal.
Grid grid_of(const Slice& first, int count, double spacing, double sign);

DicomOrigin origin_of(const DicomSeries& series, const Slice& first);

}  // namespace ytterby::io
