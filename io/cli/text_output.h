#pragma once
// Text files that appear whole or not at all.

#include <filesystem>
#include <string>

namespace ytterby::cli {

/// Writes beside and renames when whole. Throws Fault::input where it cannot be written.
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace ytterby::cli
