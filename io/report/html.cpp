#include "io/report/html.h"

#include <fmt/format.h>

#include <cmath>

namespace ytterby::io {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string four_digits(std::optional<double> value, const char* nothing) {
  return value && std::isfinite(*value) ? fmt::format("{:.4g}", *value) : nothing;
}

std::string table_row(const std::string& name, const std::string& value) {
  return "<tr><th>" + escaped(name) + "</th><td>" + escaped(value) + "</td></tr>\n";
}

std::string method_label(const std::string& method) {
  if (method == "monte-carlo") return "Monte Carlo";
  if (method == "voxel-kernel") return "voxel kernel";
  if (method == "voxel-kernel-scaled") return "voxel kernel, density-scaled";
  if (method == "local-deposition") return "local deposition";
  if (method == "partition") return "partition model";
  return method;
}

}  // namespace ytterby::io
