#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/physics/constants.h"
#include "tests/validation/ensemble/balls.h"
#include "validation/margin.h"

namespace ytterby::validation {
namespace {

using test::volume;

std::vector<float> ball(const Grid& grid, double radius, const Vector3& centre) {
  return test::ball(grid, radius, centre, 8);
}

TEST(Margin, has_the_volume_of_a_shell) {
  Grid grid;
  grid.shape = {40, 40, 36};
  grid.spacing = {0.25, 0.25, 0.3};
  for (const double radius : {1.5, 2.3}) {
    const std::vector<float> tumour = ball(grid, radius, {5.03, 4.9, 5.2});
    for (const double width : {0.5, 1.0}) {
      const double expected = 4 * constants::pi / 3 * (std::pow(radius + width, 3) - std::pow(radius, 3));
      EXPECT_NEAR(volume(shell_around(tumour, {}, grid, width), grid) / expected, 1, 0.05) << radius << " " << width;
    }
  }
}

TEST(Margin, is_exact_around_a_box_face_and_stays_in_its_tissue) {
  Grid grid;
  grid.shape = {20, 5, 5};
  grid.spacing = {0.2, 0.5, 0.5};
  std::vector<float> tumour(grid.voxels(), 0), liver(grid.voxels(), 1);
  for (int z = 0; z < 5; ++z)
    for (int y = 0; y < 5; ++y)
      for (int x = 0; x < 20; ++x) {
        const std::size_t i = grid.index(x, y, z);
        if (x < 5) tumour[i] = 1;
        if (x == 5) tumour[i] = 0.25F;  // surface at 0.25 of the voxel
        if (y == 0) liver[i] = 0;
      }
  const std::vector<float> shell = shell_around(tumour, liver, grid, 0.5);
  // From 1.05 to 1.55 cm: 0.75 of voxel 5, voxel 6, and 0.75 of voxel 7.
  EXPECT_NEAR(shell[grid.index(5, 2, 2)], 0.75, 1e-5);
  EXPECT_NEAR(shell[grid.index(6, 2, 2)], 1, 1e-5);
  EXPECT_NEAR(shell[grid.index(7, 2, 2)], 0.75, 1e-5);
  EXPECT_NEAR(shell[grid.index(8, 2, 2)], 0, 1e-5);
  EXPECT_EQ(shell[grid.index(6, 0, 2)], 0);
  EXPECT_EQ(shell[grid.index(3, 2, 2)], 0);
}

}  // namespace
}  // namespace ytterby::validation
