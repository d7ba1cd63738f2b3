#include "io/text/iso_time.h"

#include <charconv>
#include <chrono>
#include <string>
#include <system_error>

#include "engine/base/numbers.h"

namespace ytterby::io {
namespace {

/// Takes `digits` digits from the front; empty where they are not digits.
std::optional<int> take(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return {};
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc{} || end != text.data() + digits || text.front() == '-') return {};
  text.remove_prefix(digits);
  return value;
}

bool take_char(std::string_view& text, std::string_view choices) {
  if (text.empty() || choices.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// Seconds east of UTC of "+01:00" or "Z"; empty where there is something else.
std::optional<double> take_zone(std::string_view text) {
  if (text == "Z" || text == "z") return 0.0;
  const bool west = text.starts_with('-');
  if (!take_char(text, "+-")) return {};
  const auto hours = take(text, 2);
  take_char(text, ":");
  const auto minutes = take(text, 2);
  if (!hours || !minutes || !text.empty()) return {};
  return (west ? -1 : 1) * (*hours * 3600.0 + *minutes * 60.0);
}

}  // namespace

std::optional<IsoTime> parse_time(std::string_view text) {
  const auto year = take(text, 4);
  take_char(text, "-");
  const auto month = take(text, 2);
  take_char(text, "-");
  const auto day = take(text, 2);
  if (!year || !month || !day || !take_char(text, "Tt ")) return {};
  const auto hour = take(text, 2);
  take_char(text, ":");
  const auto minute = take(text, 2);
  if (!hour || !minute || *hour > 24 || *minute > 59) return {};
  double second = 0;
  if (take_char(text, ":")) {
    const std::size_t end = text.find_first_not_of("0123456789.");
    const auto value = parse_number(text.substr(0, end));
    if (!value || *value >= 61) return {};
    second = *value;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  }
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return {};
  const double days = static_cast<double>(std::chrono::sys_days{date}.time_since_epoch().count());
  const double local = days * 86400 + *hour * 3600.0 + *minute * 60.0 + second;
  if (text.empty()) return IsoTime{local, false};
  const auto zone = take_zone(text);
  if (!zone) return {};
  return IsoTime{local - *zone, true};
}

}  // namespace ytterby::io
