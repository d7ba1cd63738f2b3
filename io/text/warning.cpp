#include "io/text/warning.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/base/numbers.h"

namespace ytterby::io {

using nlohmann::ordered_json;

std::string_view warning_class_name(WarningClass kind) {
  return kind == WarningClass::wrong_dose ? "wrong-dose" : "note";
}

void merge_warnings(const Warnings& more, Warnings& all) {
  for (const Warning& w : more) {
    const bool known = std::any_of(all.begin(), all.end(), [&](const Warning& other) { return other.text == w.text; });
    if (!known) all.push_back(w);
  }
}

std::size_t wrong_dose_count(const Warnings& warnings) {
  return static_cast<std::size_t>(std::count_if(warnings.begin(), warnings.end(),
                                                [](const Warning& w) { return w.kind == WarningClass::wrong_dose; }));
}

std::string verdict_in_words(bool broken, const Warnings& warnings) {
  const std::size_t n = wrong_dose_count(warnings);
  if (broken || n == 0) return broken ? "fail" : "pass";
  return "pass, with " + std::to_string(n) + (n == 1 ? " warning" : " warnings");
}

std::string warnings_json(const Warnings& warnings) {
  ordered_json list = ordered_json::array();
  for (const Warning& w : warnings) {
    ordered_json numbers = ordered_json::object();
    for (const auto& [name, value] : w.numbers) {
      numbers[name] = std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
    }
    list.push_back({{"code", w.code}, {"class", warning_class_name(w.kind)}, {"text", w.text}, {"numbers", numbers}});
  }
  return list.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Warnings parse_warnings(const std::string& json) {
  const ordered_json list = ordered_json::parse(json, nullptr, false);
  const auto damaged = [] { return Error(Fault::input, "its warnings are damaged: no JSON list of warnings"); };
  if (!list.is_array()) throw damaged();
  Warnings warnings;
  for (const ordered_json& entry : list) {
    if (!entry.is_object()) throw damaged();
    const auto text = [&](const char* key) {
      const auto found = entry.find(key);
      if (found == entry.end() || !found->is_string()) throw damaged();
      return found->get<std::string>();
    };
    Warning& w = warnings.emplace_back();
    w.code = text("code");
    w.kind = text("class") == warning_class_name(WarningClass::note) ? WarningClass::note : WarningClass::wrong_dose;
    w.text = text("text");
    const auto numbers = entry.find("numbers");
    if (numbers == entry.end() || !numbers->is_object()) continue;
    for (const auto& [name, value] : numbers->items()) {
      w.numbers.emplace_back(name, value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN());
    }
  }
  return warnings;
}

std::string warnings_in_short(const Warnings& warnings) {
  std::string text;
  for (const Warning& w : warnings) {
    std::string numbers;
    for (const auto& [name, value] : w.numbers) {
      numbers += (numbers.empty() ? "" : ", ") + name + " " + (std::isfinite(value) ? to_text(value, 5) : "-");
    }
    text += (text.empty() ? "" : "; ") + w.code + (numbers.empty() ? "" : " (" + numbers + ")");
  }
  return text;
}

}  // namespace ytterby::io
