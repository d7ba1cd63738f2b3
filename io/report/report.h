#pragma once
// The report: one HTML page that needs no network, with verdict, slices, histograms, tables and provenance.

#include <optional>
#include <string>
#include <vector>

#include "io/evaluation/evaluation.h"
#include "io/results/dose_file.h"
#include "io/text/warning.h"

namespace ytterby::io {

/// What a page is made of; all doses are of one grid, with one method each.
struct ReportInput {
  std::string case_name;
  std::vector<DoseFile> doses;
  std::optional<Validation> verdict;  // of these doses; none where no protocol was judged
  double goal = 400;                  // tumour dose that colours and isodose lines are scaled to [Gy]
  Warnings warnings = {};             // of the case; those of the doses are added
};

/// The input of a case's doses.
ReportInput report_of(const PreparedCase& prepared, std::vector<DoseFile> doses, std::optional<Validation> verdict);

/// The page. Images are cut to what holds structures or dose, and thinned where more than 3e6 voxels are left; the page
/// says so. Throws Fault::input where grids differ or no dose is given.
std::string report_page(const ReportInput& input);

}  // namespace ytterby::io
