// Limits of agreement: the example of Bland and Altman's paper, and numbers worked by hand.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "validation/limits_of_agreement.h"

namespace ytterby::validation {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

MethodPair pair(double method, double reference, double error = 0, double method_error = unknown) {
  return {{method, method_error}, {reference, error}, 0, 0};
}

// Tables of Student's t: two-sided, 5 %.
TEST(LimitsOfAgreement, StudentsTIsThatOfTheTables) {
  EXPECT_NEAR(student_t_95(1), 12.70620474, 1e-8);
  EXPECT_NEAR(student_t_95(2), 4.30265273, 1e-8);
  EXPECT_NEAR(student_t_95(3), 3.18244631, 1e-8);
  EXPECT_NEAR(student_t_95(4), 2.77644511, 1e-8);
  EXPECT_NEAR(student_t_95(16), 2.120, 5e-4);
  EXPECT_NEAR(student_t_95(63), 1.998, 5e-4);
  EXPECT_NEAR(student_t_95(100000), 1.95998, 3e-5);
}

// Bland, Altman (1986), table 1: peak expiratory flow of 17 subjects by a large and a mini meter [l/min]. They find a
// mean difference of -2.1, s = 38.8, an interval of the bias from -22.0 to 17.8. Their limits take 2 s for 1.96 s; the
// intervals of the limits are 34.6 to each side.
TEST(LimitsOfAgreement, MeetThePapersExample) {
  constexpr std::array large{494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427};
  constexpr std::array mini{512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451};
  std::vector<MethodPair> pairs;
  for (std::size_t i = 0; i < large.size(); ++i) pairs.push_back(pair(large[i], mini[i]));
  const auto found = limits_of_agreement(pairs, DifferenceUnit::gray);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pairs, 17u);
  EXPECT_NEAR(found->bias.value, -2.1, 0.05);
  EXPECT_NEAR(found->deviation, 38.8, 0.05);
  EXPECT_NEAR(found->bias.low, -22.0, 0.1);
  EXPECT_NEAR(found->bias.high, 17.8, 0.1);
  EXPECT_NEAR(found->upper.value, -2.12 + 1.96 * 38.77, 0.05);
  EXPECT_NEAR(found->lower.value, -2.12 - 1.96 * 38.77, 0.05);
  EXPECT_NEAR(found->upper.high - found->upper.value, 34.6, 0.3);
  EXPECT_NEAR(found->lower.value - found->lower.low, 34.6, 0.3);
}

// Differences 1, 2, 3: bias 2, s = 1; standard errors 1 / sqrt(3) and sqrt(3 / 3) = 1; t_2 = 4.30265.
TEST(LimitsOfAgreement, InGrayByHand) {
  const std::array pairs{pair(101, 100, 0.6), pair(202, 200, 0.6, 0.8), pair(303, 300, std::sqrt(1.08))};
  const auto found = limits_of_agreement(pairs, DifferenceUnit::gray);
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ(found->bias.value, 2);
  EXPECT_DOUBLE_EQ(found->deviation, 1);
  EXPECT_NEAR(found->bias.low, 2 - 4.30265273 / std::sqrt(3.0), 1e-7);
  EXPECT_NEAR(found->lower.value, 0.04, 1e-12);
  EXPECT_NEAR(found->upper.value, 3.96, 1e-12);
  EXPECT_NEAR(found->upper.high, 3.96 + 4.30265273, 1e-7);
  EXPECT_NEAR(found->noise, std::sqrt((0.36 + 0.36 + 1.08) / 3), 1e-12);  // the reference's alone
  EXPECT_NEAR(found->deviation_without_noise, std::sqrt(1 - 0.6), 1e-12);
}

// 100 (110 - 90) / 100 = 20 % and 100 (95 - 105) / 100 = -10 %: bias 5 %, s = 30 / sqrt(2).
TEST(LimitsOfAgreement, InPercentOfTheMeanOfBoth) {
  const std::array pairs{pair(110, 90), pair(95, 105), pair(0, 0), pair(unknown, 100), pair(100, unknown)};
  const auto found = limits_of_agreement(pairs, DifferenceUnit::percent);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pairs, 2u);
  EXPECT_NEAR(found->bias.value, 5, 1e-12);
  EXPECT_NEAR(found->deviation, 30 / std::sqrt(2.0), 1e-12);
}

// The error in percent against a finite difference of the definition.
TEST(LimitsOfAgreement, ErrorsInPercentFollowTheDefinition) {
  const MethodPair both = pair(110, 90, 3, 4);
  const auto percent = [](double m, double r) { return difference_of(pair(m, r), DifferenceUnit::percent).value; };
  const double of_m = (percent(110.01, 90) - percent(109.99, 90)) / 0.02;
  const double of_r = (percent(110, 90.01) - percent(110, 89.99)) / 0.02;
  EXPECT_NEAR(difference_of(both, DifferenceUnit::percent).error, std::hypot(4 * of_m, 3 * of_r), 1e-5);
  EXPECT_DOUBLE_EQ(difference_of(both, DifferenceUnit::gray).error, 5);
}

TEST(LimitsOfAgreement, NoiseThatExplainsAllLeavesNoSpread) {
  const std::array pairs{pair(101, 100, 5), pair(99, 100, 5)};
  EXPECT_DOUBLE_EQ(limits_of_agreement(pairs, DifferenceUnit::gray)->deviation_without_noise, 0);
  const std::array blind{pair(101, 100, 5), pair(99, 100, unknown)};
  EXPECT_TRUE(std::isnan(limits_of_agreement(blind, DifferenceUnit::gray)->noise));
  EXPECT_TRUE(std::isnan(limits_of_agreement(blind, DifferenceUnit::gray)->deviation_without_noise));
}

// Differences 1, 2, 6: bias 3, s^2 = (4 + 1 + 9) / 2 = 7. Own variances 1, 2, 3 and noise 0.6^2 each: 2.36 in the mean.
TEST(LimitsOfAgreement, WithoutWhatIsMeasuredByHand) {
  std::array pairs{pair(101, 100, 0.6), pair(202, 200, 0.6), pair(306, 300, 0.6)};
  for (std::size_t i = 0; i < 3; ++i) pairs[i].own_gray = std::sqrt(1.0 + static_cast<double>(i));
  const auto found = limits_of_agreement(pairs, DifferenceUnit::gray);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->own, std::sqrt(2.36), 1e-12);
  EXPECT_NEAR(found->deviation_without_own, std::sqrt(7 - 2.36), 1e-12);
  EXPECT_NEAR(found->lower_without_own, 3 - 1.96 * std::sqrt(4.64), 1e-12);
  EXPECT_NEAR(found->upper_without_own, 3 + 1.96 * std::sqrt(4.64), 1e-12);
  EXPECT_NEAR(found->upper.value, 3 + 1.96 * std::sqrt(7.0), 1e-12);  // as they were seen
  EXPECT_NEAR(found->noise, 0.6, 1e-12);
  EXPECT_FALSE(found->own_is_all);
  pairs[0].own_gray = 5;
  const auto all = limits_of_agreement(pairs, DifferenceUnit::gray);
  EXPECT_TRUE(all->own_is_all);
  EXPECT_EQ(all->deviation_without_own, 0);
  EXPECT_EQ(all->lower_without_own, 3);
  EXPECT_EQ(all->upper_without_own, 3);
}

// Patients whose two methods differ by -4 +- 5 %, seen with errors that are another in every patient.
TEST(LimitsOfAgreement, FindTheSpreadBehindWhatIsMeasured) {
  std::mt19937_64 random(20);
  std::normal_distribution<double> normal;
  std::vector<MethodPair> pairs;
  constexpr int patients = 4000;
  for (int i = 0; i < patients; ++i) {
    const double own = 2 + 6.0 * i / patients, noise = 1.5;
    const double difference = -4 + 5 * normal(random) + own * normal(random) + noise * normal(random);
    const double reference = 300, method = reference * (200 + difference) / (200 - difference);
    MethodPair p = pair(method, reference, noise / 100 * reference);
    p.own_percent = own;
    pairs.push_back(p);
  }
  const auto found = limits_of_agreement(pairs, DifferenceUnit::percent);
  ASSERT_TRUE(found);
  // The variance of s^2 is 2 s^4 / (n - 1); own and noise are known.
  const double s = found->deviation, error = s * s / (5 * std::sqrt(2.0 * patients));
  EXPECT_NEAR(found->deviation_without_own, 5, 5 * error);
  EXPECT_GT(s, 6.9);
  EXPECT_NEAR(found->lower_without_own, -4 - 1.96 * 5, 5 * (1.96 * error + s / std::sqrt(patients)));
  EXPECT_NEAR(found->upper_without_own, -4 + 1.96 * 5, 5 * (1.96 * error + s / std::sqrt(patients)));
}

TEST(LimitsOfAgreement, NeedTwoPairs) {
  const std::array one{pair(101, 100), pair(unknown, 100)};
  EXPECT_FALSE(limits_of_agreement(one, DifferenceUnit::gray));
  EXPECT_FALSE(limits_of_agreement({}, DifferenceUnit::percent));
}

}  // namespace
}  // namespace ytterby::validation
