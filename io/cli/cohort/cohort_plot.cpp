// Bland-Altman plots of a cohort.

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "io/cli/cohort/cohort.h"
#include "validation/plot_svg.h"

namespace ytterby::cli {
namespace {

using validation::DifferenceUnit;
using validation::Figure;
using validation::LimitsOfAgreement;
using validation::Mark;
using validation::Panel;
using validation::Series;
namespace colour = validation::colour;

constexpr std::size_t least_for_limits = 3;  // of two the bands would fill the panel

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
};

Series level(double y, const Range& x, const char* stroke, const std::string& label) {
  return {label, stroke, Mark::line, {x.low, x.high}, {y, y}, {}};
}

void draw_limits(const LimitsOfAgreement& limits, const Range& x, Panel& panel) {
  const std::vector<double> ends{x.low, x.high};
  const auto strip = [&](const validation::Confident& c, const char* fill) {
    panel.bands.push_back({"", ends, {c.low, c.low}, {c.high, c.high}, fill});
  };
  strip(limits.lower, colour::light);
  strip(limits.upper, colour::light);
  strip(limits.bias, colour::dusk);
  panel.series.push_back(level(limits.bias.value, x, colour::blue, fmt::format("bias {:+.2f} %", limits.bias.value)));
  panel.series.push_back(level(limits.lower.value, x, colour::vermilion,
                               fmt::format("limits {:+.2f}, {:+.2f} %", limits.lower.value, limits.upper.value)));
  panel.series.push_back(level(limits.upper.value, x, colour::vermilion, ""));
}

Panel panel_of(const CohortAgreement& a, const Range& x) {
  Panel panel;
  panel.y_label = a.method;
  panel.zero_line = true;
  panel.series.push_back(level(0, x, "#555555", ""));  // so that the range takes it in
  const bool limits = a.percent && a.pairs.size() >= least_for_limits;
  if (limits) draw_limits(*a.percent, x, panel);
  Series points{limits ? "" : fmt::format("limits are drawn from {} patients on", least_for_limits),
                colour::black,
                Mark::circle,
                {},
                {},
                {}};
  for (const validation::MethodPair& pair : a.pairs) {
    const validation::Estimate d = validation::difference_of(pair, DifferenceUnit::percent);
    points.x.push_back(0.5 * (pair.method.value + pair.reference.value));
    points.y.push_back(d.value);
    points.error.push_back(d.error);
  }
  panel.series.push_back(std::move(points));
  return panel;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> cohort_plots(const CohortResult& result) {
  std::vector<std::pair<std::string, std::string>> plots;
  for (const std::string region : cohort_regions) {
    Range x;
    std::size_t most = 0;
    for (const CohortAgreement& a : result.agreements) {
      if (a.region != region) continue;
      most = std::max(most, a.pairs.size());
      for (const validation::MethodPair& pair : a.pairs) {
        const double mean = 0.5 * (pair.method.value + pair.reference.value);
        x = {std::min(x.low, mean), std::max(x.high, mean)};
      }
    }
    if (most == 0) continue;
    const double margin = x.high > x.low ? 0.08 * (x.high - x.low) : std::max(1.0, 0.1 * x.high);
    x = {x.low - margin, x.high + margin};
    Figure figure;
    figure.title = "Difference from Monte Carlo, % of the mean of both: " + region;
    figure.subtitle =
        fmt::format("{}, {} patients; shaded: 95 % confidence; bars: one statistical error", result.list.name, most);
    figure.x_label = "mean of both methods [Gy]";
    figure.x_range = {x.low, x.high};
    for (const CohortAgreement& a : result.agreements) {
      if (a.region == region && !a.pairs.empty()) figure.panels.push_back(panel_of(a, x));
    }
    plots.emplace_back("bland-altman-" + region + ".svg", validation::to_svg(figure));
  }
  return plots;
}

}  // namespace ytterby::cli
