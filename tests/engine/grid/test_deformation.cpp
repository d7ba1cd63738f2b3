// Deformations: what is moved is accounted for.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/grid/deformation.h"
#include "engine/grid/grid_overlap.h"

namespace ytterby {
namespace {

Grid cube(int voxels, double spacing) {
  Grid grid;
  grid.shape = {voxels, voxels, voxels};
  grid.spacing = {spacing, spacing, spacing};
  grid.origin = {-spacing * (voxels - 1) / 2, -spacing * (voxels - 1) / 2, -spacing * (voxels - 1) / 2};
  return grid;
}

template <class Shift>
Deformation field_of(const Grid& grid, const Shift& shift) {
  Deformation field{grid, {}};
  for (int z = 0; z < grid.shape[2]; ++z) {
    for (int y = 0; y < grid.shape[1]; ++y) {
      for (int x = 0; x < grid.shape[0]; ++x) field.shift.push_back(shift(position(grid, x, y, z)));
    }
  }
  return field;
}

/// 1 within a box of -1 to 1 cm about the middle.
template <class T>
Image<T> box(const Grid& grid) {
  Image<T> image{grid, std::vector<T>(grid.voxels())};
  for (int z = 0; z < grid.shape[2]; ++z) {
    for (int y = 0; y < grid.shape[1]; ++y) {
      for (int x = 0; x < grid.shape[0]; ++x) {
        const Vector3 p = position(grid, x, y, z);
        const bool inside = std::all_of(p.begin(), p.end(), [](double v) { return std::abs(v) < 1; });
        image.values[grid.index(x, y, z)] = inside ? T{1} : T{0};
      }
    }
  }
  return image;
}

template <class T>
Vector3 centre_of(const Image<T>& image) {
  Vector3 sum{0, 0, 0};
  double all = 0;
  for (int z = 0; z < image.grid.shape[2]; ++z) {
    for (int y = 0; y < image.grid.shape[1]; ++y) {
      for (int x = 0; x < image.grid.shape[0]; ++x) {
        const auto v = static_cast<double>(image.values[image.grid.index(x, y, z)]);
        const Vector3 p = position(image.grid, x, y, z);
        for (std::size_t a = 0; a < 3; ++a) sum[a] += v * p[a];
        all += v;
      }
    }
  }
  for (double& v : sum) v /= all;
  return sum;
}

TEST(Deformation, ByAShiftKeepsVolumeAndContentAndMovesTheOtherWay) {
  // The CT's point p shows what lies at p + (5, 0, 0) mm: the box comes to lie at -5 mm.
  const Deformation field = field_of(cube(20, 0.3), [](const Vector3&) { return Vector3{0.5, 0, 0}; });
  const Deformed<float> mask = deform_mask(box<float>(cube(16, 0.25)), field);
  EXPECT_NEAR(mask.before, 8, 1e-9);
  EXPECT_NEAR(mask.after / mask.before, 1, 2e-3);
  EXPECT_NEAR(centre_of(mask.image)[0], -0.5, 2e-3);
  EXPECT_NEAR(centre_of(mask.image)[1], 0, 2e-3);
  EXPECT_NEAR(mask.smallest_stretch, 1, 1e-9);
  const Deformed<double> activity = deform_concentration(box<double>(cube(16, 0.25)), field);
  EXPECT_NEAR(activity.after / activity.before, 1, 2e-3);
}

TEST(Deformation, ThatShrinksConcentratesActivity) {
  // p shows what lies at 1.25 p: everything becomes smaller by 0.8 along each axis.
  const Deformation field = field_of(cube(24, 0.2), [](const Vector3& p) {
    return Vector3{0.25 * p[0], 0.25 * p[1], 0.25 * p[2]};
  });
  const Deformed<float> mask = deform_mask(box<float>(cube(16, 0.25)), field);
  EXPECT_NEAR(mask.after / mask.before, 0.8 * 0.8 * 0.8, 2e-3);
  EXPECT_NEAR(mask.smallest_stretch, 1.25 * 1.25 * 1.25, 1e-6);
  const Deformed<double> activity = deform_concentration(box<double>(cube(16, 0.25)), field);
  EXPECT_NEAR(activity.after / activity.before, 1, 4e-3);
  const double largest = *std::max_element(activity.image.values.begin(), activity.image.values.end());
  EXPECT_NEAR(largest, 1.953125, 1e-6);  // 1.25^3
}

TEST(Deformation, ThatMovesNothingChangesNothing) {
  Image<double> image{cube(9, 0.4), {}};
  for (std::size_t i = 0; i < image.grid.voxels(); ++i) image.values.push_back(static_cast<double>(i * i % 17));
  // On a grid of the image's own, a finer one, and a coarser one that is turned about z.
  Grid turned = cube(12, 0.7);
  turned.direction = {0.8, -0.6, 0, 0.6, 0.8, 0, 0, 0, 1};
  turned.origin = {-0.8 * 3.85 + 0.6 * 3.85, -0.6 * 3.85 - 0.8 * 3.85, -3.85};
  for (const Grid& grid : {cube(9, 0.4), cube(40, 0.11), turned}) {
    const Deformed<double> moved = deform_concentration(image, field_of(grid, [](const Vector3&) {
                                                          return Vector3{0, 0, 0};
                                                        }));
    ASSERT_EQ(moved.image.grid, image.grid);
    for (std::size_t i = 0; i < image.values.size(); ++i)
      ASSERT_NEAR(moved.image.values[i], image.values[i], 1e-9) << i;
  }
}

TEST(Deformation, ByPartsOfAVoxelSharesByVolume) {
  // Voxels of 4 mm, shifted by 1 mm: each shows three quarters of its own and a quarter of its neighbour.
  Image<double> image{cube(6, 0.4), std::vector<double>(216)};
  image.values[image.grid.index(3, 2, 2)] = 8;
  const Deformed<double> moved = deform_concentration(image, field_of(cube(6, 0.5), [](const Vector3&) {
                                                        return Vector3{0.1, 0, 0};
                                                      }));
  std::vector<double> values = moved.image.values;
  values.resize(3);  // the grid goes no farther than what is moved
  std::sort(values.rbegin(), values.rend());
  EXPECT_NEAR(values[0], 6, 1e-9);
  EXPECT_NEAR(values[1], 2, 1e-9);
  EXPECT_NEAR(values[2], 0, 1e-9);
  EXPECT_NEAR(moved.after, moved.before, 1e-9);
}

TEST(Deformation, ThatFoldsIsSeen) {
  const Deformation field = field_of(cube(20, 0.3), [](const Vector3& p) { return Vector3{-1.5 * p[0], 0, 0}; });
  EXPECT_LT(deform_mask(box<float>(cube(16, 0.25)), field).smallest_stretch, 0);
}

TEST(Deformation, LosesWhatItsGridDoesNotCover) {
  const Deformation field = field_of(cube(4, 0.25), [](const Vector3&) { return Vector3{0, 0, 0}; });
  const Deformed<double> activity = deform_concentration(box<double>(cube(16, 0.25)), field);
  EXPECT_NEAR(activity.after / activity.before, 1.0 / 8, 1e-9);
}

}  // namespace
}  // namespace ytterby
