#include "io/report/sections/summary_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "io/report/doses_at_hand.h"
#include "io/report/html.h"
#include "io/report/rules.h"
#include "io/text/figures.h"

namespace ytterby::io {
namespace {

using validation::Estimate;

constexpr double quiet_voxels = 0.03;  // relative: below it noise changes D95 and D2 of a tumour by less than some 5 %

std::string tile(const std::string& kind, const std::string& name, const std::string& figure,
                 const std::vector<std::string>& lines) {
  std::string text = fmt::format("<div class=\"tile {}\"><h2>{}</h2><p class=\"figure\">{}</p>", kind, name, figure);
  for (const std::string& line : lines) {
    if (!line.empty()) text += "<p>" + line + "</p>";
  }
  return text + "</div>\n";
}

/// "374.25 Gy" large, its error small.
std::string gray(const Estimate& e) {
  const std::string text = figure(e.value, e.error);
  const std::size_t at = text.find(' ');
  return text.substr(0, at) + " <small>" + (at == std::string::npos ? "" : text.substr(at + 1) + " ") + "Gy</small>";
}

std::string activity_tile(const ReportInput& input) {
  const ActivityAccount& a = input.doses.front().account;
  const double activity = a.administered > 0 ? a.administered : a.on_grid;
  const std::string shunt = a.lung_shunt_fraction ? "lung shunt " + three_digits(100 * *a.lung_shunt_fraction) + " %" +
                                                        (a.shunt_from_image ? " (from the image)" : "")
                                                  : "lung shunt not known";
  std::vector<std::string> lines{shunt, a.administered > 0 ? "" : "in the image; administered is not stated"};
  const std::size_t sessions = input.doses.front().sessions.size();
  if (sessions > 1) lines.push_back(fmt::format("in {} sessions", sessions));
  return tile("activity", "Activity", activity_text(activity), lines);
}

/// "95 %: 320 to 430 Gy", of all uncertainties; empty without an ensemble of the method that the tile shows.
std::string interval_line(const ReportInput& input, const std::string& structure, const std::string& method) {
  if (!input.verdict || !input.verdict->ensemble || input.verdict->ensemble->method != method) return "";
  const EnsembleMeasure* m = find_measure(*input.verdict->ensemble, structure, "mean_Gy");
  if (m == nullptr) return "";
  return fmt::format("<b>95 %: {} to {}\u00A0Gy</b>, all uncertainties", three_digits(m->spread.low_95),
                     three_digits(m->spread.high_95));
}

/// Monte Carlo's mean, the partition model's with its difference, and the limits of the rule.
std::string dose_tile(const ReportInput& input, const std::string& kind, const std::string& title,
                      const NamedDoses* doses, const std::string& limits, bool cut_off = false) {
  if (doses == nullptr) {
    return tile(kind, title, "-", {cut_off ? "cut off by the image" : "no such structure", limits});
  }
  const std::string name = escaped(doses->structure);
  const Estimate* truth = doses->by("monte-carlo");
  const Estimate* partition = doses->by("partition");
  const Estimate* main = truth != nullptr ? truth : partition;
  std::string method = truth != nullptr ? "monte-carlo" : "partition";
  if (main == nullptr && !doses->means.empty()) {
    method = doses->means.front().first;
    main = doses->by(method);
  }
  if (main == nullptr) return tile(kind, title, "-", {name + ": no dose by any method"});
  std::vector<std::string> lines{name + ", mean by " + escaped(method_label(method)),
                                 interval_line(input, doses->structure, method)};
  if (cut_off) lines.emplace_back("no dose by voxels: the image cuts the lungs off");
  if (partition != nullptr && partition != main) {
    lines.push_back(fmt::format("partition model {}\u00A0Gy, {}", three_digits(partition->value),
                                main->value > 0 ? percent(partition->value / main->value - 1) : "-"));
  }
  lines.push_back(limits);
  return tile(kind, title, gray(*main), lines);
}

/// The limits that the protocol sets for a rule: "protocol: 280 to 520 Gy".
std::string limits_line(const ReportInput& input, const std::vector<std::string>& ids) {
  if (!input.verdict) return "";
  std::vector<std::string> seen;
  for (const std::string& id : ids) {
    for (const validation::Ruling& rule : input.verdict->rulings) {
      if (rule.id != id) continue;
      const std::string limits = rule_limits(rule);
      if (!limits.empty() && std::find(seen.begin(), seen.end(), limits) == seen.end()) seen.push_back(limits);
    }
  }
  std::string text;
  for (const std::string& limits : seen) text += (text.empty() ? "protocol: " : ", ") + limits;
  return text.empty() ? "" : escaped(text + " Gy");
}

/// The judge's verdict, the rule that decides, and Monte Carlo's verdict where another method judges.
std::string verdict_tile(const ReportInput& input, const Warnings& warnings) {
  if (!input.verdict) return tile("open", "Verdict", "none", {"no protocol was judged"});
  const Validation& v = *input.verdict;
  const Deciding d = deciding_rule(v, v.judge);
  const bool doubted = wrong_dose_count(warnings) > 0;
  std::vector<std::string> lines{
      fmt::format("{}, by the {}", escaped(v.protocol.title), escaped(method_label(v.judge)))};
  if (d.broken > 0) lines.push_back(fmt::format("{} of {} rules broken", d.broken, d.judged));
  if (d.rule != nullptr) {
    lines.push_back(fmt::format("{} <b>{}</b>: {}", d.broken > 0 ? "broken:" : "nearest to its limit:",
                                escaped(rule_name(*d.rule)), escaped(rule_distance(*d.rule))));
  }
  if (v.ensemble && v.ensemble->probability_all) {
    lines.push_back(
        fmt::format("all judged rules hold with a probability of <b>{:.0f} %</b>", 100 * *v.ensemble->probability_all));
  }
  if (v.judge != "monte-carlo") {
    const Deciding m = deciding_rule(v, "monte-carlo");
    const bool known = std::any_of(v.methods.begin(), v.methods.end(),
                                   [](const MethodMetrics& method) { return method.method == "monte-carlo"; });
    if (known) {
      lines.push_back(m.broken == 0 ? "by Monte Carlo: pass"
                                    : fmt::format("by Monte Carlo: fail, <b>{}</b>: {}", escaped(rule_name(*m.rule)),
                                                  escaped(rule_distance(*m.rule))));
    }
  }
  const std::string kind = d.broken > 0 ? "fail" : doubted ? "doubted" : "pass";
  return tile(kind + " verdict", "Verdict", escaped(verdict_in_words(d.broken > 0, warnings)), lines);
}

/// Median relative error of the voxels at least half inside a structure; 0 where nothing is known.
double voxel_error(const DoseFile& f, const Structure& s) {
  std::vector<float> errors;
  if (f.map.uncertainty.empty()) return 0;
  for (std::size_t v = 0; v < s.fraction.size(); ++v) {
    if (s.fraction[v] < 0.5F || !(f.map.dose[v] > 0) || !std::isfinite(f.map.uncertainty[v])) continue;
    errors.push_back(f.map.uncertainty[v] / f.map.dose[v]);
  }
  if (errors.empty()) return 0;
  const auto middle = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
  std::nth_element(errors.begin(), middle, errors.end());
  return static_cast<double>(*middle);
}

/// One caveat for all tumours whose voxels are noisy.
void add_noise(const DoseFile& f, Warnings& caveats) {
  if (f.map.method != "monte-carlo") return;
  double worst = 0;
  std::string errors;
  Warning caveat{"noise-limited", WarningClass::note, "", {}};
  for (const Structure& s : f.structures) {
    if (s.role != Role::tumour || is_reserved(s.name)) continue;
    const double error = voxel_error(f, s);
    if (error <= quiet_voxels) continue;
    worst = std::max(worst, error);
    errors += fmt::format("{}{} % in {}", errors.empty() ? "" : ", ", three_digits(100 * error), s.name);
    caveat.numbers.emplace_back("voxel_error_median", error);
  }
  if (worst == 0) return;
  caveat.text = fmt::format(
      "the Monte Carlo dose of a single voxel has a statistical error of {} (median). Mean doses hold as stated; D, V, "
      "gEUD and BED are without what this noise adds to them, and their errors have what is not known of it; "
      "histograms "
      "as drawn are widened by it. Some {} times the histories would bring it to {:g} %",
      errors, std::ceil(std::pow(worst / quiet_voxels, 2)), 100 * quiet_voxels);
  caveats.push_back(std::move(caveat));
}

}  // namespace

Warnings caveats_of(const ReportInput& input) {
  Warnings caveats = input.warnings;
  for (const DoseFile& f : input.doses) merge_warnings(f.warnings, caveats);
  for (const DoseFile& f : input.doses) {
    if (f.map.interrupted) {
      caveats.push_back({"run-interrupted",
                         WarningClass::note,
                         method_label(f.map.method) + " was stopped before all its histories were done",
                         {}});
    }
    if (!f.map.goal_reached) {
      caveats.push_back({"goal-not-reached",
                         WarningClass::note,
                         method_label(f.map.method) + " did not reach the uncertainty that was asked for",
                         {}});
    }
    add_noise(f, caveats);
  }
  return caveats;
}

std::string tiles_section(const ReportInput& input) {
  const std::vector<NamedDoses> doses = doses_at_hand(input);
  const FirstStructures first = first_structures(input, doses);
  return "<section class=\"tiles\" aria-label=\"The answer\">\n" + activity_tile(input) +
         dose_tile(input, "tumour", "Tumour", first.tumour, limits_line(input, {"tumour-dose"})) +
         dose_tile(input, "normal", "Normal liver", first.normal,
                   limits_line(input, {"normal-dose", "perfused-dose"})) +
         dose_tile(input, "lungs", "Lungs", first.lungs,
                   limits_line(input, {"lung-dose-session", "lung-dose-cumulative"}),
                   input.doses.front().account.lungs_cut_off) +
         verdict_tile(input, caveats_of(input)) + "</section>\n";
}

std::string caveats_section(const ReportInput& input) {
  const Warnings caveats = caveats_of(input);
  if (caveats.empty()) return "";
  std::string rows;
  for (const WarningClass kind : {WarningClass::wrong_dose, WarningClass::note}) {
    for (const Warning& w : caveats) {
      if (w.kind != kind) continue;
      rows += fmt::format("<li class=\"{0}\"><b>{1}</b> {2} <small>{3}</small></li>\n", warning_class_name(kind),
                          kind == WarningClass::wrong_dose ? "Check:" : "Note:", escaped(w.text), escaped(w.code));
    }
  }
  const std::size_t wrong = wrong_dose_count(caveats);
  const std::string title = wrong == 0
                                ? fmt::format("Caveats ({})", caveats.size())
                                : fmt::format("Caveats ({}, of which {} may make a dose wrong)", caveats.size(), wrong);
  return fmt::format(
      "<section id=\"warnings\" class=\"{}\" aria-label=\"Caveats\"><h2>{}</h2>\n<ul{}>\n{}</ul></section>\n",
      wrong > 0 ? "wrong-dose" : "note", title, caveats.size() > 3 ? " class=\"many\"" : "", rows);
}

}  // namespace ytterby::io
