#pragma once
// The report: one HTML page that needs no network, with verdict, slices, histograms, tables and provenance.

#include <optional>
#include <string>
#include <vector>

#include "io/evaluation/evaluation.h"
#include "io/report/report_input.h"
#include "io/results/dose_file.h"

namespace ytterby::io {

/// The input of a case's doses; its CT is read again.
ReportInput report_of(const PreparedCase& prepared, std::vector<DoseFile> doses, std::optional<Validation> verdict);

/// The page. Images are cut to what holds structures or dose, and thinned where more than 3e6 voxels are left; the page
/// says so. Throws Fault::input where grids differ or no dose is given.
std::string report_page(const ReportInput& input);

}  // namespace ytterby::io
