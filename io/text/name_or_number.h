#pragma once
// What a file's regions, segments and labels are called: by name or by number.

#include <string>
#include <utility>

namespace ytterby::io {

/// A name, or a number where the name is empty. A name may also be the digits of a number that no one has for a name.
struct NameOrNumber {
  std::string name;
  int number = 0;

  NameOrNumber() = default;
  NameOrNumber(std::string by_name) : name(std::move(by_name)) {}  // NOLINT: names are names
  NameOrNumber(const char* by_name) : name(by_name) {}             // NOLINT
  explicit NameOrNumber(int by_number) : number(by_number) {}
  bool operator==(const NameOrNumber&) const = default;

  /// The number as text: its own, or the name in the hope that it is one.
  [[nodiscard]] std::string digits() const { return name.empty() ? std::to_string(number) : name; }
};

/// "GTV" in quotes, or 3: for messages.
inline std::string to_text(const NameOrNumber& one) {
  return one.name.empty() ? std::to_string(one.number) : "\"" + one.name + "\"";
}

}  // namespace ytterby::io
