#include "validation/protocol/setting_reader.h"

#include <algorithm>
#include <variant>

#include "engine/base/error.h"
#include "engine/base/nearest_name.h"

namespace ytterby::validation {
namespace {

std::string number_text(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

double checked_number(const Setting& s, double low, double high) {
  const double* value = std::get_if<double>(&s.value);
  if (value == nullptr) refuse_setting(s, "needs to be a number");
  if (!(*value >= low) || !(*value <= high)) {
    refuse_setting(s, "is " + number_text(*value) + ", needs to be " + number_text(low) + " to " + number_text(high));
  }
  return *value;
}

}  // namespace

void refuse_setting(const Setting& setting, const std::string& what) {
  const std::string name = setting.table.empty() ? setting.key : "[" + setting.table + "] " + setting.key;
  throw Error(Fault::input, setting.place + name + " " + what);
}

bool SettingReader::has(const std::string& table) const {
  return std::any_of(settings_.begin(), settings_.end(), [&](const Setting& s) { return s.table == table; });
}

bool SettingReader::rule(const std::string& table) {
  table_ = table;
  known_.clear();
  if (!has(table)) return false;
  const Setting* enabled = find("enabled");
  if (enabled == nullptr) return true;
  const bool* on = std::get_if<bool>(&enabled->value);
  if (on == nullptr) refuse_setting(*enabled, "needs to be true or false");
  return *on;
}

double SettingReader::number(const char* key, double low, double high) {
  return checked_number(required(key), low, high);
}

std::optional<double> SettingReader::optional_number(const char* key, double low, double high) {
  const Setting* s = find(key);
  return s == nullptr ? std::nullopt : std::optional(checked_number(*s, low, high));
}

double SettingReader::exponent(const char* key) {
  const double value = number(key, -100, 100);
  if (value == 0) refuse_setting(required(key), "is 0, needs to be below or above it");
  return value;
}

bool SettingReader::either(const char* key, const char* first, const char* second) {
  const Setting& s = required(key);
  const std::string* value = std::get_if<std::string>(&s.value);
  if (value == nullptr || (*value != first && *value != second)) {
    refuse_setting(s, std::string("needs to be \"") + first + "\" or \"" + second + "\"");
  }
  return *value == first;
}

std::string SettingReader::text(const char* key) {
  const Setting& s = required(key);
  const std::string* value = std::get_if<std::string>(&s.value);
  if (value == nullptr) refuse_setting(s, "needs to be a text");
  return *value;
}

std::vector<double> SettingReader::lengths(const char* key) {
  const Setting& s = required(key);
  std::vector<double> values;
  if (const auto* list = std::get_if<std::vector<double>>(&s.value)) values = *list;
  if (const auto* one = std::get_if<double>(&s.value)) values = {*one};
  const bool right = !values.empty() && std::is_sorted(values.begin(), values.end()) &&
                     std::all_of(values.begin(), values.end(), [](double v) { return v > 0 && v <= 100; });
  if (!right) refuse_setting(s, "needs to be a list of rising lengths, above 0 to 100 mm");
  return values;
}

void SettingReader::finish() const {
  for (const Setting& s : settings_) {
    if (s.table != table_ || std::find(known_.begin(), known_.end(), s.key) != known_.end()) continue;
    refuse_setting(s, "is unknown, the nearest known key is \"" + nearest_name(s.key, known_) + "\"");
  }
}

const Setting* SettingReader::find(const std::string& key) {
  known_.push_back(key);
  const auto found = std::find_if(settings_.begin(), settings_.end(),
                                  [&](const Setting& s) { return s.table == table_ && s.key == key; });
  return found == settings_.end() ? nullptr : &*found;
}

const Setting& SettingReader::required(const char* key) {
  const Setting* s = find(key);
  if (s != nullptr) return *s;
  throw Error(Fault::input, "protocol rule [" + table_ + "] needs the key " + key);
}

}  // namespace ytterby::validation
