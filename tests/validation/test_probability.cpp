// Probabilities of verdicts against hand-worked tails and against sampling.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "validation/probability.h"

namespace ytterby::validation {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(Probability, of_a_lung_dose_is_lognormal) {
  // Shunt 20 %, lung mass 10 %: s^2 = ln 1.04 + ln 1.01 = 0.0392207 + 0.0099503 = 0.0491710, s = 0.2217455.
  // 12 Gy against 15 Gy: ln(15 / 12) / s = 0.2231436 / 0.2217455 = 1.0063046; Phi = 0.8428656.
  StatedErrors errors;
  errors.shunt = 0.2;
  errors.lung_mass = 0.1;
  errors.lung_shunt_fraction = 0.05;
  EXPECT_NEAR(lognormal_sigma(0.2), std::sqrt(0.0392207), 1e-6);
  EXPECT_NEAR(probability_within({12, NAN}, lung_errors(errors, true), -infinity, 15), 0.8428656, 1e-6);
  // 8 Gy: ln(15 / 8) / s = 0.6286087 / 0.2217455 = 2.834820; the tail is 0.0022926. A normal one of 22 % gives 4.6e-5.
  EXPECT_NEAR(1 - probability_within({8, NAN}, lung_errors(errors, false), -infinity, 15), 0.0022926, 1e-7);
}

TEST(Probability, agrees_with_sampling) {
  StatedErrors errors;
  errors.activity = 0.08;
  errors.shunt = 0.3;
  errors.lung_mass = 0.1;
  errors.lung_shunt_fraction = 0.15;
  const Estimate tumour{300, 6}, lung{13, 0.3};
  StatedErrors of_image = errors;
  of_image.activity_outside_known = true;
  constexpr int n = 2000000;  // pairs of opposite draws
  const double sa = lognormal_sigma(0.08), sl = lognormal_sigma(0.3), sm = lognormal_sigma(0.1);
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  double tumour_holds = 0, lung_holds = 0, image_holds = 0;
  for (int i = 0; i < n; ++i) {
    std::array<double, 4> z{};
    for (double& x : z) x = normal(random);
    for (const double sign : {-1.0, 1.0}) {
      const double a = std::exp(sign * sa * z[0]), shunt = 0.15 * std::exp(sign * sl * z[1]);
      const double mass = std::exp(sign * sm * z[2]);
      const double d = 300 * a * std::max(0.0, 1 - shunt) / 0.85 * std::exp(sign * lognormal_sigma(0.02) * z[3]);
      const double own = std::exp(sign * lognormal_sigma(0.3 / 13) * z[3]);
      const double l = 13 * a * (shunt / 0.15) / mass * own;
      const double beside = shunt < 1 ? 13 * a * (shunt / (1 - shunt)) / (0.15 / 0.85) / mass * own : infinity;
      tumour_holds += d >= 280 && d <= 520 ? 0.5 : 0;
      lung_holds += l < 15 ? 0.5 : 0;
      image_holds += beside < 15 ? 0.5 : 0;
    }
  }
  // Standard error of 4e6 samples: 2.5e-4 at most; three of them.
  EXPECT_NEAR(probability_within(tumour, liver_errors(errors), 280, 520), tumour_holds / n, 7e-4);
  EXPECT_NEAR(probability_within(lung, lung_errors(errors, true), -infinity, 15), lung_holds / n, 7e-4);
  EXPECT_NEAR(probability_within(lung, lung_errors(of_image, true), -infinity, 15), image_holds / n, 7e-4);
}

TEST(Probability, of_a_tumour_dose_that_follows_the_shunt_alone) {
  // D = 300 (1 - L) / 0.9 at L = 0.1 +- 30 %: D > 280 where L < 0.16, ln 1.6 / sqrt(ln 1.09) = 0.4700036 / 0.2935604 =
  // 1.601046; Phi = 0.945317.
  StatedErrors errors;
  errors.shunt = 0.3;
  errors.lung_shunt_fraction = 0.1;
  EXPECT_NEAR(probability_within({300, NAN}, liver_errors(errors), 280, infinity), 0.945317, 1e-3);
  errors.activity = 1e-3;  // the same to what a thousandth can do
  EXPECT_NEAR(probability_within({300, NAN}, liver_errors(errors), 280, infinity), 0.945317, 1e-4);
  // Becquerels as the image has them do not follow the shunt.
  errors.activity_outside_known = true;
  errors.activity = 0;
  EXPECT_FALSE(liver_errors(errors).any());
  EXPECT_FALSE(lung_errors(errors, false).any());
  EXPECT_TRUE(lung_errors(errors, true).any());
  EXPECT_EQ(probability_within({300, NAN}, liver_errors(errors), 280, infinity), 1);
}

TEST(Probability, without_errors_is_one_or_nothing) {
  EXPECT_EQ(probability_within({15.0, NAN}, {}, 15, 20), 1);
  EXPECT_EQ(probability_within({14.9, NAN}, {}, 15, 20), 0);
}

}  // namespace
}  // namespace ytterby::validation
