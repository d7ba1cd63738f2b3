#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/physics/elastic.h"
#include "kernels/physics/compton.h"
#include "kernels/physics/photoelectric.h"
#include "kernels/physics/rayleigh.h"
#include "support/expect_statistics.h"
#include "support/generators.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

using testing::electron_mass;

/// Chi-square of samples against a density that need not be normalised, in equal bins.
template <class Density>
::testing::AssertionResult follows(const std::vector<double>& samples, double low, double high, Density density,
                                   std::size_t bins = 50) {
  std::vector<std::size_t> counts(bins);
  std::vector<double> probability;
  double sum = 0;
  for (std::size_t i = 0; i < bins; ++i) {
    const double width = (high - low) / static_cast<double>(bins), left = low + width * static_cast<double>(i);
    probability.push_back(testing::simpson(left, left + width, 32, density));
    sum += probability.back();
  }
  for (double& p : probability) p /= sum;
  for (const double x : samples)
    ++counts[static_cast<std::size_t>(
        std::clamp((x - low) / (high - low) * static_cast<double>(bins), 0.0, static_cast<double>(bins) - 1e-9))];
  return testing::counts_follow(counts, probability);
}

// Klein, Nishina (1929), in the cosine of the photon.
TEST(SampleCompton, FollowsKleinAndNishina) {
  testing::RandomWords rng;
  for (const double k : {0.01, 0.1, 0.6, 2.2}) {
    std::vector<double> cosines;
    for (int i = 0; i < 200000; ++i)
      cosines.push_back(static_cast<double>(sample_compton(static_cast<float>(k), rng).cos_photon));
    EXPECT_TRUE(follows(cosines, -1, 1,
                        [&](double c) {
                          const double e = 1 / (1 + k / electron_mass * (1 - c));
                          return e * e * (e + 1 / e - 1 + c * c);
                        }))
        << k << " MeV";
  }
}

TEST(SampleCompton, EnergyFollowsFromTheAngle) {
  testing::RandomWords rng;
  for (const double k : {0.01, 0.1, 0.6, 2.2})
    for (int i = 0; i < 20000; ++i) {
      const ComptonResult r = sample_compton(static_cast<float>(k), rng);
      const double e = static_cast<double>(r.energy), c = static_cast<double>(r.cos_photon);
      ASSERT_NEAR(e, k / (1 + k / electron_mass * (1 - c)), 2e-6 * k);
      // Momentum along and across the photon.
      const double T = k - e, p = std::sqrt(T * (T + 2 * electron_mass)), ce = static_cast<double>(r.cos_electron);
      if (T < 1e-4 * k) continue;  // the cosine is clamped where single precision says nothing
      ASSERT_NEAR(e * c + p * ce, k, 2e-5 * k);
      ASSERT_NEAR(e * std::sqrt(1 - c * c), p * std::sqrt(std::max(1 - ce * ce, 0.0)), 2e-2 * k);
    }
}

// Mean energy transferred: the energy-transfer cross section over the total one, both in closed form by quadrature.
TEST(SampleCompton, MeanTransferIsThatOfTheFormula) {
  testing::RandomWords rng;
  for (const double k : {0.02, 0.3, 2.0}) {
    const auto weight = [&](double c) {
      const double e = 1 / (1 + k / electron_mass * (1 - c));
      return e * e * (e + 1 / e - 1 + c * c);
    };
    const double total = testing::simpson(-1, 1, 2000, weight);
    const double transfer = testing::simpson(
        -1, 1, 2000, [&](double c) { return weight(c) * k * (1 - 1 / (1 + k / electron_mass * (1 - c))); });
    testing::SampleMean mean;
    for (int i = 0; i < 300000; ++i)
      mean.add(k - static_cast<double>(sample_compton(static_cast<float>(k), rng).energy));
    EXPECT_MEAN(mean, transfer / total) << k;
  }
}

TEST(SampleCompton, KeepsItsBoundsAtTheExtremes) {
  for (const float k : {0.01f, 0.5f, 2.28f, 3.9f})
    for (const std::uint32_t branch : {testing::lowest_word, testing::highest_word})
      for (const std::uint32_t u : {testing::lowest_word, testing::highest_word}) {
        testing::ScriptedWords rng({branch, u, testing::lowest_word});
        const ComptonResult r = sample_compton(k, rng);
        EXPECT_EQ(rng.used(), 3u);
        EXPECT_GT(r.energy, 0.0f);
        EXPECT_LE(r.energy, k);
        for (const float c : {r.cos_photon, r.cos_electron}) {
          EXPECT_GE(c, -1.0f);
          EXPECT_LE(c, 1.0f);
        }
      }
}

TEST(SampleCompton, AcceptsMoreThanHalf) {
  testing::RandomWords rng;
  for (const float k : {0.01f, 0.3f, 2.28f}) {
    testing::CountingWords counting(rng);
    for (int i = 0; i < 100000; ++i) sample_compton(k, counting);
    EXPECT_EQ(counting.count() % 3, 0u);
    EXPECT_LT(counting.count(), 600000u) << k;
  }
}

// To the resolution of the table, linear in q^2 at four nodes an octave.
TEST(SampleRayleighCosine, FollowsTheFormFactors) {
  testing::RandomWords rng;
  const PhysicsView physics = testing::test_tables().view();
  for (const std::uint32_t material : {testing::water, testing::bone})
    for (const double k : {0.01, 0.03, 0.1}) {
      std::vector<double> cosines;
      for (int i = 0; i < 30000; ++i)
        cosines.push_back(static_cast<double>(sample_rayleigh_cosine(physics, material, static_cast<float>(k), rng)));
      EXPECT_TRUE(follows(
          cosines, -1, 1,
          [&](double c) {
            const double q = k / electron_mass * std::sqrt(2 * std::max(1 - c, 0.0));
            double sum = 0;
            for (const Component& component : testing::test_materials()[material].composition) {
              const double f = component.z * form_factor_share(screening_of(component.z), q);
              sum += component.mass_fraction / built_in_library().element(component.z).atomic_weight * f * f;
            }
            return sum * (1 + c * c);
          },
          20))
          << material << " " << k << " MeV";
    }
}

TEST(SampleRayleighCosine, KeepsItsBoundsAtTheExtremes) {
  const PhysicsView physics = testing::test_tables().view();
  for (const float k : {0.01f, 0.1f, 2.28f, 3.9f})
    for (const std::uint32_t u : {testing::lowest_word, 0x80000000u, testing::highest_word}) {
      testing::ScriptedWords rng({u, testing::lowest_word});
      const float c = sample_rayleigh_cosine(physics, 0, k, rng);
      EXPECT_GE(c, -1.0f);
      EXPECT_LE(c, 1.0f);
      EXPECT_EQ(rng.used(), 2u);
    }
}

TEST(SamplePhotoelectronCosine, FollowsSauter) {
  testing::RandomWords rng;
  for (const double T : {0.01, 0.1, 0.5, 1.0}) {
    std::vector<double> cosines;
    for (int i = 0; i < 150000; ++i)
      cosines.push_back(static_cast<double>(sample_photoelectron_cosine(static_cast<float>(T), rng)));
    const double gamma = 1 + T / electron_mass, beta = std::sqrt(1 - 1 / (gamma * gamma));
    EXPECT_TRUE(follows(cosines, -1, 1,
                        [&](double c) {
                          const double v = 1 - beta * c;
                          return (1 - c * c) / (v * v * v * v) * (1 + gamma * (gamma - 1) * (gamma - 2) / 2 * v);
                        }))
        << T << " MeV";
  }
}

TEST(SamplePhotoelectronCosine, IsAsEfficientAsItSays) {
  testing::RandomWords rng;
  for (const float T : {0.01f, 0.1f, 1.0f}) {
    testing::CountingWords counting(rng);
    constexpr int samples = 50000;
    for (int i = 0; i < samples; ++i) sample_photoelectron_cosine(T, counting);
    EXPECT_LT(static_cast<double>(counting.count()) / samples, 2 / 0.14) << T << " MeV";
  }
}

TEST(SamplePhotoelectronCosine, KeepsItsBoundsAtTheExtremes) {
  for (const float T : {0.001f, 0.01f, 1.0f, 3.9f})
    for (const std::uint32_t u : {testing::lowest_word, testing::highest_word}) {
      testing::ScriptedWords rng({u, testing::lowest_word});
      const float c = sample_photoelectron_cosine(T, rng);
      EXPECT_GE(c, -1.0f);
      EXPECT_LE(c, 1.0f);
    }
}

}  // namespace
}  // namespace ytterby
