#include "io/report/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "io/text/figures.h"

namespace ytterby::io {
namespace {

using validation::Judgement;
using validation::Ruling;

std::string with_unit(double value, const Ruling& rule) {
  // Counts stay whole.
  const bool whole = value == std::round(value) && std::abs(value) < 1000;
  return (whole ? fmt::format("{:g}", value) : three_digits(value)) +
         (rule.unit.empty() || rule.unit == "1" ? "" : " " + rule.unit);
}

/// Distance to the nearest limit over that limit; negative beyond it.
double relative_margin(const Ruling& rule) {
  if (!rule.margin || !rule.value) return std::numeric_limits<double>::infinity();
  const double at_low = rule.limit_low ? std::abs(*rule.value - *rule.limit_low) : HUGE_VAL;
  const double at_high = rule.limit_high ? std::abs(*rule.value - *rule.limit_high) : HUGE_VAL;
  const double limit = std::abs(at_low <= at_high ? rule.limit_low.value_or(1) : rule.limit_high.value_or(1));
  return *rule.margin / std::max(limit, 1e-12);
}

}  // namespace

bool decides(const Ruling& rule, const std::string& judge) {
  return rule.verdict != Judgement::not_judged && (rule.method.empty() || rule.method == judge);
}

Deciding deciding_rule(const Validation& v, const std::string& judge) {
  Deciding result;
  for (const Ruling& rule : v.rulings) {
    if (!decides(rule, judge)) continue;
    const bool fails = rule.verdict == Judgement::fail;
    ++result.judged;
    result.broken += fails ? 1 : 0;
    const bool others_fail = result.rule != nullptr && result.rule->verdict == Judgement::fail;
    if (result.rule == nullptr || (fails && !others_fail) ||
        (fails == others_fail && relative_margin(rule) < relative_margin(*result.rule))) {
      result.rule = &rule;
    }
  }
  return result;
}

std::string rule_name(const Ruling& rule) {
  return rule.id + (rule.structure.empty() ? "" : ", " + rule.structure) +
         (rule.session.empty() ? "" : ", " + rule.session);
}

std::string rule_value(const Ruling& rule) { return rule.value ? with_unit(*rule.value, rule) : "-"; }

std::string rule_margin(const Ruling& rule) {
  return rule.margin && std::isfinite(*rule.margin) ? with_unit(*rule.margin, rule) : "";
}

std::string rule_limits(const Ruling& rule) {
  const auto limit = [](const std::optional<double>& value) {
    return value && std::isfinite(*value) ? fmt::format("{:g}", *value) : std::string();
  };
  const std::string low = limit(rule.limit_low), high = limit(rule.limit_high);
  if (!low.empty() && !high.empty()) return low + " to " + high;
  const std::vector<Setting> settings = settings_in_force(rule);
  const bool strict = std::any_of(settings.begin(), settings.end(), [](const Setting& s) {
    return s.key == "at_limit" && s.value == SettingValue(std::string("fail"));
  });
  if (!low.empty()) return (strict ? "above " : "at least ") + low;
  return high.empty() ? "" : (strict ? "below " : "at most ") + high;
}

std::string rule_distance(const Ruling& rule) {
  std::string text = rule_value(rule);
  if (!rule.margin || !std::isfinite(*rule.margin)) return text;
  text += ", " + with_unit(std::abs(*rule.margin), rule) + (*rule.margin < 0 ? " beyond" : " within") + " the limit";
  const std::string limits = rule_limits(rule);
  return limits.empty() ? text : text + " (" + limits + ")";
}

std::vector<Setting> settings_in_force(const Ruling& rule) {
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

}  // namespace ytterby::io
