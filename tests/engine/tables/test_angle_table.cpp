#include <gtest/gtest.h>

#include <cmath>

#include "engine/tables/angle_table.h"
#include "kernels/tables/lookup.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

constexpr int bins = static_cast<int>(angle_bins), tail_bins = static_cast<int>(angle_tail_bins);

// The mean fixes how fast a beam loses its direction; an error of 0.1 % in it is one of 0.1 % in scattering strength.
// Largest for the shortest steps at high energy, whose tail is longest.
TEST(AngleTable, MeanIsThatOfTheSeries) {
  for (const std::uint32_t m : {testing::water, testing::bone})
    for (const double T : {0.01, 0.05, 0.3, 1.0, 2.28})
      for (const double s : {0.05, 0.2, 1.0}) {
        const auto moments = testing::test_slowing(m).elastic().moments(T, 192);
        const std::vector<float> table = angle_table(moments, s, bins, tail_bins);
        EXPECT_NEAR(2 * mean_deflection(table, bins, tail_bins) / -std::expm1(-s), 1, 2e-3)
            << m << " " << T << " MeV, strength " << s;
      }
}

TEST(AngleTable, AscendsFromNoDeflectionToBackscatter) {
  const auto moments = testing::test_slowing(testing::water).elastic().moments(0.1, 192);
  for (const double s : {0.01, 0.05, 0.4, 2.0}) {
    const std::vector<float> table = angle_table(moments, s, bins, tail_bins);
    ASSERT_EQ(table.size(), 1u + angle_bins + 1 + angle_tail_bins + 1);
    ASSERT_LE(table.size(), angle_stride);
    EXPECT_GT(table[0], 0.0f);
    EXPECT_EQ(table[1], 0.0f);
    EXPECT_FLOAT_EQ(table[1 + angle_bins], 1.0f);
    for (std::size_t i = 1; i < angle_bins; ++i) EXPECT_LE(table[i], table[i + 1]) << s << " " << i;
    for (std::size_t i = angle_bins + 2; i + 1 < table.size(); ++i) EXPECT_LE(table[i], table[i + 1]) << s << " " << i;
    // The last bin and its parts meet.
    EXPECT_FLOAT_EQ(table[angle_bins], table[angle_bins + 2]);
    EXPECT_FLOAT_EQ(table[1 + angle_bins], table.back());
  }
}

// Isotropic scattering has G_l = G for all l: a share exp(-n) goes straight on, the others are uniform in mu.
TEST(AngleTable, IsotropicScatteringIsUniform) {
  ElasticScattering::Moments moments{1.0, std::vector<double>(64, 1.0)};
  moments.moment[0] = 0;
  const double n = 2.0, straight = std::exp(-n);
  const std::vector<float> table = angle_table(moments, n, bins, tail_bins);
  const double a = static_cast<double>(table[0]);
  for (std::size_t i = 0; i <= angle_bins; ++i) {
    const double x = static_cast<double>(table[1 + i]), mu = a * x / (1 - x + a);
    const double u = static_cast<double>(i) / bins;
    EXPECT_NEAR(mu, u <= straight ? 0 : (u - straight) / (1 - straight), 2e-5) << i;
  }
}

TEST(AngleTable, AllTablesOfTheEngineHaveTheirMean) {
  const PhysicsTables& tables = testing::test_tables();
  const std::size_t nodes = angle_grid.intervals + 1;
  for (std::size_t c = 0; c < angle_classes; ++c)
    for (std::size_t m = 0; m < tables.materials; ++m)
      for (std::size_t node = 0; node < nodes; ++node) {
        const double T = testing::test_slowing(static_cast<std::uint32_t>(m))
                             .energy(static_cast<double>(grid_value(angle_grid, static_cast<std::uint32_t>(node))));
        if (T < 0.01 || T > 2.4) continue;  // never met
        const auto first = tables.angle.begin() +
                           static_cast<std::ptrdiff_t>(((c * tables.materials + m) * nodes + node) * angle_stride);
        const std::vector<float> table(first, first + angle_stride);
        const double expected = -std::expm1(-static_cast<double>(angle_class_strength[c]));
        ASSERT_NEAR(2 * mean_deflection(table, bins, tail_bins) / expected, 1, 2e-3)
            << "class " << c << " material " << m << " node " << node;
      }
}

}  // namespace
}  // namespace ytterby
