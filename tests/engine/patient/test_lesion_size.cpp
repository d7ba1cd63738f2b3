#include <gtest/gtest.h>

#include <array>
#include <cmath>

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
  double sum = 0;
  for (int i = 0; i < 8; ++i) {
    const double diameter = 7.7 + 0.13 * i, shift = 0.037 * i;
    const LesionSize size =
        lesion_size(ellipsoid(grid, {diameter / 2, diameter / 2, diameter / 2}, {5.9 + shift, 6 - shift, 5.8}));
    EXPECT_LE(size.full, diameter + 1e-9);
    EXPECT_GT(size.full, diameter - 0.5 * 0.3);
    EXPECT_LE(size.axial, size.full + 1e-12);
    EXPECT_GT(size.axial, diameter - 0.5 * 0.3);
    sum += (size.axial - diameter) / 0.3 / 8;
  }
  EXPECT_GT(sum, -0.25);
}

TEST(LesionSize, TellsTheAxialPlaneFromTheWhole) {
  const Image<float> image = ellipsoid(grid_of(50, 0.2), {2, 2.5, 4.5}, {5, 5, 5});
  const LesionSize size = lesion_size(image);
  EXPECT_NEAR(size.axial, 5.0, 0.2);
  EXPECT_NEAR(size.full, 9.0, 0.2);
}

TEST(LesionSize, FollowsThePatientsZ) {
  Image<float> image = ellipsoid(grid_of(50, 0.2), {4.5, 2.5, 2}, {5, 5, 5});
  image.grid.direction = {0, 0, 1, 0, 1, 0, 1, 0, 0};  // the image's x axis is the patient's z
  const LesionSize size = lesion_size(image);
  EXPECT_NEAR(size.axial, 5.0, 0.2);
  EXPECT_NEAR(size.full, 9.0, 0.2);
}

TEST(LesionSize, AgreesWithAllPairs) {
  // Two blobs and a spike, against every pair of voxels.
  Image<float> image = ellipsoid(grid_of(16, 0.5), {1.2, 1.6, 0.9}, {2, 2.5, 3});
  const Image<float> other = ellipsoid(image.grid, {0.9, 0.6, 1.1}, {5.5, 5, 4});
  for (std::size_t i = 0; i < image.values.size(); ++i) image.values[i] = std::max(image.values[i], other.values[i]);
  image.values[image.grid.index(15, 0, 7)] = 0.5F;
  image.values[image.grid.index(0, 15, 7)] = 0.49F;  // less than half inside
  double full = 0, axial = 0;
  const Grid& g = image.grid;
  for (std::size_t i = 0; i < image.values.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      if (image.values[i] < 0.5F || image.values[j] < 0.5F) continue;
      const auto at = [&](std::size_t v, std::size_t a) {
        const std::size_t n = 16;
        return static_cast<double>(a == 0 ? v % n : a == 1 ? v / n % n : v / n / n) * g.spacing[a];
      };
      const double d = std::hypot(at(i, 0) - at(j, 0), at(i, 1) - at(j, 1), at(i, 2) - at(j, 2));
      full = std::max(full, d);
      if (at(i, 2) == at(j, 2)) axial = std::max(axial, d);
    }
  const LesionSize size = lesion_size(image);
  EXPECT_DOUBLE_EQ(size.full, full);
  EXPECT_DOUBLE_EQ(size.axial, axial);
  EXPECT_EQ(lesion_size({g, std::vector<float>(g.voxels())}).full, 0);
}

}  // namespace
}  // namespace ytterby
