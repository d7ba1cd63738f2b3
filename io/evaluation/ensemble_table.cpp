// The ensemble for a terminal.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/evaluation/ensemble.h"
#include "io/text/figures.h"

namespace ytterby::io {
namespace {

using validation::VarianceShare;

constexpr double worth_naming = 0.05;  // of the variance
constexpr double rounding = 1e-6;      // [Gy] of a convolution: no dose, and nothing decides it

double without_rounding(double gray) { return std::abs(gray) < rounding ? 0 : gray; }

/// An error, to two digits.
std::string two_digits(double value) { return fmt::format("{:.2g}", value); }

/// "contour 55 +- 3 %, registration 30 +- 2 %": what decides, the largest first.
std::string decides(std::vector<VarianceShare> shares) {
  std::sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.value > b.value; });
  std::string text;
  for (const VarianceShare& s : shares) {
    if (s.value < worth_naming) continue;
    text += fmt::format("{}{} {:.0f} +- {:.0f} %", text.empty() ? "" : ", ", validation::source_name(s.source),
                        100 * s.value, std::max(1.0, 100 * s.error));
  }
  return text;
}

}  // namespace

std::string ensemble_measures_table(const EnsembleResult& e) {
  std::size_t width = 9;
  for (const EnsembleStructure& s : e.structures) width = std::max(width, s.name.size());
  std::string text = fmt::format("{:<{}} {:<8} {:>9} {:>8} {:>19}  {}\n", "structure", width, "", "value, Gy", "SD, Gy",
                                 "95 % interval, Gy", "what decides");
  for (const EnsembleStructure& s : e.structures) {
    for (const EnsembleMeasure& m : s.measures) {
      if (m.name != "mean_Gy" && m.name != "D95_Gy" && m.name != "D70_Gy" && m.name != "D50_Gy") continue;
      const double spread = without_rounding(m.spread.standard_deviation);
      const std::string interval =
          three_digits(without_rounding(m.spread.low_95)) + " to " + three_digits(without_rounding(m.spread.high_95));
      text += fmt::format("{:<{}} {:<8} {:>9} {:>8} {:>19}  {}\n", s.name, width, m.name.substr(0, m.name.find('_')),
                          three_digits(without_rounding(m.value)), two_digits(spread), interval,
                          spread > 0 ? decides(m.shares) : "");
    }
  }
  return text;
}

namespace {

std::string rules_table(const EnsembleResult& e) {
  std::string text = fmt::format("{:<21} {:<19} {:<16} {:>6} {:>19}  {}\n", "rule", "method", "structure", "prob.",
                                 "95 % interval", "what decides");
  for (const EnsembleRule& r : e.rules) {
    if (!r.probability) continue;
    const auto low = r.quantiles.find(0.025), high = r.quantiles.find(0.975);
    const std::string interval =
        low == r.quantiles.end() ? "" : three_digits(low->second) + " to " + three_digits(high->second);
    text += fmt::format("{:<21} {:<19} {:<16} {:>6.3f} {:>19}  {}\n", r.id, r.method.empty() ? "-" : r.method,
                        r.structure + (r.session.empty() ? "" : " " + r.session), *r.probability, interval,
                        decides(r.shares));
  }
  return text;
}

}  // namespace

std::string ensemble_table(const EnsembleResult& e) {
  std::string text = fmt::format("{} samples of what {} is known to by {}\n\n", e.samples, e.case_name, e.method);
  text += ensemble_measures_table(e) + "\n" + rules_table(e) + "\n";
  text +=
      "value: of the dose file; SD: one standard deviation over the samples; prob.: share of the samples in which the "
      "rule holds; what decides: share of the variance, +- its standard error, of causes above 5 %\n";
  text +=
      e.settings.yang
          ? "intervals are of doses corrected for the image's resolution, values are not corrected\n\n"
          : "intervals are of the dose that the image shows: what its blur takes from small parts is not in them\n\n";
  for (const EnsembleCheck& c : e.checks) {
    if (c.structure != "tumours") continue;
    text += fmt::format("check: sample {}, tumours: {} Gy by the shortcut, {} +- {} Gy by transport\n", c.sample,
                        fmt::format("{:.5g}", c.shortcut), fmt::format("{:.5g}", c.transport), two_digits(c.error));
  }
  for (const auto& [method, p] : e.probability_by_method)
    text += fmt::format("all judged rules hold by {}: {:.3f}\n", method, p);
  return text;
}

}  // namespace ytterby::io
