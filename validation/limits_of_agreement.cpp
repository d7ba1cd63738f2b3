#include "validation/limits_of_agreement.h"

#include <cmath>
#include <numbers>
#include <vector>

namespace ytterby::validation {
namespace {

constexpr double normal_95 = 1.96;  // the paper's, for the limits

/// P(|T| < t) for whole degrees of freedom: finite series, Abramowitz, Stegun (1964) 26.7.3 and 26.7.4.
double student_share(double t, std::size_t degrees) {
  const double theta = std::atan(t / std::sqrt(static_cast<double>(degrees)));
  const double cosine = std::cos(theta), sine = std::sin(theta);
  const bool odd = degrees % 2 == 1;
  double term = odd ? cosine : 1, sum = 0;
  for (std::size_t k = odd ? 3 : 2; k <= degrees; k += 2) {
    sum += term;
    const double power = static_cast<double>(k);
    term *= cosine * cosine * (power - 1) / power;
  }
  return odd ? 2 / std::numbers::pi * (theta + sine * sum) : sine * sum;
}

double or_none(double error) { return std::isnan(error) ? 0 : error; }

bool counts(const MethodPair& pair, DifferenceUnit unit) {
  const double sum = pair.method.value + pair.reference.value;
  return std::isfinite(sum) && (unit == DifferenceUnit::gray || sum > 0);
}

/// What is left of a standard deviation without a part of it.
double without(double deviation, double part) {
  const double left = deviation * deviation - part * part;
  return left < 0 ? 0 : std::sqrt(left);  // NaN stays
}

Confident around(double value, double reach) { return {value, value - reach, value + reach}; }

}  // namespace

double student_t_95(std::size_t degrees) {
  double low = 1.9, high = 13;  // of infinitely many degrees, of one
  while (high - low > 1e-10) {
    const double middle = 0.5 * (low + high);
    (student_share(middle, degrees) < 0.95 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

Estimate difference_of(const MethodPair& pair, DifferenceUnit unit) {
  const double m = pair.method.value, r = pair.reference.value;
  const double of_m = or_none(pair.method.error), of_r = pair.reference.error;
  if (unit == DifferenceUnit::gray) return {m - r, std::hypot(of_m, of_r)};
  // d/dm of 200 (m - r) / (m + r) is 400 r / (m + r)^2, d/dr is -400 m / (m + r)^2.
  const double sum = m + r;
  return {200 * (m - r) / sum, 400 / (sum * sum) * std::hypot(r * of_m, m * of_r)};
}

std::optional<LimitsOfAgreement> limits_of_agreement(std::span<const MethodPair> pairs, DifferenceUnit unit) {
  std::vector<double> differences;
  double mean = 0, noise = 0, own = 0, spread = 0;
  for (const MethodPair& pair : pairs) {
    if (!counts(pair, unit)) continue;
    const Estimate d = difference_of(pair, unit);
    differences.push_back(d.value);
    mean += d.value;
    noise += std::pow(difference_of({{pair.method.value, 0}, pair.reference}, unit).error, 2);
    own += std::pow(unit == DifferenceUnit::gray ? pair.own_gray : pair.own_percent, 2);
  }
  if (differences.size() < 2) return {};
  const double n = static_cast<double>(differences.size());
  mean /= n;
  for (const double d : differences) spread += (d - mean) * (d - mean);
  LimitsOfAgreement result;
  result.pairs = differences.size();
  result.deviation = std::sqrt(spread / (n - 1));
  const double t = student_t_95(differences.size() - 1), s = result.deviation;
  result.bias = around(mean, t * s / std::sqrt(n));
  result.lower = around(mean - normal_95 * s, t * std::sqrt(3 / n) * s);
  result.upper = around(mean + normal_95 * s, t * std::sqrt(3 / n) * s);
  result.noise = std::sqrt(noise / n);
  result.deviation_without_noise = without(s, result.noise);
  result.own = std::sqrt((noise + own) / n);
  result.deviation_without_own = without(s, result.own);
  result.own_is_all = result.own >= s;
  result.lower_without_own = mean - normal_95 * result.deviation_without_own;
  result.upper_without_own = mean + normal_95 * result.deviation_without_own;
  return result;
}

}  // namespace ytterby::validation
