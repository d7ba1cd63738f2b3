#include "io/evaluation/function_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "io/evaluation/verdict_text.h"

namespace ytterby::io {
namespace {

/// "function_V40" as it heads a column.
std::string heading(const std::string& metric) {
  const std::string::size_type at = metric.find("_V");
  return at == std::string::npos ? "mean Gy" : ">= " + metric.substr(at + 2) + " Gy";
}

}  // namespace

std::string function_json(const MeasuredFunction& function) {
  nlohmann::ordered_json json{{"tumour_share", function.tumour_share},
                              {"outside_liver_share", function.outside_liver},
                              {"regions", nlohmann::ordered_json::array()}};
  for (const FunctionRegion& r : function.regions)
    json["regions"].push_back({{"name", r.name}, {"share", r.share}, {"volume_share", r.volume_share}});
  return json.dump();
}

std::string function_lines(const MeasuredFunction& function) {
  std::string text;
  for (const FunctionRegion& r : function.regions) {
    if (r.name == "normal-liver") continue;
    text += fmt::format("{}: {:.1f} % of the normal liver's function, {:.1f} % of its volume\n", r.name, 100 * r.share,
                        100 * r.volume_share);
  }
  return text;
}

std::vector<FunctionRow> function_rows(const Validation& v, const std::string& region) {
  std::vector<FunctionRow> rows;
  for (const MethodMetrics& m : v.methods) {
    for (const validation::StructureMetrics& s : m.structures) {
      if (s.name == region && !s.function.empty()) rows.push_back({m.method, &s});
    }
  }
  return rows;
}

std::string function_table(const Validation& v) {
  if (!v.function) return "";
  std::string text, head;
  for (const FunctionRegion& r : v.function->regions) {
    for (const FunctionRow& row : function_rows(v, r.name)) {
      if (head.empty()) {
        for (const auto& [name, estimate] : row.metrics->function) head += fmt::format(" {:>10}", heading(name));
        text += fmt::format("{:<16} {:>9} {:>9}  {:<19}{}\n", "by function", "function", "volume", "method", head);
      }
      text +=
          fmt::format("{:<16} {:>7.1f} % {:>7.1f} %  {:<19}", r.name, 100 * r.share, 100 * r.volume_share, row.method);
      for (const auto& [name, estimate] : row.metrics->function) text += fmt::format(" {:>10}", noise_marked(estimate));
      text += "\n";
    }
  }
  return text.empty() ? function_lines(*v.function) : text;
}

}  // namespace ytterby::io
