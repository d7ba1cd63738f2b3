#include "support/expect_statistics.h"

#include <algorithm>

namespace ytterby::testing {

double chi_square_tail(double chi_square, double degrees) {
  // Regularised incomplete gamma function Q(a, x): series below, Lentz's continued fraction above (Abramowitz,
  // Stegun 6.5.29 and 6.5.31).
  const double a = degrees / 2, x = chi_square / 2;
  if (x <= 0) return 1;
  const double front = std::exp(a * std::log(x) - x - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (int n = 1; n < 10000 && term > 1e-16 * sum; ++n) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - front * sum;
  }
  double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
  for (int n = 1; n < 10000; ++n) {
    const double an = -n * (n - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (std::abs(d * c - 1) < 1e-15) break;
  }
  return front * h;
}

double kolmogorov_tail(double d, std::size_t n) {
  const double root = std::sqrt(static_cast<double>(n));
  const double lambda = (root + 0.12 + 0.11 / root) * d;
  if (lambda < 0.4) return 1;
  double sum = 0;
  for (int k = 1; k <= 100; ++k) sum += (k % 2 ? 2 : -2) * std::exp(-2.0 * k * k * lambda * lambda);
  return std::clamp(sum, 0.0, 1.0);
}

::testing::AssertionResult counts_follow(std::span<const std::size_t> counts, std::span<const double> probability) {
  if (counts.size() != probability.size()) return ::testing::AssertionFailure() << "sizes differ";
  double n = 0;
  for (const std::size_t count : counts) n += static_cast<double>(count);
  double chi_square = 0, expected = 0, found = 0, worst = 0;
  int bins = 0;
  std::size_t worst_bin = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    expected += n * probability[i];
    found += static_cast<double>(counts[i]);
    if (expected < 10 && i + 1 < counts.size()) continue;
    if (expected > 0) {
      const double term = (found - expected) * (found - expected) / std::max(expected, 1.0);
      if (term > worst) {
        worst = term;
        worst_bin = i;
      }
      chi_square += term;
      ++bins;
    } else if (found > 0) {
      return ::testing::AssertionFailure() << "bin " << i << " is impossible and has " << found;
    }
    expected = found = 0;
  }
  const double tail = chi_square_tail(chi_square, bins - 1);
  if (tail >= significance) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "chi-square " << chi_square << " in " << bins << " bins, probability " << tail
                                       << "; most in bin " << worst_bin << " (" << worst << ")";
}

::testing::AssertionResult samples_follow(std::vector<double>& samples,
                                          const std::function<double(double)>& cumulative) {
  std::sort(samples.begin(), samples.end());
  const double n = static_cast<double>(samples.size());
  double worst = 0, at = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double f = cumulative(samples[i]);
    const double distance = std::max(f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f);
    if (distance > worst) {
      worst = distance;
      at = samples[i];
    }
  }
  const double tail = kolmogorov_tail(worst, samples.size());
  if (tail >= significance) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "largest distance " << worst << " at " << at << ", probability " << tail;
}

::testing::AssertionResult mean_is(const SampleMean& sample, double expected, double allowance) {
  const double difference = std::abs(sample.mean() - expected);
  if (difference <= significance_in_errors * sample.error() + allowance) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "mean " << sample.mean() << " +- " << sample.error() << " of "
                                       << sample.count() << ", expected " << expected << " (ratio "
                                       << sample.mean() / expected << ", " << difference / sample.error()
                                       << " standard errors)";
}

}  // namespace ytterby::testing
