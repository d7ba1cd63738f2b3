#pragma once
// Numbers in text, whatever the locale.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ytterby::io {

/// A finite number with a decimal point, blanks around it allowed; empty for anything else.
std::optional<double> parse_number(std::string_view text);

/// A count: `20000000`, `2e7` and `400000.0`; empty unless it is a whole number from 0 to 2^53 (the largest range in
/// which a double is exact).
std::optional<std::uint64_t> parse_count(std::string_view text);

/// The shortest text that reads back as the same double: "0.26", "1e+20".
std::string to_text(double value);

/// With so many significant digits, for messages and tables: "12.3".
std::string to_text(double value, int digits);

}  // namespace ytterby::io
