#include "io/text/setting_toml.h"

#include <cmath>
#include <sstream>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "io/text/toml_text.h"

namespace ytterby::io {
namespace {

std::string place_of(const toml::node& node, const std::string& file) {
  return file + ":" + std::to_string(node.source().begin.line) + ": ";
}

[[noreturn]] void refuse(const toml::node& node, const std::string& file, const std::string& what) {
  throw Error(Fault::input, place_of(node, file) + what);
}

double number_of(const toml::node& node, const std::string& file, const std::string& name) {
  const auto value = node.is_number() ? node.value<double>() : std::nullopt;
  if (!value || !std::isfinite(*value)) refuse(node, file, name + " needs to be a finite number");
  return *value;
}

SettingValue value_of(const toml::node& node, const std::string& file, const std::string& name) {
  if (const auto truth = node.value_exact<bool>()) return *truth;
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (node.is_number()) return number_of(node, file, name);
  if (!node.is_array()) {
    std::ostringstream type;
    type << node.type();
    refuse(node, file,
           name + " is a " + type.str() + ", needs to be a number, true or false, a text or a list of numbers");
  }
  std::vector<double> values;
  for (const toml::node& element : *node.as_array()) values.push_back(number_of(element, file, name));
  return values;
}

}  // namespace

std::vector<Setting> read_settings(const toml::table& table, const std::string& name, const std::string& file) {
  std::vector<Setting> settings;
  for (const auto& [key, node] : table) {
    const std::string word(key.str());
    settings.push_back(
        {name, word, value_of(node, file, name.empty() ? word : "[" + name + "] " + word), place_of(node, file)});
  }
  return settings;
}

std::vector<Setting> parse_settings(const std::string& text, const std::string& file) {
  try {
    const toml::table document = toml::parse(text, file);
    std::vector<Setting> settings;
    for (const auto& [key, node] : document) {
      const std::string word(key.str());
      if (const toml::table* table = node.as_table()) {
        for (Setting& s : read_settings(*table, word, file)) settings.push_back(std::move(s));
      } else {
        settings.push_back({"", word, value_of(node, file, word), place_of(node, file)});
      }
    }
    return settings;
  } catch (const toml::parse_error& error) {
    throw Error(Fault::input, file + ":" + std::to_string(error.source().begin.line) +
                                  ": is no valid TOML: " + std::string(error.description()));
  }
}

std::string setting_text(const SettingValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return toml_decimal(*number);
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const auto* text = std::get_if<std::string>(&value)) return toml_quoted(*text);
  std::string list;
  for (const double v : std::get<std::vector<double>>(value)) list += (list.empty() ? "" : ", ") + toml_decimal(v);
  return "[" + list + "]";
}

}  // namespace ytterby::io
