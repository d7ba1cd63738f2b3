#include <gtest/gtest.h>

#include <cmath>

#include "engine/dose/voxel_uncertainty.h"

namespace ytterby {
namespace {

// Of 10 voxels one is mostly outside, one has less than half the mean: eight count.
TEST(VoxelUncertainty, OfVoxelsThatDecide) {
  DoseMap map;
  map.dose = {100, 100, 100, 100, 100, 100, 100, 100, 100, 40};
  map.uncertainty = {1, 2, 3, 4, 5, 6, 7, 8, 99, 99};
  const Structure s{"t", Role::tumour, {1, 1, 1, 1, 1, 1, 1, 0.5F, 0.49F, 1}};
  const VoxelUncertainty u = voxel_uncertainty(map, s, 95);
  EXPECT_EQ(u.voxels, 8u);
  EXPECT_DOUBLE_EQ(u.median, 0.04);  // half of them have at most this
  EXPECT_DOUBLE_EQ(u.p95, 0.08);
  EXPECT_DOUBLE_EQ(u.worst, 0.08);
  map.correlated.emplace();
  map.correlated->kernel_error.assign(10, 6);
  EXPECT_DOUBLE_EQ(voxel_uncertainty(map, s, 95).worst, 0.10);
  map.uncertainty[0] = std::nanf("");
  EXPECT_TRUE(std::isinf(voxel_uncertainty(map, s, 95).worst));
  EXPECT_EQ(voxel_uncertainty(map, s, 1000).voxels, 0u);
  EXPECT_TRUE(std::isnan(voxel_uncertainty(map, s, 1000).worst));
}

}  // namespace
}  // namespace ytterby
