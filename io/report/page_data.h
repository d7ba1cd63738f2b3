#pragma once
// The numbers behind the report's pictures, as JSON that the page's script reads.

#include <string>

#include "io/report/report.h"

namespace ytterby::io {

/// JSON text, safe inside a script element, and a sentence on what was cut away.
struct PageData {
  std::string json;
  std::string shown;
};
PageData page_data(const ReportInput& input);

/// A method's name for people.
std::string method_label(const std::string& method);

}  // namespace ytterby::io
