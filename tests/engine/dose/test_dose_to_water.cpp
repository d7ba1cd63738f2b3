#include <gtest/gtest.h>

#include <vector>

#include "engine/dose/dose_to_water.h"
#include "engine/methods/local_deposition.h"
#include "engine/physics/material.h"

namespace ytterby {
namespace {

double ratio(const char* name) { return water_over_medium(built_in_material(name), yttrium_90()); }

// ESTAR's collision stopping powers at 1 MeV, water over medium, next to which the mean over the spectrum lies (water
// 1.849; liver, lung and cortical bone by ESTAR's method for ICRU 44 compositions, adipose and cortical bone ICRP).
TEST(DoseToWater, RatiosAreThoseOfStoppingPowers) {
  EXPECT_NEAR(ratio("water"), 1, 1e-9);
  EXPECT_NEAR(ratio("liver_icru44"), 1.010, 0.004);
  EXPECT_NEAR(ratio("lung_icru44"), 1.009, 0.004);
  EXPECT_NEAR(ratio("adipose_icrp"), 0.98, 0.005);
  EXPECT_NEAR(ratio("bone_compact_icru"), 1.08, 0.015);
  EXPECT_NEAR(ratio("cortical_bone_icrp"), 1.12, 0.015);
}

// The ratio hardly depends on energy in soft tissue, so that neither does it on the spectrum.
TEST(DoseToWater, RatiosDoNotDependOnTheSpectrum) {
  EXPECT_NEAR(water_over_medium(built_in_material("liver_icru44"), yttrium_90(BetaSpectrum::ddep)),
              ratio("liver_icru44"), 1e-4);
}

TEST(DoseToWater, ScalesVoxelsErrorsAndMeans) {
  Phantom phantom;
  phantom.grid.shape = {2, 1, 1};
  phantom.grid.spacing = {1, 1, 1};
  phantom.density = {1.05F, 1.92F};
  phantom.material = {0, 1};
  phantom.materials = {built_in_material("liver_icru44"), built_in_material("cortical_bone_icru44")};
  const std::vector<Structure> structures{{"liver", Role::liver, {1, 0}}, {"both", Role::other, {1, 0.5F}}};
  DoseMap map = local_deposition(phantom, {100, 200}, yttrium_90(), structures);
  const DoseMap medium = map;
  map.uncertainty = {1, 2};
  convert_to_water(map, phantom, yttrium_90(), structures);
  const double liver = ratio("liver_icru44"), bone = ratio("cortical_bone_icru44");
  EXPECT_NEAR(map.dose[0] / medium.dose[0], liver, 1e-6);
  EXPECT_NEAR(map.dose[1] / medium.dose[1], bone, 1e-6);
  EXPECT_NEAR(map.uncertainty[1], 2 * bone, 1e-6);
  EXPECT_NEAR(map.structures[0].mean / medium.structures[0].mean, liver, 1e-6);
  const double m0 = 1.05, m1 = 0.96, a = static_cast<double>(map.dose[0]), b = static_cast<double>(map.dose[1]);
  EXPECT_NEAR(map.structures[1].mean, (m0 * a + m1 * b) / (m0 + m1), 1e-5 * a);
}

}  // namespace
}  // namespace ytterby
