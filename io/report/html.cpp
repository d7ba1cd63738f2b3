#include "io/report/html.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "io/text/figures.h"

namespace ytterby::io {
namespace {

constexpr const char* replacement = "\xEF\xBF\xBD";  // U+FFFD

/// Bytes that are no UTF-8 become U+FFFD, as nlohmann-json repairs them.
std::string as_utf8(std::string_view text) {
  using nlohmann::json;
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
}

/// Length in bytes of a control character at `i`, or of one that turns the direction of the text around it
/// (U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069); 0 for any other, line ends and tabs.
std::size_t invisible(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U; };
  if ((byte(0) < 0x20 && text[i] != '\n' && text[i] != '\t') || byte(0) == 0x7F) return 1;
  if (byte(0) == 0xC2 && byte(1) < 0xA0) return 2;
  if (byte(0) != 0xE2) return 0;
  const bool general = byte(1) == 0x80 && (byte(2) == 0x8E || byte(2) == 0x8F || (byte(2) >= 0xAA && byte(2) <= 0xAE));
  return general || (byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9) ? 3 : 0;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  const std::string whole = as_utf8(text);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const char c = whole[i];
    if (const std::size_t length = invisible(whole, i); length > 0) {
      result += replacement;
      i += length - 1;
    } else if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '"') {
      result += "&quot;";
    } else if (c == '\'') {
      result += "&#39;";
    } else {
      result += c;
    }
  }
  return result;
}

std::string figure(double value, double error) {
  std::string text = with_error(value, error);
  if (const std::size_t at = text.find("+-"); at != std::string::npos) text.replace(at, 2, "\xC2\xB1");
  return text;
}

std::string percent(double share) {
  if (!std::isfinite(share)) return "-";
  const double value = 100 * share, size = std::abs(value);
  return fmt::format("{:+.{}f}\u00A0%", value, size < 9.95 ? (size < 0.995 ? 2 : 1) : 0);
}

std::string table_row(const std::string& name, const std::string& value) {
  return "<tr><th>" + escaped(name) + "</th><td>" + escaped(value) + "</td></tr>\n";
}

std::string method_label(const std::string& method) {
  if (method == "monte-carlo") return "Monte Carlo";
  if (method == "voxel-kernel") return "voxel kernel";
  if (method == "voxel-kernel-scaled") return "voxel kernel, density-scaled";
  if (method == "local-deposition") return "local deposition";
  if (method == "partition") return "partition model";
  return method;
}

}  // namespace ytterby::io
