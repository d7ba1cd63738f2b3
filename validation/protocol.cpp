#include "validation/protocol.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/nearest_name.h"

namespace ytterby::validation {
namespace {

const std::vector<std::string>& rule_names() {
  static const std::vector<std::string> names{"lesion-count",      "lesion-size",          "screening-lung-dose",
                                              "spared-liver",      "tumour-dose",          "perfused-dose",
                                              "lung-dose-session", "lung-dose-cumulative", "margin-dose",
                                              "tissue-tumour",     "tissue-liver",         "tissue-other"};
  return names;
}

std::string number_text(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

[[noreturn]] void refuse(const Setting& s, const std::string& what) {
  const std::string name = s.table.empty() ? s.key : "[" + s.table + "] " + s.key;
  throw Error(Fault::input, s.place + name + " " + what);
}

/// Takes settings by table and key, with their types checked, and knows which were asked for.
class Reader {
 public:
  explicit Reader(std::vector<Setting> settings) : settings_(std::move(settings)) {}

  [[nodiscard]] bool has(const std::string& table) const {
    return std::any_of(settings_.begin(), settings_.end(), [&](const Setting& s) { return s.table == table; });
  }
  /// A rule that is there and not taken out.
  bool rule(const std::string& table) {
    table_ = table;
    known_.clear();
    if (!has(table)) return false;
    const Setting* enabled = find("enabled");
    if (enabled == nullptr) return true;
    const bool* on = std::get_if<bool>(&enabled->value);
    if (on == nullptr) refuse(*enabled, "needs to be true or false");
    return *on;
  }
  double number(const char* key, double low, double high) {
    const Setting& s = required(key);
    const double* value = std::get_if<double>(&s.value);
    if (value == nullptr) refuse(s, "needs to be a number");
    if (!(*value >= low) || !(*value <= high)) {
      refuse(s, "is " + number_text(*value) + ", needs to be " + number_text(low) + " to " + number_text(high));
    }
    return *value;
  }
  double exponent(const char* key) {
    const double value = number(key, -100, 100);
    if (value == 0) refuse(required(key), "is 0, needs to be below or above it");
    return value;
  }
  /// Whether the word is the first of the two.
  bool either(const char* key, const char* first, const char* second) {
    const Setting& s = required(key);
    const std::string* value = std::get_if<std::string>(&s.value);
    if (value == nullptr || (*value != first && *value != second)) {
      refuse(s, std::string("needs to be \"") + first + "\" or \"" + second + "\"");
    }
    return *value == first;
  }
  std::string text(const char* key) {
    const Setting& s = required(key);
    const std::string* value = std::get_if<std::string>(&s.value);
    if (value == nullptr) refuse(s, "needs to be a text");
    return *value;
  }
  std::vector<double> lengths(const char* key) {
    const Setting& s = required(key);
    std::vector<double> values;
    if (const auto* list = std::get_if<std::vector<double>>(&s.value)) values = *list;
    if (const auto* one = std::get_if<double>(&s.value)) values = {*one};
    const bool right = !values.empty() && std::is_sorted(values.begin(), values.end()) &&
                       std::all_of(values.begin(), values.end(), [](double v) { return v > 0 && v <= 100; });
    if (!right) refuse(s, "needs to be a list of rising lengths, above 0 to 100 mm");
    return values;
  }
  /// Refuses keys of the current table that nobody asked for.
  void finish() const {
    for (const Setting& s : settings_) {
      if (s.table != table_ || std::find(known_.begin(), known_.end(), s.key) != known_.end()) continue;
      refuse(s, "is unknown, the nearest known key is \"" + nearest_name(s.key, known_) + "\"");
    }
  }

 private:
  const Setting* find(const std::string& key) {
    known_.push_back(key);
    const auto found = std::find_if(settings_.begin(), settings_.end(),
                                    [&](const Setting& s) { return s.table == table_ && s.key == key; });
    return found == settings_.end() ? nullptr : &*found;
  }
  const Setting& required(const char* key) {
    const Setting* s = find(key);
    if (s != nullptr) return *s;
    throw Error(Fault::input, "protocol rule [" + table_ + "] needs the key " + key);
  }

  std::vector<Setting> settings_;
  std::string table_;
  std::vector<std::string> known_;
};

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

constexpr double most_gray = 1e6;

OneSided lung_limit(Reader& reader) {
  const double limit = reader.number("limit_Gy", 0, most_gray);
  return {limit, reader.either("at_limit", "pass", "fail")};
}

DoseRange dose_range(Reader& reader) {
  const double low = reader.number("low_Gy", 0, most_gray);
  DoseRange range{low, reader.number("high_Gy", low, most_gray), true};
  range.at_limit_passes = reader.either("at_limit", "pass", "fail");
  return range;
}

/// Reads a rule with `read` if the protocol has it.
template <class Read>
auto optional_rule(Reader& reader, const char* table, const Read& read) -> std::optional<decltype(read())> {
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
  Reader reader(p.settings);
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
  p.tumour_dose = optional_rule(reader, "tumour-dose", [&] {
    TumourDose rule{dose_range(reader)};
    rule.each = reader.either("of", "each", "pooled");
    rule.lung_limited_passes = reader.either("lung_limited", "pass", "fail");
    rule.lung_limited_within = reader.number("lung_limited_within", 0, 1);
    return rule;
  });
  p.perfused_dose = optional_rule(reader, "perfused-dose", [&] { return dose_range(reader); });
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
  p.margin = optional_rule(reader, "margin-dose", [&] { return Margin{reader.lengths("shells_mm")}; });
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
  if (const auto& tumour = protocol.tumour_dose) {
    limits.push_back({"tumour-dose", Compartment::tumour, tumour->range.high, tumour->range.at_limit_passes, true});
  }
  return limits;
}

}  // namespace ytterby::validation
