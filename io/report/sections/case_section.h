#pragma once
// Where the activity is, and what the doses were made from and with.

#include <string>
#include <vector>

#include "io/prepare/partition_case.h"
#include "io/results/dose_file.h"

namespace ytterby::io {

std::string activity_section(const DoseFile& dose);

/// What the manual of resin microspheres would have given; empty where that is not known.
std::string manual_section(const ManualActivities& manual);

/// One row a dose; the inputs' hashes and the resolved case are the first one's.
std::string provenance_section(const std::vector<DoseFile>& doses);

}  // namespace ytterby::io
