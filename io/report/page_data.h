#pragma once
// The numbers behind the report's pictures, as JSON that the page's script reads.

#include <string>

#include "io/report/report_input.h"

namespace ytterby::io {

/// JSON text, safe inside a script element, and a sentence on what was cut away.
struct PageData {
  std::string json;
  std::string shown;
};
PageData page_data(const ReportInput& input);

}  // namespace ytterby::io
