#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "engine/grid/morphology.h"

namespace ytterby {
namespace {

Grid odd_grid() {
  Grid grid;
  grid.shape = {9, 7, 6};
  grid.spacing = {0.2, 0.3, 0.5};
  return grid;
}

TEST(Morphology, FindsTheNearestVoxelLikeASearch) {
  const Grid grid = odd_grid();
  std::mt19937 random(5);
  for (const double share : {0.02, 0.3}) {
    std::vector<std::uint8_t> set(grid.voxels());
    for (auto& v : set) v = std::uniform_real_distribution<>()(random) < share ? 1 : 0;
    const std::vector<double> found = squared_distance(set, grid);
    for (int i = 0; i < static_cast<int>(set.size()); ++i) {
      double nearest = std::numeric_limits<double>::infinity();
      for (int j = 0; j < static_cast<int>(set.size()); ++j) {
        if (set[static_cast<std::size_t>(j)] == 0) continue;
        const int dx = i % 9 - j % 9, dy = i / 9 % 7 - j / 9 % 7, dz = i / 63 - j / 63;
        nearest = std::min(nearest, std::pow(0.2 * dx, 2) + std::pow(0.3 * dy, 2) + std::pow(0.5 * dz, 2));
      }
      ASSERT_NEAR(found[static_cast<std::size_t>(i)], nearest, 1e-9) << i;
    }
  }
  EXPECT_TRUE(std::isinf(squared_distance(std::vector<std::uint8_t>(grid.voxels()), grid).front()));
}

TEST(Morphology, ClosesWithoutLossAndWithoutTheImagesEdge) {
  const Grid grid = odd_grid();
  std::vector<std::uint8_t> set(grid.voxels());
  set[grid.index(0, 0, 0)] = set[grid.index(2, 0, 0)] = 1;
  const std::vector<std::uint8_t> result = closed(set, grid, 0.2);
  EXPECT_EQ(result[grid.index(0, 0, 0)], 1);  // at the edge: nothing is eroded from beyond
  EXPECT_EQ(result[grid.index(1, 0, 0)], 1);  // between two that are 0.4 cm apart
  EXPECT_EQ(std::count(result.begin(), result.end(), 1), 3);
  EXPECT_EQ(closed(set, grid, 0.1), set);
}

}  // namespace
}  // namespace ytterby
