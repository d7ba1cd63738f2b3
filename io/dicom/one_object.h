#pragma once
// The one object of a kind in a folder.

#include <filesystem>
#include <string>

namespace ytterby::io {

/// A file as it is; of a folder and its subfolders the one DICOM object of that modality (RTSTRUCT, SEG, REG), others
/// are passed over. An instance that is there twice counts once. Throws Fault::input where there is none, and with the
/// files' names where there are several.
std::filesystem::path one_object(const std::filesystem::path& path, const std::string& modality);

}  // namespace ytterby::io
