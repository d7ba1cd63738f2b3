#pragma once
// The numbers behind the report's pictures, as JSON that the page's script reads.

#include <string>
#include <vector>

#include "io/results/dose_file.h"

namespace ytterby::io {

/// JSON text, safe inside a script element, and a sentence on what was cut away.
struct PageData {
  std::string json;
  std::string shown;
};
/// Doses of one grid; `goal` is the tumour dose that colours and isodose lines are scaled to [Gy].
PageData page_data(const std::vector<DoseFile>& doses, double goal);

}  // namespace ytterby::io
