#include <gtest/gtest.h>

#include <limits>

#include "engine/base/error.h"
#include "engine/patient/schneider.h"

namespace ytterby {
namespace {

TEST(Schneider, BinsCoverTheScaleWithoutGaps) {
  const auto& bins = schneider_bins();
  ASSERT_EQ(bins.size(), 26U);
  EXPECT_DOUBLE_EQ(bins.front().hu_low, -1050);
  EXPECT_DOUBLE_EQ(bins.back().hu_high, 3000);
  for (std::size_t i = 0; i < bins.size(); ++i) {
    EXPECT_TRUE(i == 0 || bins[i].hu_low == bins[i - 1].hu_high) << i;
    double sum = 0;
    for (const Component& component : bins[i].material.composition) sum += component.mass_fraction;
    EXPECT_NEAR(sum, 1, 1e-12) << bins[i].material.name;
  }
}

TEST(Schneider, HalfOpenBinsAndBothEnds) {
  const auto name = [](double hu) { return schneider_bins()[schneider_bin(hu)].material.name; };
  EXPECT_EQ(name(-3024), "schneider_air");
  EXPECT_EQ(name(-950.001), "schneider_air");
  EXPECT_EQ(name(-950), "schneider_lung");
  EXPECT_EQ(name(-120), "schneider_at_ag_si1");
  EXPECT_EQ(name(40), "schneider_softtissue");
  EXPECT_EQ(name(1639.9), "schneider_marrow_bone15");
  EXPECT_EQ(name(2999), "schneider_metalimplant");
  EXPECT_EQ(name(30000), "schneider_metalimplant");
}

// Nodes of the paper's table and two points between them.
TEST(Schneider, DensityCurve) {
  EXPECT_DOUBLE_EQ(schneider_density(-2000), 0.00121);
  EXPECT_DOUBLE_EQ(schneider_density(-1000), 0.00121);
  EXPECT_DOUBLE_EQ(schneider_density(14), 1.03);
  EXPECT_NEAR(schneider_density(80), 1.096809, 1e-6);   // 1.031 + 57 (1.1199 - 1.031)/77
  EXPECT_NEAR(schneider_density(200), 1.134848, 1e-6);  // 1.0762 + 99 (1.9642 - 1.0762)/1499
  EXPECT_NEAR(schneider_density(-950), 0.052695, 1e-6);
  EXPECT_NEAR(schneider_density(1500), 1.90496, 1e-5);
  EXPECT_DOUBLE_EQ(schneider_density(4000), 2.8);
  EXPECT_THROW(schneider_density(std::numeric_limits<double>::quiet_NaN()), Error);
  EXPECT_THROW(schneider_bin(std::numeric_limits<double>::infinity()), Error);
}

// The paper's fits for soft tissue and bone are 1.1199 and 1.0762 g/cm3 where they meet: the curve has the mean of both
// there and never falls.
TEST(Schneider, DensityHasNoStepBetweenTissueAndBone) {
  EXPECT_NEAR(schneider_density(100), (1.1199 + 1.0762) / 2, 2e-4);
  for (int hu = -1000; hu < 3000; ++hu) {
    ASSERT_GE(schneider_density(hu + 1), schneider_density(hu)) << hu;
    if (hu >= -950 && hu < 1600) {
      ASSERT_LT(schneider_density(hu + 1) - schneider_density(hu), 0.0013) << hu;
    }
  }
}

TEST(Schneider, LungIsCondensedAndMetalIsTitanium) {
  const Material& lung = schneider_bins()[schneider_bin(-700)].material;
  EXPECT_NEAR(lung.density, (0.052695 + 0.907347) / 2, 1e-6);
  EXPECT_DOUBLE_EQ(lung.condensed_density, 1.05);
  const Material& metal = schneider_bins().back().material;
  EXPECT_DOUBLE_EQ(metal.mean_excitation_eV, 233);
  EXPECT_DOUBLE_EQ(metal.condensed_density, metal.density);
}

}  // namespace
}  // namespace ytterby
