#pragma once
// What a CSV file is made of.

#include <string>

namespace ytterby::io {

/// A cell of a CSV file, quoted where a comma, a quote or a line's end would split it.
std::string csv_cell(const std::string& text);

}  // namespace ytterby::io
