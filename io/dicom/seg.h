#pragma once
// DICOM SEG: segments as a mask.

#include <filesystem>
#include <string>
#include <vector>

#include "engine/grid/contour_slabs.h"
#include "engine/grid/image.h"
#include "io/text/name_or_number.h"
#include "io/text/warning.h"

namespace ytterby::io {

struct DicomSegment {
  Image<float> inside;  // shares of 0 to 1, on the lattice of all frames of the object; missing frames are empty
  std::string frame_of_reference;
  std::string sop_instance;
  Warnings warnings;
};

/// What a segmentation is read with.
struct SegmentRequest {
  std::vector<NameOrNumber> segments;  // by label or by number; several unite
  const Grid* image = nullptr;         // the CT, on whose slices the frames may lie
  GapRule gaps = GapRule::leave;       // of frames missing inside
};

/// The segments of an object of type BINARY, FRACTIONAL or LABELMAP, of any transfer syntax.
///
/// The distance of frames is SpacingBetweenSlices where two frames are that far apart, else that of the CT's slices
/// where they lie in such steps, else of the coarsest lattice that holds them (engine/grid/plane_lattice.h); never
/// SliceThickness, but for a single frame that lies on nothing else. Throws Fault::input with the segments that there
/// are where one is missing, and naming two frames that lie on no lattice.
DicomSegment read_segment(const std::filesystem::path& file, const SegmentRequest& request);

/// One segment by its number or label.
DicomSegment read_segment(const std::filesystem::path& file, const std::string& segment);

}  // namespace ytterby::io
