#include "engine/base/csv.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "engine/base/embedded_data.h"
#include "engine/base/error.h"

namespace ytterby {
namespace {

std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return piece;
}

}  // namespace

CsvTable parse_csv(std::string name, std::string_view text) {
  CsvTable table;
  table.name = std::move(name);
  for (int line_number = 1; !text.empty(); ++line_number) {
    std::string_view line = take_until(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const bool header = table.columns.empty();
    auto& cells = header ? table.columns : table.cells;
    const std::size_t before = cells.size();
    const bool last_is_empty = line.ends_with(',');
    while (!line.empty()) cells.push_back(take_until(line, ','));
    if (last_is_empty) cells.emplace_back();
    if (header) continue;
    if (cells.size() - before != table.columns.size())
      throw Error(Fault::input, table.name + ":" + std::to_string(line_number) + ": " +
                                    std::to_string(cells.size() - before) + " cells, needs " +
                                    std::to_string(table.columns.size()) + " as in the header");
    table.lines.push_back(line_number);
  }
  return table;
}

CsvTable embedded_csv(std::string_view name) { return parse_csv(std::string(name), embedded_file(name)); }

double CsvTable::number(std::size_t row, std::size_t column) const {
  const std::string_view cell = text(row, column);
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size())
    throw Error(Fault::input, name + ":" + std::to_string(lines[row]) + ": " + std::string(columns[column]) + " is '" +
                                  std::string(cell) + "', needs to be a number");
  return value;
}

std::size_t CsvTable::column(std::string_view column_name) const {
  const auto found = std::find(columns.begin(), columns.end(), column_name);
  if (found == columns.end()) throw Error(Fault::input, name + ": no column '" + std::string(column_name) + "'");
  return static_cast<std::size_t>(found - columns.begin());
}

}  // namespace ytterby
