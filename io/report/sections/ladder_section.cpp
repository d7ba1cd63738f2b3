#include "io/report/sections/ladder_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "io/report/doses_at_hand.h"
#include "io/report/html.h"
#include "validation/agreement.h"

namespace ytterby::io {
namespace {

using validation::Estimate;

constexpr std::array ticks{-1.0, -0.3, -0.1, -0.03, -0.01, 0.0, 0.01, 0.03, 0.1, 0.3, 1.0};

std::string scale_row() {
  std::string marks;
  for (const double tick : ticks) {
    marks += fmt::format("<text x=\"{:.2f}%\" y=\"12\" text-anchor=\"middle\">{}</text>", ladder_place(tick),
                         tick == 0 ? "0" : fmt::format("{:+g}", 100 * tick));
  }
  return "<tr class=\"scale-row\"><th></th><td><svg height=\"16\" aria-hidden=\"true\">" + marks +
         "</svg></td><td class=\"n\">%</td></tr>\n";
}

std::string grid_lines() {
  std::string lines;
  for (const double tick : ticks) {
    lines += fmt::format("<line class=\"{0}\" x1=\"{1:.2f}%\" x2=\"{1:.2f}%\" y1=\"0\" y2=\"22\"/>",
                         tick == 0 ? "zero" : "grid", ladder_place(tick));
  }
  return lines;
}

/// One method's difference: a bar for the interval, a mark whose form is the method's.
std::string method_row(const std::string& method, const Estimate& e, const Estimate& truth, const std::string& shape) {
  const double own = std::isfinite(e.error) ? e.error : 0, theirs = std::isfinite(truth.error) ? truth.error : 0;
  const double half = validation::t_95 * std::hypot(own, theirs) / truth.value;
  const double value = e.value / truth.value - 1;
  std::string marks = grid_lines();
  marks += fmt::format("<line class=\"interval\" x1=\"{:.2f}%\" x2=\"{:.2f}%\" y1=\"11\" y2=\"11\"/>",
                       ladder_place(value - half), ladder_place(value + half));
  marks += fmt::format("<svg class=\"mark\" x=\"{:.2f}%\" y=\"11\" overflow=\"visible\">{}</svg>", ladder_place(value),
                       shape);
  const std::string interval =
      half > 0 ? fmt::format(" <small>({} to {})</small>", percent(value - half), percent(value + half)) : "";
  return fmt::format(
      "<tr><th>{}</th><td><svg height=\"22\" aria-hidden=\"true\">{}</svg></td><td class=\"n\">{}{}</td></tr>\n",
      escaped(method_label(method)), marks, percent(value), interval);
}

std::string shape_of(const std::string& method) {
  constexpr std::array shapes{"<circle r=\"5\"/>", "<path d=\"M-5 -5H5V5H-5Z\"/>", "<path d=\"M0 -6L6 5H-6Z\"/>",
                              "<path d=\"M0 -6.5L6.5 0L0 6.5L-6.5 0Z\"/>"};
  if (method == "voxel-kernel") return shapes[0];
  if (method == "voxel-kernel-scaled") return shapes[1];
  return method == "local-deposition" ? shapes[2] : shapes[3];
}

}  // namespace

double ladder_place(double relative) {
  const double bounded = std::clamp(relative, -1.0, 1.0);
  return 50 + 45 * std::asinh(bounded / 0.01) / std::asinh(100.0);
}

std::string ladder_section(const ReportInput& input) {
  std::string rows;
  for (const NamedDoses& s : doses_at_hand(input)) {
    const Estimate* truth = s.by("monte-carlo");
    if (truth == nullptr || !(truth->value > 0)) continue;
    std::string group;
    for (const auto& [method, mean] : s.means) {
      if (method == "monte-carlo") continue;
      if (std::isfinite(mean.value)) group += method_row(method, mean, *truth, shape_of(method));
    }
    if (group.empty()) continue;
    rows += fmt::format("<tr class=\"group\"><th colspan=\"2\">{}</th><td class=\"n\">Monte Carlo {} Gy</td></tr>\n",
                        escaped(s.structure), figure(truth->value, truth->error)) +
            group;
  }
  if (rows.empty()) return "";
  return "<section id=\"ladder\" aria-label=\"What each approximation costs\"><h2>What each approximation costs</h2>\n"
         "<p class=\"soft\">Mean dose by each method less that by Monte Carlo, relative, with its 95 % interval; the "
         "scale is "
         "linear within 1 % and logarithmic beyond.</p>\n<table class=\"ladder\"><thead>" +
         scale_row() + "</thead><tbody>\n" + rows + "</tbody></table></section>\n";
}

}  // namespace ytterby::io
