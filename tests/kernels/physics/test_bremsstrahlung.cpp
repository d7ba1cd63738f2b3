#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/physics/bremsstrahlung.h"
#include "support/expect_statistics.h"
#include "support/generators.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

using testing::electron_mass;

constexpr double cutoff = 0.01;

/// k dsigma/dk of a mixture of the two tables between which the kernel chooses.
struct Expected {
  const StoppingPower& power;
  double low, high, fraction;

  Expected(std::uint32_t material, double T) : power(testing::test_slowing(material).stopping_power()) {
    const GridPlace at = locate(bremsstrahlung_grid, static_cast<float>(T));
    low = static_cast<double>(grid_value(bremsstrahlung_grid, at.index));
    high = static_cast<double>(grid_value(bremsstrahlung_grid, at.index + 1));
    fraction = static_cast<double>(at.fraction);
  }
  /// Share of photons with ln(k/cutoff) between the two shares of ln(T/cutoff).
  [[nodiscard]] double share(double t0, double t1) const {
    const auto at_node = [&](double T) {
      const double span = std::log(T / cutoff);
      const auto f = [&](double t) { return power.bremsstrahlung_k_dsigma_dk(T, cutoff * std::exp(span * t)); };
      return testing::simpson(t0, t1, 16, f) / testing::simpson(0, 1, 400, f);
    };
    return (1 - fraction) * at_node(low) + fraction * at_node(high);
  }
};

// Ten bins: the table is linear inside its 64 bins, and the last of them (the hardest photons) shows it in finer ones.
TEST(SampleBremsstrahlung, FollowsSeltzerAndBerger) {
  testing::RandomWords rng;
  const PhysicsView physics = testing::test_tables().view();
  for (const std::uint32_t material : {testing::water, testing::bone})
    for (const double T : {0.05, 0.4, 1.0, 2.1}) {
      const Expected expected(material, T);
      constexpr std::size_t bins = 10;
      std::vector<std::size_t> counts(bins);
      for (int i = 0; i < 100000; ++i) {
        const double k = static_cast<double>(sample_bremsstrahlung(physics, material, static_cast<float>(T), rng));
        ASSERT_GE(k, 0.99999 * cutoff);
        ASSERT_LE(k, T * 1.000001);
        const double t = std::log(k / cutoff) / std::log(T / cutoff);
        ++counts[static_cast<std::size_t>(std::clamp(t * bins, 0.0, bins - 1e-9))];
      }
      std::vector<double> probability;
      for (std::size_t i = 0; i < bins; ++i)
        probability.push_back(expected.share(static_cast<double>(i) / bins, static_cast<double>(i + 1) / bins));
      EXPECT_TRUE(testing::counts_follow(counts, probability)) << material << " " << T << " MeV";
    }
}

// Energy is what counts for the tail: radiated per photon as the stopping power has it, at the grid's own energies.
TEST(SampleBremsstrahlung, MeanEnergyIsThatOfTheStoppingPower) {
  testing::RandomWords rng;
  const PhysicsView physics = testing::test_tables().view();
  for (const std::uint32_t material : {testing::water, testing::bone})
    for (const double T : {0.0625, 0.5, 2.0}) {
      const StoppingPower& power = testing::test_slowing(material).stopping_power();
      const double expected =
          (power.radiative(T) - power.restricted_radiative(T, cutoff)) / power.bremsstrahlung_above(T, cutoff);
      testing::SampleMean mean;
      for (int i = 0; i < 400000; ++i)
        mean.add(static_cast<double>(sample_bremsstrahlung(physics, material, static_cast<float>(T), rng)));
      EXPECT_MEAN_WITHIN(mean, expected, 0.004 * expected) << material << " " << T << " MeV";
    }
}

TEST(SampleBremsstrahlung, KeepsItsBoundsAtTheExtremes) {
  const PhysicsView physics = testing::test_tables().view();
  for (const float T : {0.0100001f, 0.0123f, 0.5f, 2.2787f, 3.89f})
    for (const std::uint32_t choice : {testing::lowest_word, testing::highest_word})
      for (const std::uint32_t place : {testing::lowest_word, testing::highest_word}) {
        testing::ScriptedWords rng({choice, place});
        const float k = sample_bremsstrahlung(physics, 0, T, rng);
        EXPECT_GE(k, physics.photon_cutoff);
        EXPECT_LE(k, T);
        EXPECT_EQ(rng.used(), 2u);
      }
}

TEST(SampleBremsstrahlungCosine, IsABoostedDipole) {
  testing::RandomWords rng;
  for (const double T : {0.02, 0.3, 2.0}) {
    const double gamma = 1 + T / electron_mass, beta = std::sqrt(1 - 1 / (gamma * gamma));
    std::vector<double> samples;
    for (int i = 0; i < 200000; ++i) {
      const double c = static_cast<double>(sample_bremsstrahlung_cosine(static_cast<float>(T), rng));
      ASSERT_GE(c, -1.000001);
      ASSERT_LE(c, 1.000001);
      samples.push_back(c);
    }
    // In the rest frame (3/8)(1 + c^2); aberration back to it.
    EXPECT_TRUE(testing::samples_follow(samples, [&](double c) {
      const double rest = (c - beta) / (1 - beta * c);
      return (3 * rest + rest * rest * rest + 4) / 8;
    })) << T;
  }
}

TEST(SampleBremsstrahlungCosine, AcceptsTwoOfThree) {
  testing::RandomWords rng;
  testing::CountingWords counting(rng);
  for (int i = 0; i < 100000; ++i) sample_bremsstrahlung_cosine(1.0f, counting);
  EXPECT_NEAR(static_cast<double>(counting.count()) / 100000, 3, 0.03);
}

}  // namespace
}  // namespace ytterby
