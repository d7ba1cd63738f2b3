#include "io/dicom/dicom_time.h"

#include <algorithm>
#include <cmath>

#include "engine/base/numbers.h"
#include "io/text/iso_time.h"

namespace ytterby::io {
namespace {

bool all_digits(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// ACR-NEMA's "2026.01.05" and "10:08:00" are still written.
std::string without(std::string text, char separator) {
  std::erase(text, separator);
  return text;
}

}  // namespace

double dicom_seconds(const std::string& date_as_written, const std::string& time_as_written) {
  const std::string date = date_as_written.size() == 10 ? without(date_as_written, '.') : date_as_written;
  const std::string time = without(time_as_written, ':');
  const std::string seconds = time.substr(0, time.find('.'));
  if (date.size() != 8 || !all_digits(date) || !all_digits(seconds) || seconds.size() < 2 || seconds.size() == 3) {
    return std::nan("");
  }
  const std::string iso = date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6, 2) + "T" +
                          seconds.substr(0, 2) + ":" + (seconds.size() >= 4 ? seconds.substr(2, 2) : "00") + ":" +
                          (seconds.size() >= 6 ? seconds.substr(4, 2) : "00");
  const auto parsed = parse_time(iso);
  if (!parsed) return std::nan("");
  const auto dot = time.find('.');
  const std::string fraction = dot == std::string::npos ? "" : time.substr(dot + 1);
  return parsed->seconds + (all_digits(fraction) ? parse_number("0." + fraction).value_or(0) : 0.0);
}

std::optional<double> dicom_zone(const std::string& text) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-') || !all_digits(text.substr(1))) return {};
  const double hours = std::stod(text.substr(1, 2)), minutes = std::stod(text.substr(3, 2));
  if (hours > 14 || minutes > 59) return {};
  return (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

double DicomClock::seconds(const std::string& date, const std::string& time) const {
  return dicom_seconds(date, time) - zone_.value_or(0);
}

double DicomClock::seconds(const std::string& date_time) const {
  const std::size_t sign = date_time.find_first_of("+-");
  const std::string local = date_time.substr(0, sign);
  if (local.size() < 10) return std::nan("");
  const auto own = sign == std::string::npos ? std::optional<double>{} : dicom_zone(date_time.substr(sign));
  const double zone = zone_ && own ? *own : zone_.value_or(0);
  return dicom_seconds(local.substr(0, 8), local.substr(8)) - zone;
}

}  // namespace ytterby::io
