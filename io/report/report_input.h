#pragma once
// What a page is made of.

#include <optional>
#include <string>
#include <vector>

#include "engine/grid/image.h"
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
  std::optional<Image<float>> ct{};   // CT numbers, for the pictures' background; the density where there is none
};

}  // namespace ytterby::io
