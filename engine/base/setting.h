#pragma once
// A named value from a data file, as a protocol's rules are made of.

#include <string>
#include <variant>
#include <vector>

namespace ytterby {

using SettingValue = std::variant<double, bool, std::string, std::vector<double>>;

/// One key of one table: `[tumour-dose] low_Gy = 280`.
struct Setting {
  std::string table;  // "tumour-dose"; empty for keys outside tables
  std::string key;    // "low_Gy"
  SettingValue value;
  std::string place;  // "case.toml:12: ", to lead messages
};

}  // namespace ytterby
