// The page's parts put together.

#include "io/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/embed.h"
#include "engine/base/error.h"
#include "engine/base/version.h"
#include "engine/grid/crop.h"
#include "io/prepare/ct_of_case.h"
#include "io/report/content_policy.h"
#include "io/report/html.h"
#include "io/report/page_data.h"
#include "io/report/sections/case_section.h"
#include "io/report/sections/function_section.h"
#include "io/report/sections/known_to_section.h"
#include "io/report/sections/ladder_section.h"
#include "io/report/sections/methods_section.h"
#include "io/report/sections/sheet_section.h"
#include "io/report/sections/spheres_section.h"
#include "io/report/sections/summary_section.h"
#include "io/report/sections/verdict_section.h"

#ifndef YTTERBY_REPORT_DIR
#error "YTTERBY_REPORT_DIR has to be the path of io/report, as a string"
#endif

YTTERBY_EMBED(ytterby_report_html, YTTERBY_REPORT_DIR "/page/page.html");
YTTERBY_EMBED(ytterby_report_css, YTTERBY_REPORT_DIR "/page/style.css");
YTTERBY_EMBED(ytterby_report_print, YTTERBY_REPORT_DIR "/page/print.css");
YTTERBY_EMBED(ytterby_report_volume, YTTERBY_REPORT_DIR "/page/volume.js");
YTTERBY_EMBED(ytterby_report_colours, YTTERBY_REPORT_DIR "/page/colours.js");
YTTERBY_EMBED(ytterby_report_contours, YTTERBY_REPORT_DIR "/page/contours.js");
YTTERBY_EMBED(ytterby_report_slices, YTTERBY_REPORT_DIR "/page/slices.js");
YTTERBY_EMBED(ytterby_report_panel, YTTERBY_REPORT_DIR "/page/panel.js");
YTTERBY_EMBED(ytterby_report_viewer, YTTERBY_REPORT_DIR "/page/viewer.js");
YTTERBY_EMBED(ytterby_report_histogram, YTTERBY_REPORT_DIR "/page/histogram.js");
YTTERBY_EMBED(ytterby_report_main, YTTERBY_REPORT_DIR "/page/main.js");

namespace ytterby::io {
namespace {

/// The page with every {{name}} replaced.
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

/// The page's script: its files use what stands before them, the last one starts.
std::string script() {
  std::string text = "\"use strict\";\n";
  const std::array<std::pair<const char*, const char*>, 8> parts{
      {{ytterby_report_volume, ytterby_report_volume_end},
       {ytterby_report_colours, ytterby_report_colours_end},
       {ytterby_report_contours, ytterby_report_contours_end},
       {ytterby_report_slices, ytterby_report_slices_end},
       {ytterby_report_panel, ytterby_report_panel_end},
       {ytterby_report_viewer, ytterby_report_viewer_end},
       {ytterby_report_histogram, ytterby_report_histogram_end},
       {ytterby_report_main, ytterby_report_main_end}}};
  for (const auto& [first, last] : parts) text.append(first, last);
  return text;
}

std::string style() {
  return std::string(ytterby_report_css, ytterby_report_css_end) +
         std::string(ytterby_report_print, ytterby_report_print_end);
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
  Warnings warnings = prepared.warnings;
  if (verdict) merge_warnings(verdict->warnings, warnings);
  return {prepared.resolved.name,       std::move(doses), std::move(verdict), goal, std::move(warnings),
          ct_of_case(prepared.resolved)};
}

std::string report_page(const ReportInput& input) {
  check(input);
  const DoseFile& f = input.doses.front();
  const PageData data = page_data(input);
  const std::string methods = input.verdict ? methods_section(*input.verdict) : methods_section(input.doses);
  const std::string css = style(), js = script();
  const bool bands = std::any_of(input.doses.begin(), input.doses.end(),
                                 [](const DoseFile& d) { return d.map.method == "monte-carlo"; });
  return filled(
      {ytterby_report_html, ytterby_report_html_end},
      {{"title", escaped("Dose report: " + input.case_name)},
       {"subtitle",
        escaped(fmt::format("absorbed dose of yttrium-90 after complete decay, {:g} x {:g} x {:g} mm",
                            f.map.grid.spacing[0] * 10, f.map.grid.spacing[1] * 10, f.map.grid.spacing[2] * 10))},
       {"policy", content_policy(js, css)},
       {"css", css},
       {"sheet", sheet_section(input)},
       {"tiles", tiles_section(input)},
       {"caveats", caveats_section(input)},
       {"shown", escaped(data.shown)},
       {"dvh_note", input.verdict && input.verdict->ensemble
                        ? "Bands: 95 % interval of the volume at each dose, from all that the dose is not known by."
                    : bands
                        ? "Bands: 95 % interval of the volume at each dose, from the statistical error of Monte Carlo."
                        : ""},
       {"ladder", ladder_section(input)},
       {"methods", methods + (input.verdict ? function_section(*input.verdict) : "")},
       {"rules", input.verdict ? rules_section(*input.verdict) + known_to_section(*input.verdict) : ""},
       {"activity",
        activity_section(f) +
            (input.verdict ? manual_section(input.verdict->manual) + spheres_section(*input.verdict, f) : "")},
       {"provenance", provenance_section(input.doses)},
       {"version", escaped(program_version())},
       {"data", data.json},
       {"js", js}});
}

}  // namespace ytterby::io
