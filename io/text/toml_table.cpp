#include "io/text/toml_table.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/nearest_name.h"
#include "engine/base/numbers.h"

namespace ytterby::io {
namespace {

std::string type_of(const toml::node& node) {
  std::ostringstream text;
  text << node.type();
  return (node.is_integer() || node.is_array() ? "an " : "a ") + text.str();
}

/// A value may fill the file: messages quote its beginning.
std::string shortened(const std::string& text) {
  constexpr std::size_t most = 400;
  return text.size() > most ? text.substr(0, most) + "..." : text;
}

}  // namespace

TomlTable::TomlTable(const toml::table& table, std::string place, const std::string& file)
    : table_(table), place_(std::move(place)), file_(file), line_(static_cast<int>(table.source().begin.line)) {}

std::string TomlTable::name(const char* key) const { return place_.empty() ? key : place_ + " " + key; }

void TomlTable::fail(const toml::node& at, const std::string& what) const {
  throw Error(Fault::input, file_ + ":" + std::to_string(at.source().begin.line) + ": " + shortened(what));
}

void TomlTable::fail(const std::string& what) const {
  throw Error(Fault::input, file_ + ":" + std::to_string(std::max(line_, 1)) + ": " + shortened(what));
}

const toml::node* TomlTable::node(const char* key) {
  known_.emplace_back(key);
  return table_.get(key);
}

std::optional<std::string> TomlTable::text(const char* key) {
  const toml::node* at = node(key);
  if (at == nullptr) return {};
  const auto value = at->value_exact<std::string>();
  if (!value) fail(*at, name(key) + " is " + type_of(*at) + ", needs to be text in quotes");
  if (value->empty()) fail(*at, name(key) + " is empty");
  if (value->find('\0') != std::string::npos) fail(*at, name(key) + " holds a zero byte");
  return value;
}

std::string TomlTable::text_or(const char* key, const std::string& otherwise) { return text(key).value_or(otherwise); }

std::string TomlTable::required_text(const char* key) {
  auto value = text(key);
  if (!value) fail(place_ + " needs the key " + key);
  return *value;
}

double TomlTable::checked(const toml::node& at, const char* key, double low, double high, Low end) const {
  if (!at.is_number()) fail(at, name(key) + " is " + type_of(at) + ", needs to be a number");
  const double value = at.value<double>().value_or(std::nan(""));
  const bool above = end == Low::open ? value > low : value >= low;
  if (!above || !(value <= high)) {
    const std::string range = high > 1e29 ? (end == Low::open ? "above " : "at least ") + to_text(low)
                                          : (end == Low::open ? "above " : "") + to_text(low) + " to " + to_text(high);
    fail(at, name(key) + " is " + to_text(value) + ", needs to be " + range);
  }
  return value;
}

std::optional<double> TomlTable::number(const char* key, double low, double high, Low end) {
  const toml::node* at = node(key);
  if (at == nullptr) return {};
  return checked(*at, key, low, high, end);
}

double TomlTable::required_number(const char* key, double low, double high, Low end) {
  const auto value = number(key, low, high, end);
  if (!value) fail(place_ + " needs the key " + key);
  return *value;
}

std::optional<std::uint64_t> TomlTable::count(const char* key, std::uint64_t low, std::uint64_t high) {
  const toml::node* at = node(key);
  if (at == nullptr) return {};
  if (const auto whole = at->value_exact<std::int64_t>();
      whole && *whole >= 0 && static_cast<std::uint64_t>(*whole) >= low && static_cast<std::uint64_t>(*whole) <= high) {
    return static_cast<std::uint64_t>(*whole);
  }
  const double value = checked(*at, key, static_cast<double>(low), static_cast<double>(high), Low::closed);
  if (value != std::floor(value)) fail(*at, name(key) + " is " + to_text(value) + ", needs to be a whole number");
  return static_cast<std::uint64_t>(value);
}

std::optional<int> TomlTable::integer(const char* key) {
  const toml::node* at = node(key);
  if (at == nullptr) return {};
  const auto value = at->value_exact<std::int64_t>();
  if (!value || std::abs(*value) > 16'777'216) fail(*at, name(key) + " needs to be a whole number");
  return static_cast<int>(*value);
}

std::optional<bool> TomlTable::boolean(const char* key) {
  const toml::node* at = node(key);
  if (at == nullptr) return {};
  const auto value = at->value_exact<bool>();
  if (!value) fail(*at, name(key) + " is " + type_of(*at) + ", needs to be true or false");
  return value;
}

std::optional<std::string> TomlTable::word(const char* key, const std::vector<std::string>& words) {
  const auto value = text(key);
  if (!value || std::find(words.begin(), words.end(), *value) != words.end()) return value;
  std::string list;
  for (const std::string& w : words) list += (list.empty() ? "" : ", ") + w;
  fail(*table_.get(key), name(key) + " is \"" + *value + "\", needs to be one of: " + list);
}

std::optional<std::string> TomlTable::date_time(const char* key) {
  const toml::node* at = node(key);
  if (at == nullptr) return {};
  if (const auto value = at->value_exact<toml::date_time>()) {
    std::ostringstream text;
    text << *value;
    return text.str();
  }
  return text(key);
}

std::vector<std::string> TomlTable::texts(const char* key) {
  const toml::node* at = node(key);
  if (at == nullptr) return {};
  if (!at->is_array()) return {*text(key)};
  std::vector<std::string> values;
  for (const toml::node& element : *at->as_array()) {
    const auto value = element.value_exact<std::string>();
    if (!value) fail(element, name(key) + " needs to be a list of texts");
    values.push_back(*value);
  }
  return values;
}

std::vector<double> TomlTable::numbers(const char* key, double low, double high, Low end) {
  const toml::node* at = node(key);
  if (at == nullptr) return {};
  if (!at->is_array()) return {checked(*at, key, low, high, end)};
  std::vector<double> values;
  for (const toml::node& element : *at->as_array()) values.push_back(checked(element, key, low, high, end));
  return values;
}

const toml::table* TomlTable::table(const char* key) {
  const toml::node* at = node(key);
  if (at == nullptr) return nullptr;
  if (!at->is_table()) fail(*at, name(key) + " needs to be a table");
  return at->as_table();
}

std::vector<const toml::table*> TomlTable::tables(const char* key) {
  const toml::node* at = node(key);
  if (at == nullptr) return {};
  if (!at->is_array()) fail(*at, std::string(key) + " needs double brackets: [[" + key + "]]");
  std::vector<const toml::table*> result;
  for (const toml::node& element : *at->as_array()) {
    if (!element.is_table()) fail(element, std::string(key) + " needs double brackets: [[" + key + "]]");
    result.push_back(element.as_table());
  }
  return result;
}

void TomlTable::finish() const {
  for (const auto& [key, value] : table_) {
    const std::string found = shortened(std::string(key.str()));
    if (std::find(known_.begin(), known_.end(), found) != known_.end()) continue;
    throw Error(Fault::input, file_ + ":" + std::to_string(key.source().begin.line) + ": unknown " +
                                  (place_.empty() ? "section [" + found + "]" : "key \"" + found + "\" in " + place_) +
                                  ", the nearest known is \"" + nearest_name(found, known_) + "\"");
  }
}

}  // namespace ytterby::io
