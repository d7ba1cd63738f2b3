// The verdict for a terminal.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/evaluation/ensemble.h"
#include "io/evaluation/function_text.h"
#include "io/evaluation/verdict_text.h"
#include "io/text/figures.h"

namespace ytterby::io {
namespace {

using validation::Judgement;
using validation::Ruling;
using validation::StructureMetrics;

std::string number(const std::optional<double>& value, const char* none = "-") {
  if (!value || !std::isfinite(*value)) return none;
  if (*value != 0 && std::abs(*value) < 1) return fmt::format("{:.3f}", *value);
  return fmt::format("{:.5g}", *value);
}

std::string limits(const Ruling& r) {
  if (r.limit_low && r.limit_high) return number(r.limit_low) + " to " + number(r.limit_high);
  const bool strict = std::any_of(r.settings.begin(), r.settings.end(), [](const Setting& s) {
    const auto* word = std::get_if<std::string>(&s.value);
    return s.key == "at_limit" && word != nullptr && *word == "fail";
  });
  if (r.limit_low) return (strict ? "above " : "at least ") + number(r.limit_low);
  return r.limit_high ? (strict ? "below " : "at most ") + number(r.limit_high) : "-";
}

std::string shown(const Ruling& r) {
  if (r.verdict == Judgement::fail) return "FAIL";
  return r.verdict == Judgement::pass ? "pass" : "not judged";
}

/// A measure that noise limits begins with "~".
std::string marked(const std::string& text, const validation::Estimate& estimate) {
  return estimate.wants != 0 ? "~" + text : text;
}

std::string rules_table(const Validation& v) {
  std::size_t width = 9;
  for (const Ruling& r : v.rulings) width = std::max(width, r.structure.size() + r.session.size() + 1);
  std::string text = fmt::format("{:<21} {:<19} {:<{}} {:>9} {:<4} {:<12} {:<10} {:>6}  {}\n", "rule", "method",
                                 "structure", width, "value", "", "limit", "verdict", "prob.", "reason");
  for (const Ruling& r : v.rulings) {
    const std::string where = r.structure + (r.session.empty() ? "" : (r.structure.empty() ? "" : " ") + r.session);
    const std::string probability = r.probability ? fmt::format("{:.3f}", *r.probability) : "";
    text += fmt::format("{:<21} {:<19} {:<{}} {:>9} {:<4} {:<12} {:<10} {:>6}  {}\n", r.id,
                        r.method.empty() ? "-" : r.method, where, width, number(r.value), r.unit == "1" ? "" : r.unit,
                        limits(r), shown(r), probability, r.reason);
  }
  return text;
}

const StructureMetrics* find(const MethodMetrics& m, const std::string& name) {
  const auto found =
      std::find_if(m.structures.begin(), m.structures.end(), [&](const auto& s) { return s.name == name; });
  return found == m.structures.end() ? nullptr : &*found;
}

const validation::Difference* difference_of(const Validation& v, const std::string& method,
                                            const std::string& structure) {
  const auto all = v.differences.find(method);
  if (all == v.differences.end()) return nullptr;
  for (const auto& d : all->second) {
    if (d.structure == structure && d.metric == "mean_Gy") return &d;
  }
  return nullptr;
}

std::string methods_table(const Validation& v) {
  const auto fullest = std::max_element(v.methods.begin(), v.methods.end(), [](const auto& a, const auto& b) {
    return a.structures.size() < b.structures.size();
  });
  std::size_t width = 9;
  for (const StructureMetrics& s : fullest->structures) width = std::max(width, s.name.size());
  std::string text = fmt::format("{:<{}} {:<19} {:>9} {:>8} {:>9} {:>9} {:>9} {:>9} {:>9}  {}\n", "structure", width,
                                 "method", "mean Gy", "+- Gy", "D95 Gy", "D70 Gy", "D50 Gy", "gEUD Gy", "BED Gy",
                                 "mean less Monte Carlo's, 95 %");
  for (const StructureMetrics& s : fullest->structures) {
    for (const MethodMetrics& m : v.methods) {
      const StructureMetrics* own = find(m, s.name);
      if (own == nullptr) continue;
      const auto* d = difference_of(v, m.method, s.name);
      const std::string against =
          d == nullptr ? "" : fmt::format("{:+.2f} ({:+.2f} to {:+.2f}) Gy", d->value, d->low, d->high);
      text += fmt::format("{:<{}} {:<19} {:>9} {:>8} {:>9} {:>9} {:>9} {:>9} {:>9}  {}\n", s.name, width, m.method,
                          number(own->mean.value), number(own->mean.error),
                          marked(number(own->dose_to[0].value), own->dose_to[0]),
                          marked(number(own->dose_to[1].value), own->dose_to[1]),
                          marked(number(own->dose_to[2].value), own->dose_to[2]),
                          marked(number(own->geud.value), own->geud), number(own->bed.value), against);
    }
  }
  std::vector<validation::Estimate> shown;
  for (const MethodMetrics& m : v.methods)
    for (const StructureMetrics& s : m.structures)
      shown.insert(shown.end(), {s.dose_to[0], s.dose_to[1], s.dose_to[2], s.geud});
  return text + noise_line(shown);
}

}  // namespace

std::string noise_marked(const validation::Estimate& estimate) {
  return marked(three_digits(estimate.value), estimate);
}

std::string noise_line(const std::vector<validation::Estimate>& shown) {
  double most = 0;
  bool limited = false;
  for (const validation::Estimate& e : shown) {
    limited = limited || e.wants != 0;
    if (e.wants > most) most = e.wants;
  }
  if (!limited) return "";
  return most > 0 ? fmt::format("~ limited by the noise of the voxels: {} histories would know it to 5 %\n",
                                three_digits(most))
                  : "~ limited by the noise of the voxels\n";
}

std::string verdict_table(const Validation& v) {
  std::string text = fmt::format("protocol: {}; judge: {}\n\n", v.protocol.title, v.judge);
  text += rules_table(v) + "\n" + methods_table(v) + "\n";
  if (v.function) text += function_table(v) + "\n";
  if (v.ensemble) text += ensemble_measures_table(*v.ensemble) + "\n";
  for (const Ruling& r : v.rulings) {
    if (r.verdict == Judgement::fail && (r.method.empty() || r.method == v.judge)) {
      text += fmt::format("broken: {}{}\n", r.id, r.method.empty() ? "" : " by " + r.method);
    }
  }
  for (const io::Warning& w : v.warnings) {
    text += fmt::format("warning ({}): {}\n", io::warning_class_name(w.kind), w.text);
  }
  if (v.ensemble && v.ensemble->probability_all)
    text += fmt::format("all judged rules hold with a probability of {:.3f}\n", *v.ensemble->probability_all);
  return text + "verdict: " + io::verdict_in_words(v.broken(), v.warnings) + "\n";
}

}  // namespace ytterby::io
