#pragma once
// One slice of a series, as its object or its frame describes it; for the dicom files alone.

#include <filesystem>
#include <string>
#include <vector>

#include "io/dicom/dicom_image.h"
#include "io/dicom/object.h"
#include "io/dicom/pixels/pixels.h"
#include "io/dicom/series.h"

namespace ytterby::io {

inline constexpr double largest_spacing_mm = 100;

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
  std::string rescale_type;
  std::string frame_of_reference, study_uid, units;
  DicomReference reference;
  DicomTiming timing;
};

/// Place and spacing of a plane: its size from `d`, the rest from the items given (`d` itself in classic objects).
void read_plane(DcmItem& d, DcmItem& measures, DcmItem& orientation, DcmItem& position, Slice& s);

/// The slope and intercept of `item` (of a classic object, or of a frame's transformation). Throws Fault::input where a
/// CT or PET states none, for a ModalityLUTSequence, and for CT numbers that are not in HU (PS3.3 C.8.2.1, C.11.1).
void read_rescale(DcmItem& item, const std::string& modality, CtNumbers numbers, Slice& s);

DicomTiming read_timing(DcmItem& d);

/// The frames of an enhanced multi-frame CT or PET object (PS3.3 C.7.6.16), also of a legacy converted one.
std::vector<Slice> read_enhanced(DcmItem& d, const Slice& common, const std::string& modality, CtNumbers numbers);

/// Slices put together in the patient: sorted by place, doubles dropped, on an even lattice.
DicomImage stack_slices(const DicomSeries& series, std::vector<Slice> slices);

/// The grid of `count` planes from the first one on, `spacing` [mm] apart; `sign` is that of the axis along the normal.
Grid grid_of(const Slice& first, int count, double spacing, double sign);

DicomOrigin origin_of(const DicomSeries& series, const Slice& first);

}  // namespace ytterby::io
