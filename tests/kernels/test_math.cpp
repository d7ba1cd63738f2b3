#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/math.h"
#include "support/generators.h"

namespace ytterby {
namespace {

constexpr int points = 2'000'000;

TEST(NaturalLog, IsWithinItsStatedError) {
  testing::RandomWords rng;
  double worst_relative = 0, worst_near_one = 0;
  for (int i = 0; i < points; ++i) {
    // Random bits of a normal positive float.
    const float x = bits_float(0x00800000u + rng.word() % (0x7f800000u - 0x00800000u));
    const double expected = std::log(static_cast<double>(x)), found = static_cast<double>(natural_log(x));
    if (x > 0.5f && x < 2.0f) continue;
    worst_relative = std::max(worst_relative, std::abs(found / expected - 1));
  }
  for (int i = 0; i < points; ++i) {
    const float x = 0.5f + 1.5f * static_cast<float>(i) / static_cast<float>(points);
    const double difference = static_cast<double>(natural_log(x)) - std::log(static_cast<double>(x));
    worst_near_one = std::max(worst_near_one, std::abs(difference));
  }
  EXPECT_LT(worst_relative, 2e-7);
  EXPECT_LT(worst_near_one, 1e-7);
  EXPECT_EQ(natural_log(1.0f), 0.0f);
}

TEST(NaturalLog, OfTheSmallestUniformNumberIsFinite) {
  EXPECT_NEAR(static_cast<double>(natural_log(5.9604645e-8f)), -16.635532, 1e-5);
}

TEST(Exponential, IsWithinItsStatedError) {
  double worst = 0;
  for (int i = 0; i < points; ++i) {
    const float x = -80.0f + 160.0f * static_cast<float>(i) / static_cast<float>(points);
    worst = std::max(worst, std::abs(static_cast<double>(exponential(x)) / std::exp(static_cast<double>(x)) - 1));
  }
  EXPECT_LT(worst, 3e-7);
  EXPECT_EQ(exponential(0.0f), 1.0f);
}

TEST(SineCosineOfTurn, IsWithinItsStatedError) {
  testing::RandomWords rng;
  double worst = 0, worst_norm = 0;
  for (int i = 0; i < points; ++i) {
    const std::uint32_t turn = rng.word();
    const SineCosine found = sine_cosine_of_turn(turn);
    const double angle = 2 * M_PI * static_cast<double>(turn) / 4294967296.0;
    const double s = static_cast<double>(found.sine), c = static_cast<double>(found.cosine);
    worst = std::max({worst, std::abs(s - std::sin(angle)), std::abs(c - std::cos(angle))});
    worst_norm = std::max(worst_norm, std::abs(s * s + c * c - 1));
  }
  EXPECT_LT(worst, 4e-7);
  EXPECT_LT(worst_norm, 6e-7);
}

TEST(SineCosineOfTurn, MeetsTheQuarterTurns) {
  const float expected[4][2] = {{0, 1}, {1, 0}, {0, -1}, {-1, 0}};
  for (std::uint32_t quarter = 0; quarter < 4; ++quarter) {
    const SineCosine found = sine_cosine_of_turn(quarter << 30);
    EXPECT_EQ(found.sine, expected[quarter][0]);
    EXPECT_EQ(found.cosine, expected[quarter][1]);
  }
}

TEST(SquareRoot, IsTheNearestFloat) {
  testing::RandomWords rng;
  for (int i = 0; i < 100000; ++i) {
    const float x = bits_float(0x00800000u + rng.word() % (0x7f800000u - 0x00800000u));
    ASSERT_EQ(square_root(x), static_cast<float>(std::sqrt(static_cast<double>(x))));
  }
}

}  // namespace
}  // namespace ytterby
