#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/tables/angle_table.h"
#include "kernels/physics/multiple_scattering.h"
#include "support/expect_statistics.h"
#include "support/generators.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

constexpr int bins = static_cast<int>(angle_bins), tail_bins = static_cast<int>(angle_tail_bins);

/// Goudsmit and Saunderson's series summed term by term, in double.
struct Series {
  std::vector<double> coefficient;
  double unscattered;

  Series(const ElasticScattering::Moments& moments, double strength) {
    const double path = strength / moments.moment[1];
    unscattered = std::exp(-path * moments.total);
    for (const double m : moments.moment) coefficient.push_back(std::exp(-path * m) - unscattered);
  }
  /// Density in mu = (1 - cos)/2 of those that scatter.
  [[nodiscard]] double density(double mu) const {
    const double x = 1 - 2 * mu;
    double sum = 0, before = 0, P = 1;  // P_(l-1), P_l
    for (std::size_t l = 0; l < coefficient.size(); ++l) {
      const double n = static_cast<double>(l), next = ((2 * n + 1) * x * P - n * before) / (n + 1);
      sum += (2 * n + 1) * coefficient[l] * P;
      before = P;
      P = next;
    }
    return sum;
  }
};

double sampled(const std::vector<float>& table, testing::RandomWords& rng) {
  return static_cast<double>(deflection_from_table(table.data(), rng.word()));
}

TEST(DeflectionFromTable, FollowsTheLegendreSeries) {
  testing::RandomWords rng;
  const ElasticScattering& elastic = testing::test_slowing(testing::water).elastic();
  for (const double T : {0.02, 0.3, 1.5}) {
    const ElasticScattering::Moments moments = elastic.moments(T, 400);
    for (const float strength : angle_class_strength) {
      const Series series(moments, static_cast<double>(strength));
      const std::vector<float> table = angle_table(moments, static_cast<double>(strength), bins, tail_bins);
      constexpr std::size_t parts = 40;
      constexpr int samples = 200000;
      std::vector<double> edge, probability;
      const double first = 0.02 * static_cast<double>(strength);
      for (std::size_t i = 0; i <= parts; ++i)
        edge.push_back(i == 0 ? 0 : first * std::pow(1 / first, static_cast<double>(i - 1) / (parts - 1)));
      for (std::size_t i = 0; i < parts; ++i)
        probability.push_back(
            testing::simpson(edge[i], edge[i + 1], 20, [&](double mu) { return series.density(mu); }) +
            (i == 0 ? series.unscattered : 0));
      std::vector<std::size_t> counts(parts);
      for (int i = 0; i < samples; ++i) {
        const double mu = sampled(table, rng);
        const auto above = std::upper_bound(edge.begin(), edge.end(), mu) - edge.begin();
        ++counts[std::min<std::size_t>(static_cast<std::size_t>(above) - 1, parts - 1)];
      }
      EXPECT_TRUE(testing::counts_follow(counts, probability)) << T << " MeV, strength " << strength;
    }
  }
}

TEST(DeflectionFromTable, HasTheMomentsOfTheSeries) {
  testing::RandomWords rng;
  const ElasticScattering& elastic = testing::test_slowing(testing::water).elastic();
  for (const double T : {0.02, 0.3, 1.5}) {
    const ElasticScattering::Moments moments = elastic.moments(T, 400);
    for (const float strength : angle_class_strength) {
      const std::vector<float> table = angle_table(moments, static_cast<double>(strength), bins, tail_bins);
      testing::SampleMean p1, p2;
      for (int i = 0; i < 300000; ++i) {
        const double c = 1 - 2 * sampled(table, rng);
        p1.add(1 - c);
        p2.add(1.5 * (1 - c * c));
      }
      const double s = static_cast<double>(strength), m1 = -std::expm1(-s),
                   m2 = -std::expm1(-s * moments.moment[2] / moments.moment[1]);
      EXPECT_MEAN_WITHIN(p1, m1, 1e-3 * m1) << T << " MeV, strength " << strength;
      EXPECT_MEAN_WITHIN(p2, m2, 1e-3 * m2) << T << " MeV, strength " << strength;
    }
  }
}

TEST(DeflectionFromTable, KeepsItsBoundsAtTheExtremes) {
  const PhysicsView physics = testing::test_tables().view();
  for (std::uint32_t material = 0; material < physics.materials; ++material)
    for (std::uint32_t c = 0; c < angle_classes; ++c)
      for (const float range : {1e-7f, 1e-4f, 0.1f, 1.2f, 20.0f})
        for (std::uint32_t high = 0; high < 4096; ++high)
          for (const std::uint32_t low : {0u, 0xfffffu}) {
            const float mu = sample_deflection(physics, c, material, range, high << 20 | low);
            ASSERT_GE(mu, 0.0f);
            ASSERT_LE(mu, 1.0f);
          }
}

TEST(DeflectionFromTable, RisesWithTheWord) {
  const PhysicsView physics = testing::test_tables().view();
  const float* table = physics.angle.data + 20 * angle_stride;
  float last = -1;
  for (std::uint32_t high = 0; high < 1u << 17; ++high) {
    const float mu = deflection_from_table(table, high << 15);
    ASSERT_GE(mu, last - 1e-7f) << high;
    last = mu;
  }
}

// The mean of 1 - cos is 1 - exp(-s) at every energy, so a random choice between neighbouring tables keeps it.
TEST(SampleDeflection, KeepsTheMeanBetweenNodes) {
  testing::RandomWords rng;
  const PhysicsView physics = testing::test_tables().view();
  for (const std::uint32_t material : {testing::water, testing::bone})
    for (std::uint32_t c = 0; c < angle_classes; ++c) {
      testing::SampleMean mean;
      for (int i = 0; i < 300000; ++i)
        mean.add(2 * static_cast<double>(sample_deflection(physics, c, material, 0.0234f, rng.word())));
      const double expected = -std::expm1(-static_cast<double>(angle_class_strength[c]));
      EXPECT_MEAN_WITHIN(mean, expected, 1e-3 * expected) << material << " class " << c;
    }
}

}  // namespace
}  // namespace ytterby
