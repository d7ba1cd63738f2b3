#include <gtest/gtest.h>

#include <cmath>

#include "kernels/tables/lookup.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

const BitGrid grids[] = {range_grid, energy_grid, angle_grid, bremsstrahlung_grid, momentum_grid};

TEST(Locate, FindsItsOwnNodes) {
  for (const BitGrid& grid : grids)
    for (std::uint32_t node = 0; node < grid.intervals; ++node) {
      const GridPlace at = locate(grid, grid_value(grid, node));
      ASSERT_EQ(at.index, node);
      ASSERT_EQ(at.fraction, 0.0f);
    }
}

TEST(Locate, FractionIsLinearBetweenNodes) {
  for (const BitGrid& grid : grids)
    for (std::uint32_t node = 0; node < grid.intervals; ++node) {
      const float low = grid_value(grid, node), high = grid_value(grid, node + 1);
      const GridPlace at = locate(grid, low + 0.375f * (high - low));
      ASSERT_EQ(at.index, node);
      ASSERT_FLOAT_EQ(at.fraction, 0.375f);
      const GridPlace below = locate(grid, std::nextafter(high, 0.0f));
      ASSERT_EQ(below.index, node);
      ASSERT_NEAR(below.fraction, 1.0f, 1e-4f);
    }
}

TEST(Locate, ClampsToTheEnds) {
  for (const BitGrid& grid : grids) {
    for (const float x : {0.0f, 1e-30f, std::nextafter(grid_value(grid, 0), 0.0f)}) {
      EXPECT_EQ(locate(grid, x).index, 0u);
      EXPECT_EQ(locate(grid, x).fraction, 0.0f);
    }
    for (const float x : {grid_value(grid, grid.intervals), 1e6f, HUGE_VALF}) {
      EXPECT_EQ(locate(grid, x).index, grid.intervals - 1);
      EXPECT_EQ(locate(grid, x).fraction, 1.0f);
    }
  }
}

TEST(Locate, GridsSpanWhatTheySay) {
  EXPECT_EQ(grid_value(range_grid, 0), 0x1p-18f);
  EXPECT_EQ(grid_value(range_grid, range_grid.intervals), 16.0f);
  EXPECT_EQ(grid_value(energy_grid, 0), 0x1p-10f);
  EXPECT_EQ(grid_value(energy_grid, energy_grid.intervals), 4.0f);
  EXPECT_EQ(grid_value(angle_grid, angle_grid.intervals), 16.0f);
  EXPECT_EQ(grid_value(bremsstrahlung_grid, bremsstrahlung_grid.intervals), 4.0f);
  EXPECT_EQ(grid_value(momentum_grid, momentum_grid.intervals), 64.0f);
}

// Both tables are linear between nodes and so not exact inverses: 2e-4 at 32 nodes an octave.
TEST(RangeAndEnergy, AreInversesOfEachOther) {
  const PhysicsView physics = testing::test_tables().view();
  for (std::uint32_t material = 0; material < physics.materials; ++material)
    for (float T = 0.01f; T < 2.4f; T *= 1.0037f) {
      const float back = energy_of_range(physics, material, range_of_energy(physics, material, T));
      ASSERT_NEAR(back / T, 1.0f, 2e-4f) << material << " " << T;
    }
}

TEST(RangeAndStrength, AreInversesOfEachOther) {
  const PhysicsView physics = testing::test_tables().view();
  for (std::uint32_t material = 0; material < physics.materials; ++material) {
    const float most = strength_of_range(physics, material, range_of_energy(physics, material, 2.3f));
    // To a fiftieth of the shortest step.
    for (float strength = strength_of_range(physics, material, physics.range_at_cutoff[material]); strength < most;
         strength += 0.0071f)
      ASSERT_NEAR(strength_of_range(physics, material, range_of_strength(physics, material, strength)), strength,
                  0.02f * angle_class_strength[angle_classes - 1])
          << material;
  }
}

TEST(RangeOfStrength, ClampsBelowZero) {
  const PhysicsView physics = testing::test_tables().view();
  EXPECT_EQ(range_of_strength(physics, 0, -1.0f), range_of_strength(physics, 0, 0.0f));
  EXPECT_LT(range_of_strength(physics, 0, 0.0f), physics.range_at_cutoff[0]);
}

TEST(RangeOfEnergy, RisesStrictly) {
  const PhysicsView physics = testing::test_tables().view();
  for (std::uint32_t material = 0; material < physics.materials; ++material)
    for (float T = 0.002f; T < 3.9f; T *= 1.01f)
      ASSERT_LT(range_of_energy(physics, material, T), range_of_energy(physics, material, 1.01f * T));
}

}  // namespace
}  // namespace ytterby
