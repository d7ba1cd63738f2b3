#include "io/report/sections/verdict_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <variant>
#include <vector>

#include "io/report/html.h"
#include "io/report/rules.h"
#include "io/text/figures.h"

namespace ytterby::io {
namespace {

using validation::Judgement;
using validation::Ruling;

std::string text_of(const SettingValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return three_digits(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "yes" : "no";
  if (const auto* text = std::get_if<std::string>(&value)) return escaped(*text);
  return escaped(nlohmann::json(std::get<std::vector<double>>(value)).dump());
}

std::string settings_text(const Ruling& rule) {
  std::string text;
  for (const Setting& s : settings_in_force(rule)) {
    text += (text.empty() ? "" : ", ") + escaped(s.key) + " = " + text_of(s.value);
  }
  return text;
}

/// Whether the case states an error that a probability can follow from, or an ensemble has sampled it.
bool states_errors(const Validation& v) {
  if (v.ensemble) return true;
  const validation::StatedErrors& e = v.treatment.errors;
  return e.activity > 0 || e.shunt > 0 || e.lung_mass > 0;
}

std::string probability_text(double p) {
  if (p > 0.999) return "above 99.9 %";
  return p < 0.001 ? "below 0.1 %" : three_digits(100 * p) + " %";
}

/// Of a rule that was sampled and that draws move, what so many samples can tell.
std::string probability_of(const Validation& v, const Ruling& rule) {
  if (!rule.probability) return "";
  if (v.ensemble) {
    for (const EnsembleRule& r : v.ensemble->rules) {
      const bool same = r.id == rule.id && r.method == rule.method && r.structure == rule.structure &&
                        r.session == rule.session && r.probability == rule.probability;
      if (same && !certain(r)) return sampled_probability_text(*rule.probability, v.ensemble->samples);
    }
  }
  return probability_text(*rule.probability);
}

std::string rule_row(const Validation& v, const Ruling& rule, bool shaded, bool with_probability) {
  const std::string verdict(validation::judgement_name(rule.verdict));
  std::string text = fmt::format(
      "<tr{}><td><span class=\"word {}\">{}</span></td><td>{}</td><td>{}</td><td class=\"n\">{}</td>"
      "<td class=\"n\">{}</td><td class=\"n\">{}</td>",
      shaded ? " class=\"judge\"" : "", verdict, verdict == "not-judged" ? "not judged" : verdict,
      escaped(rule_name(rule)), escaped(method_label(rule.method)), escaped(rule_value(rule)),
      escaped(rule_limits(rule)), escaped(rule_margin(rule)));
  if (with_probability) {
    text += "<td class=\"n\">" + probability_of(v, rule) + "</td>";
  }
  return text + "<td>" + escaped(rule.reason) + "</td></tr>\n";
}

std::string table_of(const std::string& rows, bool with_probability) {
  return "<div class=\"wide\"><table><thead><tr><th>verdict</th><th>rule</th><th>method</th><th class=\"n\">value</th>"
         "<th class=\"n\">limits</th><th class=\"n\">margin</th>" +
         std::string(with_probability ? "<th class=\"n\">probability</th>" : "") +
         "<th>reason</th></tr></thead><tbody>\n" + rows + "</tbody></table></div>\n";
}

/// Rows of what decides and of Monte Carlo come first; other methods, single lesions and margins behind a fold.
struct RuleRows {
  std::string first, others, settings;
};

RuleRows rows_of(const Validation& v) {
  RuleRows rows;
  std::vector<std::string> seen;
  const bool stated = states_errors(v);
  for (const Ruling& rule : v.rulings) {
    const bool of_judge = rule.method.empty() || rule.method == v.judge;
    const bool informs = rule.verdict == Judgement::not_judged && rule.value && std::isfinite(*rule.value);
    ((of_judge || rule.method == "monte-carlo") && !informs ? rows.first : rows.others) +=
        rule_row(v, rule, of_judge && !informs, stated);
    if (std::find(seen.begin(), seen.end(), rule.id) != seen.end()) continue;
    seen.push_back(rule.id);
    rows.settings += "<tr><th>" + escaped(rule.id) + "</th><td>" + settings_text(rule) + "</td></tr>\n";
  }
  return rows;
}

}  // namespace

std::string deciding_rules_table(const Validation& v) { return table_of(rows_of(v).first, states_errors(v)); }

std::string rules_section(const Validation& v) {
  const RuleRows rows = rows_of(v);
  const bool stated = states_errors(v);
  std::string text = "<section id=\"rules\" aria-label=\"Rules\"><h2>Rules</h2>\n<p class=\"soft\">" +
                     escaped(v.protocol.title) + ", judged by the " + escaped(method_label(v.judge)) +
                     ": shaded rows decide.</p>\n" + table_of(rows.first, stated);
  if (v.ensemble) {
    text +=
        "<p class=\"soft\">Probability: that the rule holds, given all that the dose is not known by "
        "(<a href=\"#known\">how well it is known</a>); of methods that were not sampled, given the errors of "
        "activity, shunt and lung mass that the case states.</p>\n";
  } else {
    text += stated ? "<p class=\"soft\">Probability: that the rule holds, given the errors of activity, shunt and lung "
                     "mass that "
                     "the case states and the statistical error of Monte Carlo.</p>\n"
                   : "<p class=\"soft\">The case states no errors of activity, shunt or lung mass, so there are no "
                     "probabilities.</p>\n";
  }
  text += "<details><summary>Other methods, single lesions and margins</summary>\n" + table_of(rows.others, stated) +
          "</details>\n<details><summary>Settings in force</summary>\n<div class=\"wide\"><table><tbody>\n";
  return text + rows.settings + "</tbody></table></div></details></section>\n";
}

}  // namespace ytterby::io
