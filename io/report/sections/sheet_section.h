#pragma once
// What is signed: two pages on paper, in front of everything else.

#include <string>

#include "io/report/report_input.h"

namespace ytterby::io {

/// Seen in print alone. First page: case, activity, doses, verdict and rules; second: caveats, provenance, names and
/// signatures. What the screen shows follows as the appendix.
std::string sheet_section(const ReportInput& input);

}  // namespace ytterby::io
