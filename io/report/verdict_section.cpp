#include "io/report/verdict_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <variant>
#include <vector>

#include "io/report/html.h"

namespace ytterby::io {
namespace {

using validation::Judgement;
using validation::Ruling;

std::string text_of(const SettingValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return four_digits(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "yes" : "no";
  if (const auto* text = std::get_if<std::string>(&value)) return escaped(*text);
  return escaped(nlohmann::json(std::get<std::vector<double>>(value)).dump());
}

/// What is in force for a rule, each key once: the last one counts.
std::vector<Setting> settings_of(const Ruling& rule) {
  std::vector<Setting> settings;
  for (const Setting& s : rule.settings) {
    const auto known = std::find_if(settings.begin(), settings.end(), [&](const Setting& k) { return k.key == s.key; });
    if (known == settings.end()) {
      settings.push_back(s);
    } else {
      known->value = s.value;
    }
  }
  return settings;
}

std::string settings_text(const Ruling& rule) {
  std::string text;
  for (const Setting& s : settings_of(rule)) {
    text += (text.empty() ? "" : ", ") + escaped(s.key) + " = " + text_of(s.value);
  }
  return text;
}

/// A value exactly at a limit passes unless the rule's settings say that it fails.
std::string limits_of(const Ruling& rule) {
  const std::string low = four_digits(rule.limit_low), high = four_digits(rule.limit_high);
  if (!low.empty() && !high.empty()) return low + " to " + high;
  const std::vector<Setting> settings = settings_of(rule);
  const bool strict = std::any_of(settings.begin(), settings.end(), [](const Setting& s) {
    return s.key == "at_limit" && s.value == SettingValue(std::string("fail"));
  });
  if (!low.empty()) return (strict ? "above " : "at least ") + low;
  return high.empty() ? "" : (strict ? "below " : "at most ") + high;
}

/// A share has the unit 1, which nobody writes.
std::string value_of(const Ruling& rule) {
  return four_digits(rule.value, "-") + (rule.unit.empty() || rule.unit == "1" ? "" : " " + escaped(rule.unit));
}

std::string rule_row(const Ruling& rule, bool decides) {
  const std::string verdict(validation::judgement_name(rule.verdict));
  std::string what = escaped(rule.id);
  if (!rule.structure.empty()) what += ", " + escaped(rule.structure);
  if (!rule.session.empty()) what += ", " + escaped(rule.session);
  const std::string p = rule.probability ? fmt::format("{:.1f} %", 100 * *rule.probability) : "";
  return fmt::format(
      "<tr{}><td><span class=\"word {}\">{}</span></td><td>{}</td><td>{}</td><td class=\"n\">{}</td>"
      "<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
      decides ? " class=\"judge\"" : "", verdict, verdict, what, escaped(method_label(rule.method)), value_of(rule),
      limits_of(rule), four_digits(rule.margin), p, escaped(rule.reason));
}

std::string rules_table(const std::string& rows) {
  return "<div class=\"wide\"><table><thead><tr><th>verdict</th><th>rule</th><th>method</th><th class=\"n\">value</th>"
         "<th class=\"n\">limits</th><th class=\"n\">margin</th><th class=\"n\">probability</th><th>reason</th></tr>"
         "</thead><tbody>\n" +
         rows + "</tbody></table></div>\n";
}

/// Rows of what decides and of Monte Carlo come first; other methods, single lesions and margins behind a fold.
struct RuleRows {
  std::string first, others, settings;
  int failed = 0, judged = 0;
};

RuleRows rows_of(const Validation& v) {
  RuleRows rows;
  std::vector<std::string> seen;
  for (const Ruling& rule : v.rulings) {
    const bool decides = rule.method.empty() || rule.method == v.judge;
    const bool informs = rule.verdict == Judgement::not_judged && rule.value && std::isfinite(*rule.value);
    ((decides || rule.method == "monte-carlo") && !informs ? rows.first : rows.others) +=
        rule_row(rule, decides && !informs);
    if (decides) {
      rows.failed += rule.verdict == Judgement::fail ? 1 : 0;
      rows.judged += rule.verdict == Judgement::not_judged ? 0 : 1;
    }
    if (std::find(seen.begin(), seen.end(), rule.id) != seen.end()) continue;
    seen.push_back(rule.id);
    rows.settings += "<tr><th>" + escaped(rule.id) + "</th><td>" + settings_text(rule) + "</td></tr>\n";
  }
  return rows;
}

}  // namespace

std::string warnings_section(const Warnings& warnings) {
  if (warnings.empty()) return "";
  std::string rows;
  for (const WarningClass kind : {WarningClass::wrong_dose, WarningClass::note}) {
    for (const Warning& w : warnings) {
      if (w.kind != kind) continue;
      rows += fmt::format("<li class=\"{}\"><b>{}</b> ({}): {}</li>\n", warning_class_name(kind),
                          warning_class_name(kind), escaped(w.code), escaped(w.text));
    }
  }
  return fmt::format("<section id=\"warnings\"><h2>{} {}</h2>\n<ul>\n{}</ul></section>\n", warnings.size(),
                     warnings.size() == 1 ? "warning" : "warnings", rows);
}

std::string verdict_section(const Validation& v, const Warnings& warnings) {
  const RuleRows rows = rows_of(v);
  const bool doubted = wrong_dose_count(warnings) > 0;
  const std::string summary = rows.failed == 0
                                  ? fmt::format("<span class=\"word pass\">{}All {} rules hold.</span>",
                                                doubted ? verdict_in_words(false, warnings) + ": " : "", rows.judged)
                                  : fmt::format("<span class=\"word fail\">{} of {} rules {} broken.</span>",
                                                rows.failed, rows.judged, rows.failed == 1 ? "is" : "are");
  std::string text = fmt::format(
      "<div class=\"banner {}\" id=\"verdict\">{} {}, judged by the {} (shaded rows decide)</div>\n{}<h2>Rules</h2>\n",
      rows.failed > 0 ? "is-fail"
      : doubted       ? "is-doubted"
                      : "is-pass",
      summary, escaped(v.protocol.title), escaped(method_label(v.judge)), warnings_section(warnings));
  text += rules_table(rows.first);
  text +=
      "<p class=\"soft\">Probability: that the rule holds, given the statistical error of Monte Carlo and the errors "
      "of "
      "activity, shunt and lung mass that the case states.</p>\n";
  text += "<details><summary>Other methods, single lesions and margins</summary>\n" + rules_table(rows.others) +
          "</details>\n<details><summary>Settings in force</summary>\n<div class=\"wide\"><table><tbody>\n";
  return text + rows.settings + "</tbody></table></div></details>\n";
}

}  // namespace ytterby::io
