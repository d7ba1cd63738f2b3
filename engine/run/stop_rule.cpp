#include "engine/run/stop_rule.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ytterby {
namespace {

/// Student's t at the probability of one normal standard deviation: Cornish-Fisher expansion at z = 1 (Abramowitz,
/// Stegun 26.7.5), good to 1e-4 from 15 degrees of freedom.
double student_factor(double degrees) { return 1 + 0.5 / degrees + 0.25 / (degrees * degrees); }

}  // namespace

bool StopRule::add(double value) {
  const double n = static_cast<double>(variance_.size()) + 1;
  const double difference = value - mean_;
  mean_ += difference / n;
  spread_ += difference * (value - mean_);
  variance_.push_back(n > 1 ? spread_ / (n - 1) : 0);
  return variance_.size() >= first_test && relative_error() <= goal_;
}

double StopRule::relative_error() const {
  const std::size_t n = variance_.size();
  if (n < 2 || !(mean_ > 0)) return std::numeric_limits<double>::infinity();
  const std::size_t first = std::min(n, std::max(first_test, n / 2)) - 1;
  const double variance = *std::max_element(variance_.begin() + static_cast<std::ptrdiff_t>(first), variance_.end());
  const double count = static_cast<double>(n);
  return std::sqrt(variance / count) * student_factor(count - 1) / mean_;
}

}  // namespace ytterby
