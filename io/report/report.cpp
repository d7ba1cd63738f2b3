// The page's parts put together.

#include "io/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/embed.h"
#include "engine/base/error.h"
#include "engine/base/version.h"
#include "engine/grid/crop.h"
#include "io/report/case_section.h"
#include "io/report/content_policy.h"
#include "io/report/html.h"
#include "io/report/methods_section.h"
#include "io/report/page_data.h"
#include "io/report/verdict_section.h"

#ifndef YTTERBY_REPORT_DIR
#error "YTTERBY_REPORT_DIR has to be the path of io/report, as a string"
#endif

YTTERBY_EMBED(ytterby_report_html, YTTERBY_REPORT_DIR "/page.html");
YTTERBY_EMBED(ytterby_report_css, YTTERBY_REPORT_DIR "/page.css");
YTTERBY_EMBED(ytterby_report_js, YTTERBY_REPORT_DIR "/page.js");

namespace ytterby::io {
namespace {

/// Every {{name}} of the page is there once, in this order.
std::string filled(std::string page, const std::vector<std::pair<std::string, std::string>>& values) {
  std::string result;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = page.find("{{", at);
    if (open == std::string::npos) break;
    const std::size_t close = page.find("}}", open);
    const std::string name = page.substr(open + 2, close - open - 2);
    const auto value = std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.first == name; });
    if (value == values.end()) throw Error(Fault::internal, "the report has no part " + name);
    result += page.substr(at, open - at) + value->second;
    at = close + 2;
  }
  return result + page.substr(at);
}

void check(const ReportInput& input) {
  if (input.doses.empty()) throw Error(Fault::input, "a report needs at least one dose");
  for (const DoseFile& f : input.doses) {
    if (!same_grid(f.map.grid, input.doses.front().map.grid)) {
      throw Error(Fault::input, "the doses by " + f.map.method + " and " + input.doses.front().map.method +
                                    " lie on different grids");
    }
    for (const DoseFile& other : input.doses) {
      if (&other != &f && other.map.method == f.map.method) {
        throw Error(Fault::input, "there are two doses by " + f.map.method + ", one of each method is needed");
      }
    }
  }
}

}  // namespace

ReportInput report_of(const PreparedCase& prepared, std::vector<DoseFile> doses, std::optional<Validation> verdict) {
  const double goal = prepared.resolved.plan.value_or(PlanSection{}).tumour_Gy;
  return {prepared.resolved.name, std::move(doses), std::move(verdict), goal, prepared.warnings};
}

std::string report_page(const ReportInput& input) {
  check(input);
  const DoseFile& f = input.doses.front();
  Warnings warnings = input.warnings;
  for (const DoseFile& dose : input.doses) merge_warnings(dose.warnings, warnings);
  const PageData data = page_data(input.doses, input.goal);
  const std::string methods = input.verdict ? methods_section(*input.verdict) : methods_section(input.doses);
  const std::string css(ytterby_report_css, ytterby_report_css_end), js(ytterby_report_js, ytterby_report_js_end);
  const bool bands = std::any_of(input.doses.begin(), input.doses.end(),
                                 [](const DoseFile& d) { return d.map.method == "monte-carlo"; });
  return filled(
      {ytterby_report_html, ytterby_report_html_end},
      {{"title", escaped("Dose report: " + input.case_name)},
       {"subtitle", escaped("yttrium-90 radioembolization, absorbed dose from complete decay; grid of " +
                            fmt::format("{:g} x {:g} x {:g} mm", f.map.grid.spacing[0] * 10, f.map.grid.spacing[1] * 10,
                                        f.map.grid.spacing[2] * 10))},
       {"policy", content_policy(js, css)},
       {"css", css},
       {"verdict", input.verdict ? verdict_section(*input.verdict, warnings) : warnings_section(warnings)},
       {"shown", escaped(data.shown)},
       {"dvh_note",
        bands ? "Bands: 95 % interval of the volume at each dose, from the statistical error of Monte Carlo." : ""},
       {"methods", methods},
       {"activity", activity_section(f) + (input.verdict ? manual_section(input.verdict->manual) : "")},
       {"provenance", provenance_section(input.doses)},
       {"version", escaped(program_version())},
       {"data", data.json},
       {"js", js}});
}

}  // namespace ytterby::io
