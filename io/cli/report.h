#pragma once
// What `ytterby report` does, callable by other verbs.

#include <string>
#include <vector>

#include "io/prepare/prepare.h"

namespace ytterby::cli {

/// The page for a case's dose files, with the verdict where the case has tumours. Throws Fault::input for doses of
/// another case, or two of one method.
std::string report_of(const io::PreparedCase& prepared, const std::vector<std::string>& dose_files);

}  // namespace ytterby::cli
