#pragma once
// Were the files that a command reads the same all the while?

#include <filesystem>
#include <map>
#include <vector>

#include "io/system/check_outputs.h"

namespace ytterby::io {

/// What the system says of files (identity, size, times of change), to be asked again when they have been read.
class Unchanged {
 public:
  /// Of folders, the files that count. What is not there is passed over: its reader says so.
  explicit Unchanged(std::vector<ReadFile> files);

  /// Throws Fault::input naming the first that is another file now, or was written to, has gone or has come.
  void check() const;

 private:
  std::vector<ReadFile> files_;
  std::map<std::filesystem::path, std::vector<long long>> prints_;
};

}  // namespace ytterby::io
