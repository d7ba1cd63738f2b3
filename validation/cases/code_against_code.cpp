#include "validation/cases/code_against_code.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include "validation/reference_data.h"

namespace ytterby::validation {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Published kernels in water beside PENELOPE's 3 mm values.
std::vector<Comparison> published_against_code() {
  const CsvTable graves = reference_csv("vsv_graves_y90_water_3mm.csv"), others = reference_csv("vsv_published.csv");
  const auto of = [](const CsvTable& table, std::size_t row, const char* column) {
    return table.number(row, table.column(column));
  };
  std::vector<Comparison> result;
  double source = 0, source_error = 0;
  for (std::size_t row = 0; row < graves.rows(); ++row) {
    char name[48];
    std::snprintf(name, sizeof name, "Graves 2019, S(%.0f,%.0f,%.0f)", of(graves, row, "i"), of(graves, row, "j"),
                  of(graves, row, "k"));
    Comparison c{"code-against-code", "published: Graves 2019 over PENELOPE, 3 mm", name, "Gy/(MBq s)"};
    c.position = 3 * std::sqrt(std::pow(of(graves, row, "i"), 2) + std::pow(of(graves, row, "j"), 2) +
                               std::pow(of(graves, row, "k"), 2));
    c.reference = of(graves, row, "penelope_S");
    c.reference_error = c.reference * of(graves, row, "penelope_percent") / 100;
    c.ours = of(graves, row, "S_Gy_per_MBq_s");
    c.percent_of = c.reference;
    c.stated = nothing;
    if (row == 0) {
      source = c.reference;
      source_error = c.reference_error;
    }
    result.push_back(std::move(c));
  }
  for (std::size_t row = 0; row < others.rows(); ++row) {
    if (of(others, row, "voxel_mm") != 3) continue;
    Comparison c{"code-against-code", "published: MIRD 17 and DPM over PENELOPE, 3 mm",
                 std::string(others.text(row, 0)) + ", S(0,0,0)", "Gy/(MBq s)"};
    c.position = 0;
    c.reference = source;
    c.reference_error = source_error;
    c.ours = of(others, row, "S_Gy_per_MBq_s");
    c.percent_of = source;
    c.stated = nothing;
    result.push_back(std::move(c));
  }
  return result;
}

}  // namespace

CaseResult code_against_code(const CaseOptions&) {
  CaseResult result;
  const auto add = [&](const std::string& what, std::vector<Comparison> comparisons) {
    for (Comparison& c : comparisons) {
      if (c.group.starts_with("below")) continue;
      c.case_name = "code-against-code";
      c.group = what + ": " + c.group;
      c.stated = nothing;
      result.comparisons.push_back(std::move(c));
    }
  };
  for (const int mm : {2, 3, 4}) add("S values, " + std::to_string(mm) + " mm", s_values_code_against_code(mm));
  add("90Y point kernel", point_kernel_code_against_code());
  add("tissue against lung", slab_code_against_code(Neighbour::lung));
  add("tissue against bone", slab_code_against_code(Neighbour::bone));
  for (Comparison& c : published_against_code()) result.comparisons.push_back(std::move(c));
  return result;
}

}  // namespace ytterby::validation
