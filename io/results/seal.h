#pragma once
// Whether a file of ours is what its writer left.

#include <filesystem>
#include <optional>
#include <string>

#include "io/hdf5/hdf5.h"
#include "io/text/warning.h"

namespace ytterby::io {

/// How far a file is believed: as it was written, or whatever it holds.
enum class Trust { whole, any };

/// Compares a file with its digest, for which all of it is read. What its results have to say of it: a file of format
/// 1.0 has none; with Trust::any, it may differ. Throws Fault::input where it differs or is missing otherwise.
std::optional<Warning> check_seal(const Hdf5File& h5, const std::filesystem::path& path, Trust trust = Trust::whole);

}  // namespace ytterby::io
