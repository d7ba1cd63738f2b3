// Sobol's shares of numbers whose variance is known, and percentiles.

#include <gtest/gtest.h>

#include <cmath>

#include "validation/ensemble/shares.h"

namespace ytterby::validation {
namespace {

using Source = UncertaintySource;

std::vector<Draw> draws(std::size_t n) {
  Uncertainty u;
  u.activity = 0.1;
  u.registration = {0.3, 0.3, 0.3};
  u.contour = 0.1;
  std::vector<Draw> all;
  for (std::size_t i = 0; i < n; ++i) all.push_back(draw_sample(u, {1, 1}, 11, i));
  return all;
}

VarianceShare share(const std::vector<VarianceShare>& shares, Source source) {
  for (const VarianceShare& s : shares)
    if (s.source == source) return s;
  return {source, -1, 0};
}

/// y = 2 z_activity + s_x^2 + s_x s_y + z_contour + z_activity z_contour: variances 4, 2 + 1, 1 and 1 of two together.
TEST(VarianceShares, are_those_of_a_sum) {
  const std::vector<Draw> all = draws(2000);
  std::vector<double> y;
  for (const Draw& d : all) {
    const double a = d.numbers[0].value, x = d.numbers[1].value, w = d.numbers[2].value, c = d.numbers[4].value;
    y.push_back(2 * a + x * x + x * w + c + a * c);
  }
  const auto shares = VarianceShares(all).of(y);
  const auto near = [&](Source source, double expected) {
    const VarianceShare s = share(shares, source);
    EXPECT_NEAR(s.value, expected, 4 * s.error);
    EXPECT_LT(s.error, 0.04);
  };
  near(Source::activity, 4.0 / 9);
  near(Source::registration, 3.0 / 9);
  near(Source::contour, 1.0 / 9);
  EXPECT_EQ(share(shares, Source::noise).value, -1);
}

TEST(VarianceShares, give_all_to_the_one_source_there_is) {
  const std::vector<Draw> all = draws(400);
  std::vector<double> y;
  for (const Draw& d : all) y.push_back(100 * d.activity[0]);
  const auto shares = VarianceShares(all).of(y);
  EXPECT_NEAR(share(shares, Source::activity).value, 1, 0.01);
  EXPECT_NEAR(share(shares, Source::registration).value, 0, 0.01);
}

/// Noise is found by drawing it anew: y = z + n with variances 1 and 1.
TEST(VarianceShares, find_the_noise_by_drawing_it_anew) {
  const std::vector<Draw> all = draws(1000);
  const std::vector<double> noise = normal_field(1, 1, 0, 2000);
  std::vector<double> y, other;
  for (std::size_t i = 0; i < all.size(); ++i) {
    y.push_back(all[i].numbers[0].value + noise[i]);
    if (i < 300) other.push_back(all[i].numbers[0].value + noise[1000 + i]);
  }
  const VarianceShare noise_share = share(VarianceShares(all).of(y, other), Source::noise);
  EXPECT_NEAR(noise_share.value, 0.5, 4 * noise_share.error);
  EXPECT_LT(noise_share.error, 0.08);
}

TEST(VarianceShares, are_left_out_of_few_samples) {
  const std::vector<Draw> all = draws(12);
  EXPECT_TRUE(VarianceShares(all).of(std::vector<double>(12, 1.0)).empty());
}

/// Of 199 numbers the fifth and the fifth from the end: 0.95 of a further one lie between them, whatever the
/// distribution.
TEST(Spread, has_limits_that_hold_one_sample_more) {
  std::vector<double> values;
  for (int i = 0; i < 199; ++i) values.push_back((i * 73) % 199 + 1);
  const Spread s = spread_of(values);
  EXPECT_NEAR(s.low_95, 5, 1e-9);
  EXPECT_NEAR(s.high_95, 195, 1e-9);
  EXPECT_DOUBLE_EQ(s.median, 100);
  const Spread few = spread_of(std::vector<double>{3, 1, 2});
  EXPECT_DOUBLE_EQ(few.low_95, 1);
  EXPECT_DOUBLE_EQ(few.high_95, 3);
}

TEST(Quantile, is_linear_between_numbers) {
  const std::vector<double> values{4, 1, 3, 2};
  EXPECT_DOUBLE_EQ(quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(values, 1), 4);
  EXPECT_DOUBLE_EQ(quantile(values, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile(values, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(quantile({7, 7, 7}, 0.975), 7);
}

}  // namespace
}  // namespace ytterby::validation
