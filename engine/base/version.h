#pragma once
// Which Ytterby this is.

#include <string_view>

namespace ytterby {

/// Version of the project, e.g. "0.1.0".
std::string_view program_version();
/// Commit that was built: 12 hex digits, with "-modified" where files differed from it; "unknown" outside git.
std::string_view git_commit();
/// Build type, compiler and CUDA in words.
std::string_view build_description();

}  // namespace ytterby
