#include "io/text/csv_cell.h"

#include <charconv>
#include <system_error>

namespace ytterby::io {
namespace {

bool is_number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto [at, error] = std::from_chars(begin, end, value);
  return error == std::errc() && at == end && begin != end;
}

}  // namespace

std::string csv_cell(const std::string& text) {
  if (text.empty()) return text;
  const bool formula =
      text.size() > 1 && std::string("=+-@\t\r").find(text[0]) != std::string::npos && !is_number(text);
  if (!formula && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string result = formula ? "\"'" : "\"";
  for (const char c : text) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + "\"";
}

}  // namespace ytterby::io
