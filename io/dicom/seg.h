#pragma once
// DICOM SEG: one segment as a mask.

#include <filesystem>
#include <string>

#include "engine/grid/image.h"

namespace ytterby::io {

struct DicomSegment {
  Image<float> inside;  // shares of 0 to 1, on the lattice of all frames of the object; missing frames are empty
  std::string frame_of_reference;
  std::string sop_instance;
};

/// The segment of that number or label. Throws Fault::input with the segments that there are where it is missing.
DicomSegment read_segment(const std::filesystem::path& file, const std::string& segment);

}  // namespace ytterby::io
