#pragma once
// A file that a case names, and its hash.

#include <string>

namespace ytterby::io {

/// A file that the case names.
struct InputFile {
  std::string name;  // as written in the case
  std::string sha256;
};

}  // namespace ytterby::io
