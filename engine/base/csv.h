#pragma once
// Reads the project's own comma-separated tables: `#` starts a comment line, the first other line names the columns.

#include <string>
#include <string_view>
#include <vector>

namespace ytterby {

/// A table as text; views into the text that was parsed, whose owner must outlive it.
struct CsvTable {
  std::string name;  // of the file, for messages
  std::vector<std::string_view> columns;
  std::vector<std::string_view> cells;  // row-major
  std::vector<int> lines;               // line number of each row

  [[nodiscard]] std::size_t rows() const { return lines.size(); }
  [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const {
    return cells[row * columns.size() + column];
  }
  /// Throws Fault::input with the line where the cell is not a number.
  [[nodiscard]] double number(std::size_t row, std::size_t column) const;
  /// Index of a column. Throws Fault::input where there is none of that name.
  [[nodiscard]] std::size_t column(std::string_view column_name) const;
};

/// Parses `text`. Throws Fault::input with the line where a row has another number of cells than the header.
CsvTable parse_csv(std::string name, std::string_view text);

/// Parses an embedded file of engine/data.
CsvTable embedded_csv(std::string_view name);

}  // namespace ytterby
