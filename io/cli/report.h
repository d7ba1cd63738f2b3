#pragma once
// What `ytterby report` does, callable by other verbs.

#include <filesystem>
#include <string>
#include <vector>

#include "io/dose_file.h"

namespace ytterby::cli {

/// Writes the page for doses of one case. `verdict_json` may be empty. Throws ytterby::Error.
void write_report(const std::filesystem::path& output, const std::string& case_name, std::vector<io::DoseFile> doses,
                  const std::string& verdict_json, double goal);

/// Standard error of the share of a structure's volume at or above each of some doses: structure_metrics.h has the
/// formula. Empty where the dose has no batches.
std::vector<double> volume_errors(const io::DoseFile& file, const Structure& structure,
                                  const std::vector<double>& doses);

}  // namespace ytterby::cli
