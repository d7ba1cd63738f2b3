#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/physics/moller.h"
#include "support/expect_statistics.h"
#include "support/generators.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

using testing::electron_mass;

/// Moller's cross section in the energy transfer, not normalised. ICRU Report 37 eq. (2.10), written in energies.
double moller_shape(double T, double W) {
  const double total = T + electron_mass, rest = T - W;
  return 1 / (W * W) + 1 / (rest * rest) + 1 / (total * total) -
         electron_mass * (2 * T + electron_mass) / (total * total) / (W * rest);
}

TEST(SampleMollerFraction, FollowsMollersCrossSection) {
  constexpr double threshold = 0.01;
  constexpr int samples = 300000;
  constexpr std::size_t bins = 60;
  testing::RandomWords rng;
  for (const double T : {0.0201, 0.025, 0.1, 1.0, 2.28}) {
    std::vector<std::size_t> counts(bins);
    const double span = std::log(T / 2 / threshold);
    for (int i = 0; i < samples; ++i) {
      const double e =
          static_cast<double>(sample_moller_fraction(static_cast<float>(T), static_cast<float>(threshold), rng));
      const double place = std::log(e * T / threshold) / span * bins;
      ASSERT_GT(place, -1e-3);
      ASSERT_LT(place, bins + 1e-3);
      ++counts[static_cast<std::size_t>(std::clamp(place, 0.0, bins - 1e-9))];
    }
    std::vector<double> probability(bins);
    double sum = 0;
    for (std::size_t i = 0; i < bins; ++i) {
      const auto edge = [&](std::size_t j) { return threshold * std::exp(span * static_cast<double>(j) / bins); };
      probability[i] = testing::log_simpson(edge(i), edge(i + 1), 20, [&](double W) { return moller_shape(T, W); });
      sum += probability[i];
    }
    for (double& p : probability) p /= sum;
    EXPECT_TRUE(testing::counts_follow(counts, probability)) << T << " MeV";
  }
}

TEST(SampleMollerFraction, DrawsTwoNumbersATrial) {
  testing::RandomWords rng;
  for (const float T : {0.03f, 0.5f, 2.28f}) {
    testing::CountingWords counting(rng);
    constexpr std::size_t samples = 100000;
    for (std::size_t i = 0; i < samples; ++i) sample_moller_fraction(T, 0.01f, counting);
    EXPECT_EQ(counting.count() % 2, 0u);
    EXPECT_LT(counting.count(), samples * 2 * 2) << "efficiency is below 1/2 at " << T << " MeV";
  }
}

TEST(SampleMollerFraction, KeepsItsBoundsAtTheExtremes) {
  for (const float T : {0.0201f, 0.1f, 2.28f}) {
    testing::ScriptedWords lowest({testing::lowest_word}), highest({testing::highest_word, testing::lowest_word});
    EXPECT_FLOAT_EQ(sample_moller_fraction(T, 0.01f, lowest), 0.01f / T);
    EXPECT_NEAR(sample_moller_fraction(T, 0.01f, highest), 0.5f, 1e-5f);
    // Never accepted: ends at the cap with the lowest transfer.
    testing::ScriptedWords never({testing::highest_word});
    const float e = sample_moller_fraction(T, 0.01f, never);
    EXPECT_GE(e, 0.01f / T);
    EXPECT_LE(e, 0.500001f);
    EXPECT_LE(never.used(), 2u * rejection_cap);
  }
}

TEST(SampleMollerFraction, IsZeroWhereNoneIsPossible) {
  testing::RandomWords rng;
  testing::CountingWords counting(rng);
  EXPECT_EQ(sample_moller_fraction(0.02f, 0.01f, counting), 0.0f);
  EXPECT_EQ(sample_moller_fraction(0.011f, 0.01f, counting), 0.0f);
  EXPECT_EQ(counting.count(), 0u);
}

TEST(MollerAngles, ConserveEnergyAndMomentum) {
  for (const double T : {0.0201, 0.1, 1.0, 2.28})
    for (double fraction = 0.01 / T; fraction <= 0.5; fraction += 0.0173) {
      const double W = fraction * T;
      const MollerAngles angles = moller_angles(static_cast<float>(T), static_cast<float>(W));
      const auto momentum = [](double E) { return std::sqrt(E * (E + 2 * electron_mass)); };
      const double p = momentum(T), c1 = static_cast<double>(angles.cos_primary),
                   c2 = static_cast<double>(angles.cos_secondary);
      EXPECT_NEAR((momentum(T - W) * c1 + momentum(W) * c2) / p, 1, 1e-6);
      const double across = momentum(T - W) * std::sqrt(1 - c1 * c1) - momentum(W) * std::sqrt(1 - c2 * c2);
      EXPECT_NEAR(across / p, 0, 1e-4) << T << " " << W;
    }
}

TEST(MollerAngles, AreEqualAtHalf) {
  const MollerAngles angles = moller_angles(1.0f, 0.5f);
  EXPECT_FLOAT_EQ(angles.cos_primary, angles.cos_secondary);
}

// The number of collisions above the threshold is what the restricted stopping power leaves out; with its own formula.
TEST(MollerAbove, IsTheIntegralOfMollersCrossSection) {
  const double z_over_a = 0.111894 / 1.008 + 0.888106 * 8 / 15.999;
  for (const double T : {0.021, 0.1, 1.0, 2.28}) {
    const double gamma = 1 + T / electron_mass, beta2 = 1 - 1 / (gamma * gamma);
    const double integral = testing::log_simpson(0.01, T / 2, 2000, [&](double W) { return moller_shape(T, W); });
    EXPECT_NEAR(moller_above(T, 0.01, z_over_a) / (0.1535375 * z_over_a / beta2 * integral), 1, 1e-5) << T;
  }
  EXPECT_EQ(moller_above(0.02, 0.01, z_over_a), 0);
}

}  // namespace
}  // namespace ytterby
