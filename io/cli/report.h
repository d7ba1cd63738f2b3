#pragma once
// What `ytterby report` does, callable by other verbs.

#include <string>
#include <vector>

#include "io/prepare/prepare.h"
#include "io/results/dose_file.h"

namespace ytterby::cli {

/// The page for a case's dose files, with the verdict where the case has tumours. Throws Fault::input for doses of
/// another case, or two of one method.
std::string report_of(const io::PreparedCase& prepared, const std::vector<std::string>& dose_files);

/// Standard error of the share of a structure's volume at or above each of some doses: structure_metrics.h has the
/// formula. Empty where the dose has no batches.
std::vector<double> volume_errors(const io::DoseFile& file, const Structure& structure,
                                  const std::vector<double>& doses);

}  // namespace ytterby::cli
