#pragma once
// RTSTRUCT: contours by the name or number of their region.

#include <filesystem>
#include <string>
#include <vector>

#include "engine/grid/contour_mask.h"
#include "io/text/name_or_number.h"
#include "io/text/warning.h"

namespace ytterby::io {

/// One region of a structure set.
struct DicomContours : ContourRegion {  // [cm]
  std::string name;                     // as the file has it, in UTF-8
  std::string frame_of_reference;
  std::string sop_instance;  // of the structure set
  Warnings warnings;
};

/// The closed contours of one region: by its name (case and outer blanks as written; of several of one name the one
/// that has contours), or by its ROINumber. Contours of type INTERPOLATED_PLANAR and OPEN_PLANAR, and those that state
/// none, are read as closed, others left out, each with a warning. Throws Fault::input with the names that there are
/// where the region is missing, where several have that name and contours, where others have its number and nothing
/// says whose the contours are, and where it has no contour of a type that encloses something.
DicomContours read_contours(const std::filesystem::path& file, const NameOrNumber& roi);

}  // namespace ytterby::io
