#pragma once
// The report: one HTML page that needs no network, with verdict, slices, histograms, tables and provenance.

#include <functional>
#include <string>
#include <vector>

#include "io/prepare/prepare.h"
#include "io/results/dose_file.h"

namespace ytterby::io {

/// Standard errors of the share of a structure's volume at or above each dose; empty where unknown.
using VolumeErrors =
    std::function<std::vector<double>(const DoseFile&, const Structure&, const std::vector<double>& doses)>;

/// What a page is made of. `verdict_json` is VERDICT.json (io/FORMATS.md), empty where no protocol was judged; all
/// doses are of one grid, with one method each.
struct ReportInput {
  std::string case_name;
  std::vector<DoseFile> doses;
  std::string verdict_json;
  Warnings warnings;           // of the case; those of the doses are added
  VolumeErrors volume_errors;  // for the bands of the histograms; may be empty
  double goal = 400;           // tumour dose that colours and isodose lines are scaled to [Gy]
};

/// The page. Images are cut to what holds structures or dose, and thinned where more than 3e6 voxels are left; the page
/// says so. Throws Fault::input where grids differ or no dose is given.
std::string report_page(const ReportInput& input);

}  // namespace ytterby::io
