// Even lattices through positions with jitter, missing planes and planes that lie twice.

#include <gtest/gtest.h>

#include <cmath>

#include "engine/grid/plane_lattice.h"

namespace ytterby {
namespace {

TEST(PlaneLattice, TakesOffBedsThatJoinUnevenly) {
  // A PET of 267 planes, 3.27 mm apart, with one gap of 3.19 and four of 3.29 mm.
  std::vector<double> at{0};
  for (int i = 1; i < 267; ++i) at.push_back(at.back() + (i == 60 ? 3.19 : i % 60 == 30 ? 3.29 : 3.27));
  const PlaneLattice lattice = fit_every_plane(at);
  EXPECT_NEAR(lattice.spacing, 3.27, 0.001);
  EXPECT_LT(lattice.departure, largest_departure(3.27));
  EXPECT_TRUE(departs(lattice));
  EXPECT_EQ(lattice.count, 267);
}

TEST(PlaneLattice, SeesAMissingPlaneWhereverItIs) {
  for (int missing = 1; missing < 99; ++missing) {
    std::vector<double> at;
    for (int i = 0; i < 100; ++i) {
      if (i != missing) at.push_back(2.5 * i);
    }
    EXPECT_GT(fit_every_plane(at).departure, largest_departure(2.5)) << missing;
    const WorstGap gap = worst_gap(at);
    EXPECT_NEAR(gap.gap, 5, 1e-9);
    EXPECT_EQ(gap.below, static_cast<std::size_t>(missing - 1));
  }
}

TEST(PlaneLattice, JoinsWhatLiesWithinAFifthAndNothingElse) {
  // Three contours a plane, one 0.1 mm beside; planes 2 and 3 missing.
  const std::vector<double> at{0, 0.1, 0, 4, 4.1, 4, 16, 16.1, 16};
  const auto lattice = fit_planes_near(at, 4);
  ASSERT_TRUE(lattice);
  EXPECT_EQ(lattice->index, (std::vector<int>{0, 0, 0, 1, 1, 1, 4, 4, 4}));
  EXPECT_NEAR(lattice->spacing, 4, 1e-9);
  EXPECT_FALSE(fit_planes_near({0, 3, 6, 9}, 4));     // another image's spacing
  EXPECT_FALSE(fit_planes_near({0, 4, 9, 13.2}, 4));  // off by a quarter
  // A spacing that is a little off does not add up over many planes.
  std::vector<double> many;
  for (int i = 0; i < 400; ++i) many.push_back(1.2502 * i);
  const auto long_one = fit_planes_near(many, 1.25);
  ASSERT_TRUE(long_one);
  EXPECT_EQ(long_one->count, 400);
  EXPECT_NEAR(long_one->spacing, 1.2502, 1e-9);
}

TEST(PlaneLattice, FindsTheCoarsestThatHoldsAll) {
  const auto doubled = fit_coarsest({0, 0.02, 4, 4.02, 8, 8.02, 16}, 0.3);
  ASSERT_TRUE(doubled);
  EXPECT_NEAR(doubled->spacing, 4, 0.01);
  EXPECT_EQ(doubled->count, 5);
  EXPECT_FALSE(fit_coarsest({0, 3, 7.7, 10, 11.3}, 1.5));
}

}  // namespace
}  // namespace ytterby
