#pragma once
// The hash by which an input is known again.

#include <filesystem>
#include <string>

namespace ytterby::io {

/// SHA-256 of a file's bytes; for a header with its data in another file (.mhd, .nhdr), of both, one after the other.
/// Throws Fault::input where it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace ytterby::io
