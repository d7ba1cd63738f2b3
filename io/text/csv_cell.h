#pragma once
// What a CSV file is made of.

#include <string>

namespace ytterby::io {

/// A cell of a CSV file, quoted where a comma, a quote or a line's end would split it. Text that a spreadsheet would
/// run as a formula (it begins with = + - @, a tab or a carriage return, and is no number) gets an apostrophe before
/// it.
std::string csv_cell(const std::string& text);

}  // namespace ytterby::io
