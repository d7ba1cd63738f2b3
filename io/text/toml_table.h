#pragma once
// A TOML table that knows which keys were asked for.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/text/toml_parser.h"

namespace ytterby::io {

/// Reads values with their type and range checked; `finish` refuses the keys that nobody asked for. All messages are
/// Fault::input and led by file and line.
class TomlTable {
 public:
  /// `place` is what the table is called in messages, e.g. "[medium]"; `file` outlives the table.
  TomlTable(const toml::table& table, std::string place, const std::string& file);

  [[nodiscard]] int line() const { return line_; }
  std::optional<std::string> text(const char* key);
  std::string text_or(const char* key, const std::string& otherwise);
  std::string required_text(const char* key);
  /// A number within [low, high]; `open_low` excludes low itself.
  enum class Low { closed, open };
  std::optional<double> number(const char* key, double low, double high, Low end = Low::closed);
  double required_number(const char* key, double low, double high, Low end = Low::closed);
  /// A whole number, `2e7` and `400000.0` included.
  std::optional<std::uint64_t> count(const char* key, std::uint64_t low, std::uint64_t high);
  std::optional<int> integer(const char* key);
  std::optional<bool> boolean(const char* key);
  /// One of the words.
  std::optional<std::string> word(const char* key, const std::vector<std::string>& words);
  std::optional<std::string> date_time(const char* key);
  /// A list of texts; a single text counts as a list of one.
  std::vector<std::string> texts(const char* key);
  /// A list of numbers; a single number counts as a list of one.
  std::vector<double> numbers(const char* key, double low, double high, Low end = Low::closed);
  [[nodiscard]] const toml::node* node(const char* key);
  const toml::table* table(const char* key);
  /// [[key]]: the tables of an array of tables.
  std::vector<const toml::table*> tables(const char* key);

  [[noreturn]] void fail(const toml::node& at, const std::string& what) const;
  [[noreturn]] void fail(const std::string& what) const;  // at the table's own line
  /// Throws for keys that were not asked for, naming the nearest that exists.
  void finish() const;

 private:
  double checked(const toml::node& at, const char* key, double low, double high, Low end) const;
  std::string name(const char* key) const;

  const toml::table& table_;
  std::string place_;
  const std::string& file_;
  int line_;
  std::vector<std::string> known_;
};

}  // namespace ytterby::io
