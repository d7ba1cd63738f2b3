#pragma once
// Statistical expectations: every one may fail by chance once in a million runs of correct code with another seed.

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace ytterby::testing {

inline constexpr double significance = 1e-6;
inline constexpr double significance_in_errors = 4.892;  // two-sided normal quantile of it

/// Running mean of independent samples (Welford).
class SampleMean {
 public:
  void add(double x) {
    ++count_;
    const double difference = x - mean_;
    mean_ += difference / static_cast<double>(count_);
    squares_ += difference * (x - mean_);
  }
  [[nodiscard]] double mean() const { return mean_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] double variance() const { return squares_ / static_cast<double>(count_ - 1); }
  /// Standard error of the mean.
  [[nodiscard]] double error() const { return std::sqrt(variance() / static_cast<double>(count_)); }

 private:
  std::size_t count_ = 0;
  double mean_ = 0, squares_ = 0;
};

/// Upper tail of the chi-square distribution, with half-integer and integer degrees of freedom.
double chi_square_tail(double chi_square, double degrees);

/// Tail of Kolmogorov's distribution for a largest distance d of n samples (asymptotic, Stephens' correction).
double kolmogorov_tail(double d, std::size_t n);

/// Counts against probabilities that sum to 1. Bins that expect fewer than 10 are merged with their neighbours.
::testing::AssertionResult counts_follow(std::span<const std::size_t> counts, std::span<const double> probability);

/// Samples against a continuous cumulative distribution (Kolmogorov-Smirnov). Sorts the samples.
::testing::AssertionResult samples_follow(std::vector<double>& samples,
                                          const std::function<double(double)>& cumulative);

/// The mean against its expectation: within 4.89 standard errors of the mean, plus a systematic allowance.
::testing::AssertionResult mean_is(const SampleMean& sample, double expected, double allowance = 0);

}  // namespace ytterby::testing

#define EXPECT_MEAN(sample, expected) EXPECT_TRUE(::ytterby::testing::mean_is((sample), (expected)))
#define EXPECT_MEAN_WITHIN(sample, expected, allowance) \
  EXPECT_TRUE(::ytterby::testing::mean_is((sample), (expected), (allowance)))
