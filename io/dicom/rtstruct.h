#pragma once
// RTSTRUCT: contours by the name of their region.

#include <filesystem>
#include <string>
#include <vector>

#include "engine/grid/contour_mask.h"

namespace ytterby::io {

/// One region of a structure set.
struct DicomContours {
  std::vector<Contour> contours;  // [cm]
  std::string frame_of_reference;
  std::string sop_instance;  // of the structure set
};

/// The closed planar contours of the region of that name (case and outer blanks as written). Throws Fault::input with
/// the names that there are where it is missing or there twice, and where it has no closed contour.
DicomContours read_contours(const std::filesystem::path& file, const std::string& roi);

}  // namespace ytterby::io
