#pragma once
// A case file's text, before the TOML library sees it.

#include <filesystem>
#include <string>

namespace ytterby::io {

/// Throws Fault::input for a folder, for what cannot be read, and beyond 10 MB.
std::string read_case_text(const std::filesystem::path& file);

/// Throws Fault::input for a dotted key of more than 16 parts: the TOML library bounds how deep brackets nest (256),
/// but not these, and takes the tables of such a key apart by recursion.
void check_key_depth(const std::string& text, const std::filesystem::path& file);

}  // namespace ytterby::io
