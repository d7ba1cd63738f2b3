#pragma once
// The text headers of NRRD and MetaImage, for what ITK passes over, crashes on or follows out of the file.

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "io/text/warning.h"

namespace ytterby::io {

/// A header's fields: names in small letters without blanks ("spacedirections"); and the keys of NRRD
/// ("Segment0_Name"), as written.
struct TextHeader {
  std::vector<std::pair<std::string, std::string>> fields, keys;
  std::size_t bytes = 0;  // of the header, its last line's end included
  /// Empty where there is none.
  [[nodiscard]] std::string value(const std::string& name) const;
  [[nodiscard]] std::string key(const std::string& name) const;
};

/// Up to the empty line of NRRD, or to MetaImage's ElementDataFile. Throws Fault::input as below.
TextHeader read_text_header(const std::filesystem::path& path);

/// Throws Fault::input for a header that is beyond 1 MiB, 10000 lines or 100000 characters a line; for a NaN or
/// infinity in the geometry, lengths not in mm, an axis without a direction, more than 10 dimensions; for data of .mha
/// and .nrrd that are in other files, and of .mhd and .nhdr that are not in one file in the header's folder or below
/// it; and for a MetaImage without ElementSpacing, which libraries take for 1 mm, with a scale of its values, which
/// they pass over, and compressed or in text in a way that ITK fails on. `states_place` becomes false for a
/// MetaImage without TransformMatrix or Offset.
void check_text_header(const std::filesystem::path& path, bool& states_place);

/// Name of the data file in a detached header (.mhd, .nhdr); empty where the data follow.
std::string detached_data(const std::filesystem::path& header);

}  // namespace ytterby::io
