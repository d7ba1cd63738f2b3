#pragma once
// The text headers of NRRD and MetaImage, for what ITK passes over, crashes on or follows out of the file.

#include <filesystem>
#include <string>

namespace ytterby::io {

/// Throws Fault::input for a header that is beyond 1 MiB, 10000 lines or 100000 characters a line; for a NaN or
/// infinity in the geometry, lengths not in mm, an axis without a direction, more than 10 dimensions; for data of .mha
/// and .nrrd that are in other files, and of .mhd and .nhdr that are not in one file in the header's folder or below
/// it.
void check_text_header(const std::filesystem::path& path);

/// Name of the data file in a detached header (.mhd, .nhdr); empty where the data follow.
std::string detached_data(const std::filesystem::path& header);

}  // namespace ytterby::io
