// Numbers as people read them.

#include <gtest/gtest.h>

#include <cmath>

#include "io/text/figures.h"

namespace ytterby::io {
namespace {

TEST(Figures, have_three_digits) {
  EXPECT_EQ(three_digits(9.4186), "9.42");
  EXPECT_EQ(three_digits(412.34), "412");
  EXPECT_EQ(three_digits(12345), "12300");
  EXPECT_EQ(three_digits(0.041249), "0.0412");
  EXPECT_EQ(three_digits(9.996), "10.0") << "rounding makes one digit more";
  EXPECT_EQ(three_digits(999.6), "1000");
  EXPECT_EQ(three_digits(-1.005), "-1.00");
  EXPECT_EQ(three_digits(0), "0");
  EXPECT_EQ(three_digits(7.98e-7), "7.98e-07");
  EXPECT_EQ(three_digits(std::nan("")), "-");
}

TEST(Figures, have_errors_of_two_digits) {
  EXPECT_EQ(with_error(9.4186, 0.01234), "9.419 +- 0.012");
  EXPECT_EQ(with_error(412.345, 1.249), "412.3 +- 1.2");
  EXPECT_EQ(with_error(412.342, 0.0996), "412.34 +- 0.10");
  EXPECT_EQ(with_error(12345, 250), "12350 +- 250");
  EXPECT_EQ(with_error(0.02, 31), "0 +- 31");
  EXPECT_EQ(with_error(9.4186, std::nan("")), "9.42");
  EXPECT_EQ(with_error(9.4186, 0), "9.42");
  EXPECT_EQ(with_error(std::nan(""), 1), "-");
}

TEST(Figures, say_no_more_of_a_probability_than_samples_know) {
  // Errors sqrt(p (1 - p) / n); none of n failing leaves 3 / n to be so with 95 %: (1 - 3 / n)^n is exp(-3).
  EXPECT_EQ(sampled_probability_text(0.58, 400), "58 +- 2 %");
  EXPECT_EQ(sampled_probability_text(0.9925, 400), "99.2 +- 0.4 %");
  EXPECT_EQ(sampled_probability_text(1, 100), "above 97 %");
  EXPECT_EQ(sampled_probability_text(1, 400), "above 99.2 %");
  EXPECT_EQ(sampled_probability_text(0, 400), "below 0.8 %");
  EXPECT_EQ(sampled_probability_text(0, 2), "below 100 %");
}

TEST(Figures, take_a_unit_that_fits_an_activity) {
  EXPECT_EQ(activity_text(1.2345e9), "1.23 GBq");
  EXPECT_EQ(activity_text(798), "798 Bq");
  EXPECT_EQ(activity_text(45.67e6), "45.7 MBq");
  EXPECT_EQ(activity_text(999.96e6), "1.00 GBq");
  EXPECT_EQ(activity_text(0), "0 GBq");
}

}  // namespace
}  // namespace ytterby::io
