#pragma once
// What has to be known about a NIfTI file before ITK sees it.

#include <filesystem>

namespace ytterby::io {

/// Refuses NIfTI headers that ITK would take for something else than they say, or die of: lengths in metres, spacing
/// that is not positive, no orientation, NIfTI-2, more than one volume, data that end too early and
/// values that are NaN or infinite (ITK 5.2 reads both as zeros). So every file is read once before ITK reads it.
/// Returns false where the header leaves the unit of length unknown (millimetres are assumed then).
/// Throws Fault::input with the value found.
bool check_nifti(const std::filesystem::path& path);

}  // namespace ytterby::io
