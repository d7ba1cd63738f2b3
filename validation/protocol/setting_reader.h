#pragma once
// Takes a protocol's settings by table and key.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/setting.h"

namespace ytterby::validation {

/// Throws Fault::input, led by the setting's place and name.
[[noreturn]] void refuse_setting(const Setting& setting, const std::string& what);

/// Takes settings with their types and ranges checked, and knows which were asked for. Throws Fault::input, led by the
/// setting's place, for a wrong type or a value out of range, and for a required key that is missing.
class SettingReader {
 public:
  explicit SettingReader(std::vector<Setting> settings) : settings_(std::move(settings)) {}

  [[nodiscard]] bool has(const std::string& table) const;
  /// Turns to a table; true where it is there and not taken out (enabled = false).
  bool rule(const std::string& table);
  double number(const char* key, double low, double high);
  /// Unset where the key is missing.
  std::optional<double> optional_number(const char* key, double low, double high);
  /// An exponent: any number of -100 to 100 but 0.
  double exponent(const char* key);
  /// Whether the word is the first of the two.
  bool either(const char* key, const char* first, const char* second);
  std::string text(const char* key);
  /// Rising lengths [mm].
  std::vector<double> lengths(const char* key);
  /// Refuses keys of the current table that nobody asked for.
  void finish() const;

 private:
  const Setting* find(const std::string& key);
  const Setting& required(const char* key);

  std::vector<Setting> settings_;
  std::string table_;
  std::vector<std::string> known_;
};

}  // namespace ytterby::validation
