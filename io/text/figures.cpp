#include "io/text/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ytterby::io {
namespace {

/// The power of ten of the last of `digits` significant digits, once the value is rounded to them.
int last_place(double value, int digits) {
  const int first = static_cast<int>(std::floor(std::log10(std::abs(value))));
  const double unit = std::pow(10.0, first - digits + 1);
  const bool carries = std::round(std::abs(value) / unit) >= std::pow(10.0, digits);
  return first - digits + 1 + (carries ? 1 : 0);
}

/// Rounded to the place, without digits behind it that say nothing.
std::string to_place(double value, int place) {
  if (place >= 0) {
    const double unit = std::pow(10.0, place);
    return fmt::format("{:.0f}", std::round(value / unit) * unit);
  }
  return fmt::format("{:.{}f}", value, -place);
}

bool plain(double value) { return std::abs(value) >= 1e-4 && std::abs(value) < 1e6; }

}  // namespace

std::string three_digits(double value) {
  if (!std::isfinite(value)) return "-";
  if (value == 0) return "0";
  return plain(value) ? to_place(value, last_place(value, 3)) : fmt::format("{:.2e}", value);
}

std::string with_error(double value, double error) {
  if (!std::isfinite(value) || !(error > 0) || !std::isfinite(error) || !plain(error)) return three_digits(value);
  const int place = last_place(error, 2);
  return to_place(value, place) + " +- " + to_place(error, place);
}

std::string sampled_probability_text(double p, std::uint64_t samples) {
  const auto n = static_cast<double>(samples);
  const double none = 100 * std::min(1.0, 3 / n);  // percent that may hold otherwise though no sample does
  const int digits = none < 0.95 ? 1 : 0;
  if (p >= 1) return fmt::format("above {:.{}f} %", 100 - none, digits);
  if (p <= 0) return fmt::format("below {:.{}f} %", none, digits);
  const double error = 100 * std::sqrt(p * (1 - p) / n);
  return fmt::format("{:.{}f} +- {:.{}f} %", 100 * p, error < 0.95 ? 1 : 0, error, error < 0.95 ? 1 : 0);
}

std::string activity_text(double becquerel) {
  if (!std::isfinite(becquerel)) return "-";
  const double size = std::abs(becquerel);
  if (size >= 0.9995e9 || size == 0) return three_digits(becquerel / 1e9) + " GBq";
  if (size >= 0.9995e6) return three_digits(becquerel / 1e6) + " MBq";
  return size >= 0.9995e3 ? three_digits(becquerel / 1e3) + " kBq" : three_digits(becquerel) + " Bq";
}

}  // namespace ytterby::io
