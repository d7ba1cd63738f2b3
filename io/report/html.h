#pragma once
// Pieces of HTML.

#include <optional>
#include <string>
#include <string_view>

namespace ytterby::io {

/// Text that is no markup, wherever it comes from.
std::string escaped(std::string_view text);

/// A number to four digits; `nothing` where there is none or it is not finite.
std::string four_digits(std::optional<double> value, const char* nothing = "");

/// A row of a table: heading and cell, both escaped.
std::string table_row(const std::string& name, const std::string& value);

/// A method's name for people.
std::string method_label(const std::string& method);

}  // namespace ytterby::io
