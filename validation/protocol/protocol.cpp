#include "validation/protocol/protocol.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/nearest_name.h"
#include "validation/protocol/setting_reader.h"

namespace ytterby::validation {
namespace {

const std::vector<std::string>& rule_names() {
  static const std::vector<std::string> names{
      "lesion-count",    "lesion-size",  "screening-lung-dose", "spared-liver",         "spared-function",
      "spared-activity", "extrahepatic", "session-count",       "sphere-count",         "tumour-dose",
      "perfused-dose",   "normal-dose",  "lung-dose-session",   "lung-dose-cumulative", "margin-dose",
      "tissue-tumour",   "tissue-liver", "tissue-other"};
  return names;
}

/// Overrides take the place of the preset's keys, or join their rule.
std::vector<Setting> merged(std::span<const Setting> preset, std::span<const Setting> overrides,
                            const std::string& name) {
  std::vector<Setting> all(preset.begin(), preset.end());
  for (const Setting& s : overrides) {
    if (std::find(rule_names().begin(), rule_names().end(), s.table) == rule_names().end()) {
      throw Error(Fault::input, s.place + "[protocol." + s.table + "] is no rule, the nearest known is \"" +
                                    nearest_name(s.table, rule_names()) + "\"");
    }
    const auto same =
        std::find_if(all.begin(), all.end(), [&](const Setting& p) { return p.table == s.table && p.key == s.key; });
    if (same != all.end()) {
      *same = s;
      continue;
    }
    const auto last = std::find_if(all.rbegin(), all.rend(), [&](const Setting& p) { return p.table == s.table; });
    if (last == all.rend()) {
      throw Error(Fault::input, s.place + "[protocol." + s.table + "] is no rule of the preset \"" + name + "\"");
    }
    all.insert(last.base(), s);
  }
  return all;
}

constexpr double most_gray = 1e6, no_limit = std::numeric_limits<double>::infinity();

OneSided lung_limit(SettingReader& reader) {
  const double limit = reader.number("limit_Gy", 0, most_gray);
  return {limit, reader.either("at_limit", "pass", "fail")};
}

/// Without high_Gy there is no upper limit.
DoseRange dose_range(SettingReader& reader) {
  const double low = reader.number("low_Gy", 0, most_gray);
  DoseRange range{low, reader.optional_number("high_Gy", low, most_gray).value_or(no_limit), true};
  range.at_limit_passes = reader.either("at_limit", "pass", "fail");
  return range;
}

NormalDose normal_dose(SettingReader& reader) {
  NormalDose rule;
  for (const bool whole : {false, true}) {
    const auto low = reader.optional_number(whole ? "whole_low_Gy" : "perfused_low_Gy", 0, most_gray);
    const auto high = reader.optional_number(whole ? "whole_high_Gy" : "perfused_high_Gy", low.value_or(0), most_gray);
    (whole ? rule.whole : rule.perfused) = DoseRange{low.value_or(-no_limit), high.value_or(no_limit), true};
  }
  rule.perfused.at_limit_passes = rule.whole.at_limit_passes = reader.either("at_limit", "pass", "fail");
  return rule;
}

Extrahepatic extrahepatic(SettingReader& reader) {
  const double warn = reader.number("warn_from", 0, 1);
  return {warn, reader.number("not_judged_above", warn, 1)};
}

Margin margin(SettingReader& reader) {
  Margin rule{reader.lengths("shells_mm"), reader.optional_number("at_least_Gy", 0, most_gray), false};
  rule.by_mean = reader.either("measure", "mean", "D95");
  return rule;
}

/// Reads a rule with `read` if the protocol has it.
template <class Read>
auto optional_rule(SettingReader& reader, const char* table, const Read& read) -> std::optional<decltype(read())> {
  if (!reader.rule(table)) return {};
  auto rule = read();
  reader.finish();
  return rule;
}

}  // namespace

std::vector<Setting> Protocol::settings_of(std::string_view rule) const {
  std::vector<Setting> result;
  std::copy_if(settings.begin(), settings.end(), std::back_inserter(result),
               [&](const Setting& s) { return s.table == rule; });
  return result;
}

Protocol make_protocol(std::string name, std::span<const Setting> preset, std::span<const Setting> overrides) {
  Protocol p;
  p.name = std::move(name);
  p.settings = merged(preset, overrides, p.name);
  for (const Setting& s : p.settings) {
    const auto& known = rule_names();
    if (!s.table.empty() && std::find(known.begin(), known.end(), s.table) == known.end()) {
      throw Error(Fault::input, s.place + "[" + s.table + "] is no rule, the nearest known is \"" +
                                    nearest_name(s.table, known) + "\"");
    }
  }
  SettingReader reader(p.settings);
  reader.rule("");
  p.title = reader.text("title");
  p.citation = reader.text("citation");
  p.lung_mass = reader.number("lung_mass_kg", 0.01, 10);
  reader.finish();
  p.lesion_count = optional_rule(reader, "lesion-count",
                                 [&] { return LesionCount{static_cast<int>(reader.number("at_most", 0, 1000))}; });
  p.lesion_size = optional_rule(reader, "lesion-size", [&] {
    const double above = reader.number("above_mm", 0, 1000);
    const bool at_limit_passes = reader.either("at_limit", "pass", "fail");
    return LesionSizeRule{{above, at_limit_passes}, reader.either("measure", "3d", "axial")};
  });
  p.screening = optional_rule(reader, "screening-lung-dose", [&] {
    const double tumour = reader.number("tumour_Gy", 1, most_gray);
    return Screening{tumour, lung_limit(reader)};
  });
  p.spared_liver = optional_rule(reader, "spared-liver", [&] {
    const double least = reader.number("at_least", 0, 1);
    return OneSided{least, reader.either("at_limit", "pass", "fail")};
  });
  p.spared_function = optional_rule(reader, "spared-function",
                                    [&] { return SparedFunction{reader.optional_number("at_least", 0, 1)}; });
  p.spared_activity =
      optional_rule(reader, "spared-activity", [&] { return SparedActivity{reader.optional_number("at_most", 0, 1)}; });
  p.extrahepatic = optional_rule(reader, "extrahepatic", [&] { return extrahepatic(reader); });
  p.session_count = optional_rule(reader, "session-count",
                                  [&] { return SessionLimit{static_cast<int>(reader.number("at_most", 1, 100))}; });
  p.sphere_count = optional_rule(reader, "sphere-count", [&] {
    const double activity = reader.number("activity_per_sphere_Bq", 1, 1e5);
    return SphereCount{activity, reader.optional_number("at_most", 0, 1e12)};
  });
  p.tumour_dose = optional_rule(reader, "tumour-dose", [&] {
    TumourDose rule{dose_range(reader)};
    rule.each = reader.either("of", "each", "pooled");
    rule.lung_limited_passes = reader.either("lung_limited", "pass", "fail");
    rule.lung_limited_within = reader.number("lung_limited_within", 0, 1);
    rule.lung_limited_within_delivered = reader.number("lung_limited_within_delivered", 0, 1);
    return rule;
  });
  p.perfused_dose = optional_rule(reader, "perfused-dose", [&] { return dose_range(reader); });
  p.normal_dose = optional_rule(reader, "normal-dose", [&] { return normal_dose(reader); });
  p.lung_session = optional_rule(reader, "lung-dose-session", [&] { return lung_limit(reader); });
  p.lung_cumulative = optional_rule(reader, "lung-dose-cumulative", [&] { return lung_limit(reader); });
  const auto tissue = [&](const char* table, Tissue& values) {
    const auto read = optional_rule(reader, table, [&] {
      const double alpha_beta = reader.number("alpha_beta_Gy", 0.1, 1000);
      const double repair = reader.number("repair_half_time_h", 0, 1000);
      return Tissue{alpha_beta, repair, reader.exponent("geud_exponent")};
    });
    if (read) values = *read;
  };
  tissue("tissue-tumour", p.tissues.tumour);
  tissue("tissue-liver", p.tissues.liver);
  tissue("tissue-other", p.tissues.other);
  p.margin = optional_rule(reader, "margin-dose", [&] { return margin(reader); });
  return p;
}

std::vector<DoseLimit> plan_limits(const Protocol& protocol) {
  std::vector<DoseLimit> limits;
  if (const auto& lung = protocol.lung_session) {
    limits.push_back({"lung-dose-session", Compartment::lung, lung->limit, lung->at_limit_passes, false});
  }
  if (const auto& lung = protocol.lung_cumulative) {
    limits.push_back({"lung-dose-cumulative", Compartment::lung, lung->limit, lung->at_limit_passes, true});
  }
  if (const auto& tumour = protocol.tumour_dose; tumour && std::isfinite(tumour->range.high)) {
    limits.push_back({"tumour-dose", Compartment::tumour, tumour->range.high, tumour->range.at_limit_passes, true});
  }
  if (const auto& normal = protocol.normal_dose; normal && std::isfinite(normal->perfused.high)) {
    const DoseRange& range = normal->perfused;
    limits.push_back({"normal-dose", Compartment::normal, range.high, range.at_limit_passes, true});
  }
  return limits;
}

}  // namespace ytterby::validation
