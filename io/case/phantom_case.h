#pragma once
// Analytic phantoms as case folders: image files and a case file, as a clinic would hand them over.

#include <filesystem>
#include <optional>
#include <string>

namespace ytterby::io {

/// The case file that write_phantom_case() writes. Throws Fault::usage for an unknown name.
std::string phantom_case_text(const std::string& name);

/// Writes the phantom `name` (see engine/phantoms) into `folder`, which is made where it is missing: case.toml,
/// ct.nii.gz or labels.nii.gz, activity.nii.gz, a mask for each structure. `spacing` [cm] by default the phantom's own.
/// Returns the path of the case file. Throws Fault::usage for an unknown name, Fault::input where it cannot write.
///
/// The folder is empty (hidden files apart) or a phantom's: `phantom.sha256` in it lists what was written, and nobody
/// has changed it since. Any other is refused, naming a file that stands in the way.
std::filesystem::path write_phantom_case(const std::string& name, const std::filesystem::path& folder,
                                         std::optional<double> spacing = {});

}  // namespace ytterby::io
