#pragma once
// No output may take the place of something that the same command reads, or of another of its outputs.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace ytterby::io {

/// A file that a command reads, or a folder with all below it.
struct ReadFile {
  std::filesystem::path path;
  std::string what;  // for messages: "the CT of case.toml", "a dose file"
  /// Of a folder: which of its files are read; empty: all of them.
  std::function<bool(const std::filesystem::path&)> counts = {};
};

/// A file that a command writes.
struct WrittenFile {
  std::filesystem::path path;
  std::string what;  // the option that names it: "-o"
};

/// Refuses an output that is, links to (softly or hard), or lies in the place of a file that is read or of another
/// output, however the paths are written. A new file beside the slices of a folder is none of them. Throws Fault::input
/// naming both.
void check_outputs(const std::vector<WrittenFile>& outputs, const std::vector<ReadFile>& inputs);

}  // namespace ytterby::io
