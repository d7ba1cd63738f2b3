#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "engine/patient/lesion_size.h"

namespace ytterby {
namespace {

/// An ellipsoid sampled at voxel centres; half axes and centre in cm.
Image<float> ellipsoid(const Grid& grid, const Vector3& half, const Vector3& centre) {
  Image<float> image{grid, std::vector<float>(grid.voxels())};
  for (int z = 0; z < grid.shape[2]; ++z)
    for (int y = 0; y < grid.shape[1]; ++y)
      for (int x = 0; x < grid.shape[0]; ++x) {
        const std::array<int, 3> index{x, y, z};
        double r = 0;
        for (std::size_t a = 0; a < 3; ++a) r += std::pow((index[a] * grid.spacing[a] - centre[a]) / half[a], 2);
        if (r <= 1) image.values[grid.index(x, y, z)] = 1;
      }
  return image;
}

Grid grid_of(int n, double spacing) {
  Grid grid;
  grid.shape = {n, n, n};
  grid.spacing = {spacing, spacing, spacing};
  return grid;
}

TEST(LesionSize, IsWithinAFractionOfAVoxelOfABall) {
  const Grid grid = grid_of(40, 0.3);
  double full = 0, axial = 0;
  for (int i = 0; i < 8; ++i) {
    const double diameter = 7.7 + 0.13 * i, shift = 0.037 * i;
    const LesionSize size =
        lesion_size(ellipsoid(grid, {diameter / 2, diameter / 2, diameter / 2}, {5.9 + shift, 6 - shift, 5.8}));
    EXPECT_LE(size.full.value, diameter + 0.3);
    EXPECT_GT(size.full.value, diameter - 0.5 * 0.3);
    EXPECT_LE(size.axial.value, size.full.value + 1e-12);
    EXPECT_GT(size.axial.value, diameter - 0.5 * 0.3);
    full += (size.full.value - diameter) / 0.3 / 8;
    axial += (size.axial.value - diameter) / 0.3 / 8;
  }
  RecordProperty("mean_axial_error_voxels", std::to_string(axial));
  RecordProperty("mean_full_error_voxels", std::to_string(full));
  EXPECT_GT(axial, -0.25);
  EXPECT_LT(axial, 0.6);
  EXPECT_LT(full, 0.7);
}

TEST(LesionSize, GoesFromOuterEdgeToOuterEdge) {
  // 4 x 3 x 2 voxels of 5 mm that are inside entirely: faces lie half a voxel beyond the outer centres. Along x alone
  // 20 mm; in the slice from face (0, 2.5) to (20, 12.5) mm, hypot(20, 10); in space hypot(20, 10, 5).
  const Grid grid = grid_of(8, 0.5);
  Image<float> image{grid, std::vector<float>(grid.voxels())};
  for (int z = 3; z < 5; ++z)
    for (int y = 2; y < 5; ++y)
      for (int x = 2; x < 6; ++x) image.values[grid.index(x, y, z)] = 1;
  image.values[grid.index(0, 7, 0)] = 0.1F;  // a mask of shares: taken as it is
  EXPECT_NEAR(lesion_size(image).axial.value, std::hypot(2.0, 1.0), 1e-6);
  EXPECT_NEAR(lesion_size(image).full.value, std::hypot(2.0, 1.0, 0.5), 1e-6);
  // Shares move the surface: from 1 to 0.4 it is at 0.5 / 0.6 of the way, from 0.75 to 0 at a third.
  Image<float> row{grid, std::vector<float>(grid.voxels())};
  row.values[grid.index(2, 2, 2)] = 0.75F;
  row.values[grid.index(3, 2, 2)] = 1;
  row.values[grid.index(4, 2, 2)] = 0.4F;
  EXPECT_NEAR(lesion_size(row).full.value, 0.5 * (1.0 / 3 + 1 + 0.5 / 0.6), 1e-6);
}

TEST(LesionSize, OfALesionAboveALimitIsAboveItOnCoarseVoxels) {
  // 83 mm on voxels of 5 mm, in nine places: above 80 mm in all of them.
  const Grid grid = grid_of(24, 0.5);
  for (int i = 0; i < 9; ++i) {
    const LesionSize size =
        lesion_size(ellipsoid(grid, {4.15, 4.15, 4.15}, {5.5 + 0.5 * i / 9, 5.7 + 0.5 * (i % 3) / 3, 5.6 + 0.05 * i}));
    EXPECT_GT(size.axial.value, 8.0) << i;
    EXPECT_GT(size.full.value, 8.0) << i;
  }
}

TEST(LesionParts, AreCountedAndMeasuredOneByOne) {
  // Two balls of 30 mm, 70 mm apart, in one mask: each 30 mm, not 100.
  const Grid grid = grid_of(60, 0.2);
  Image<float> image = ellipsoid(grid, {1.5, 1.5, 1.5}, {2.4, 6, 6});
  const Image<float> other = ellipsoid(grid, {1.3, 1.3, 1.3}, {9.4, 6, 6});
  for (std::size_t i = 0; i < image.values.size(); ++i) image.values[i] = std::max(image.values[i], other.values[i]);
  const std::vector<LesionPart> parts = lesion_parts(image, 0.2);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_NEAR(parts[0].size.full.value, 3.0, 0.2);
  EXPECT_NEAR(parts[0].volume, 4.0 / 3 * 3.14159 * std::pow(1.5, 3), 0.3);
  EXPECT_NEAR(parts[1].size.full.value, 2.6, 0.2);
  EXPECT_NEAR(parts[1].volume, 4.0 / 3 * 3.14159 * std::pow(1.3, 3), 0.4);
  EXPECT_GT(lesion_size(image).full.value, 9.5);
}

TEST(LesionParts, AreJoinedByTheClosing) {
  // Two slabs on 1 mm voxels. A closing by 2 mm fills a gap of 4 voxels, each within 2 mm of a slab, not one of 5.
  // Voxels that meet at an edge alone are apart without closing.
  const Grid grid = grid_of(24, 0.1);
  const auto slabs = [&](int gap) {
    Image<float> image{grid, std::vector<float>(grid.voxels())};
    for (int z = 2; z < 22; ++z)
      for (int y = 2; y < 22; ++y)
        for (int x = 2; x < 22; ++x) {
          if (x < 8 || x >= 8 + gap) image.values[grid.index(x, y, z)] = 1;
        }
    return image;
  };
  EXPECT_EQ(lesion_parts(slabs(4), 0.2).size(), 1u);
  EXPECT_EQ(lesion_parts(slabs(5), 0.2).size(), 2u);
  EXPECT_EQ(lesion_parts(slabs(1), 0).size(), 2u);
  Image<float> edge{grid, std::vector<float>(grid.voxels())};
  edge.values[grid.index(5, 5, 5)] = edge.values[grid.index(6, 6, 5)] = 1;
  EXPECT_EQ(lesion_parts(edge, 0).size(), 2u);
  edge.values[grid.index(6, 5, 5)] = 1;
  EXPECT_EQ(lesion_parts(edge, 0).size(), 1u);
}

TEST(LesionParts, ShareOutTheVolumeOfTheMask) {
  const Grid grid = grid_of(10, 0.5);
  Image<float> image{grid, std::vector<float>(grid.voxels())};
  image.values[grid.index(2, 2, 2)] = 1;
  image.values[grid.index(3, 2, 2)] = 0.3F;  // goes with its neighbour
  image.values[grid.index(7, 7, 7)] = 0.6F;
  const std::vector<LesionPart> parts = lesion_parts(image, 0);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_NEAR(parts[0].volume, 1.3 * 0.125, 1e-6);
  EXPECT_NEAR(parts[1].volume, 0.6 * 0.125, 1e-6);
}

TEST(LesionSize, TellsTheAxialPlaneFromTheWhole) {
  const Image<float> image = ellipsoid(grid_of(50, 0.2), {2, 2.5, 4.5}, {5, 5, 5});
  const LesionSize size = lesion_size(image);
  EXPECT_NEAR(size.axial.value, 5.0, 0.2);
  EXPECT_NEAR(size.full.value, 9.0, 0.2);
}

TEST(LesionSize, FollowsThePatientsZ) {
  Image<float> image = ellipsoid(grid_of(50, 0.2), {4.5, 2.5, 2}, {5, 5, 5});
  image.grid.direction = {0, 0, 1, 0, 1, 0, 1, 0, 0};  // the image's x axis is the patient's z
  const LesionSize size = lesion_size(image);
  EXPECT_NEAR(size.axial.value, 5.0, 0.2);
  EXPECT_NEAR(size.full.value, 9.0, 0.2);
}

TEST(LesionSize, AgreesWithAllPairs) {
  // Two blobs and a spike, against every pair of points where the mask's surface crosses a line between two centres.
  Image<float> image = ellipsoid(grid_of(16, 0.5), {1.2, 1.6, 0.9}, {2, 2.5, 3});
  const Image<float> other = ellipsoid(image.grid, {0.9, 0.6, 1.1}, {5.5, 5, 4});
  for (std::size_t i = 0; i < image.values.size(); ++i) image.values[i] = std::max(image.values[i], other.values[i]);
  image.values[image.grid.index(15, 0, 7)] = 0.6F;
  image.values[image.grid.index(0, 15, 7)] = 0.49F;  // less than half inside
  const Grid& g = image.grid;
  const auto at = [&](const std::array<int, 3>& i) {
    const bool on = std::all_of(i.begin(), i.end(), [](int k) { return k >= 0 && k < 16; });
    return on ? static_cast<double>(image.values[g.index(i[0], i[1], i[2])]) : 0.0;
  };
  std::vector<Vector3> points;
  std::vector<int> slice;  // of a point in a slice; -1 between slices
  for (int z = 0; z < 16; ++z)
    for (int y = 0; y < 16; ++y)
      for (int x = 0; x < 16; ++x)
        for (std::size_t a = 0; a < 3; ++a)
          for (const int step : {-1, 1}) {
            std::array<int, 3> here{x, y, z}, there{x, y, z};
            there[a] += step;
            if (at(here) < 0.5 || at(there) >= 0.5) continue;
            Vector3 p{x * 0.5, y * 0.5, z * 0.5};
            p[a] += 0.5 * step * (at(here) - 0.5) / (at(here) - at(there));
            points.push_back(p);
            slice.push_back(a == 2 ? -1 : z);
          }
  double full = 0, axial = 0;
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const double d =
          std::hypot(points[i][0] - points[j][0], points[i][1] - points[j][1], points[i][2] - points[j][2]);
      full = std::max(full, d);
      if (slice[i] >= 0 && slice[i] == slice[j]) axial = std::max(axial, d);
    }
  const LesionSize size = lesion_size(image);
  EXPECT_NEAR(size.full.value, full, 1e-12);
  EXPECT_NEAR(size.axial.value, axial, 1e-12);
  EXPECT_EQ(lesion_size({g, std::vector<float>(g.voxels())}).full.value, 0);
}

}  // namespace
}  // namespace ytterby
