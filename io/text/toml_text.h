#pragma once
// Values as TOML text.

#include <string>

namespace ytterby::io {

/// A basic string, with what it must not hold escaped.
std::string toml_quoted(const std::string& text);

/// A float: the shortest text that reads back the same, with a point or an exponent.
std::string toml_decimal(double value);

}  // namespace ytterby::io
