#pragma once
// The page's first screen.

#include <string>

#include "io/report/report_input.h"

namespace ytterby::io {

/// Five tiles: activity and shunt; tumour dose by Monte Carlo and by partition; normal liver; lungs; verdict with the
/// rule that is nearest to its limit or farthest beyond it.
std::string tiles_section(const ReportInput& input);

/// What has to be known beside the numbers: warnings of case and doses, runs that stopped early, measures that noise
/// limits. A `caveat` of class wrong-dose comes first. Nothing where there is none.
std::string caveats_section(const ReportInput& input);

/// The same as values: warnings first, then what the doses themselves show.
Warnings caveats_of(const ReportInput& input);

}  // namespace ytterby::io
