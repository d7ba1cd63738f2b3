// Resampling by overlap volume: totals, masses and uniform values stay, for flipped, permuted and oblique grids too.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "engine/grid/resample.h"

namespace ytterby {
namespace {

Grid make_grid(std::array<int, 3> shape, Vector3 spacing, Vector3 origin) {
  Grid grid;
  grid.shape = shape;
  grid.spacing = spacing;
  grid.origin = origin;
  return grid;
}

template <class T>
Image<T> noise(const Grid& grid, unsigned seed) {
  std::mt19937 generator(seed);
  Image<T> image{grid, std::vector<T>(grid.voxels())};
  for (T& value : image.values) value = static_cast<T>(generator() % 1000) / T(100);
  return image;
}

template <class T>
double total(const std::vector<T>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0, [](double s, T v) { return s + static_cast<double>(v); });
}

Grid rotated(Grid grid, double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  grid.direction = {c, -s, 0, s, c, 0, 0, 0, 1};
  return grid;
}

TEST(Resample, keeps_the_total_activity_when_the_target_covers_the_source) {
  const auto image = noise<double>(make_grid({11, 13, 7}, {0.484, 0.4839, 0.4826}, {0.3, -2, 5}), 1);
  const Grid to = make_grid({40, 40, 40}, {0.3, 0.3, 0.3}, {-2, -4, 3});
  const double before = total(image.values);
  EXPECT_NEAR(total(redistribute(image, to)), before, 1e-9 * before);
}

TEST(Resample, loses_just_the_activity_outside) {
  // Three voxels of 1 cm from x = 0 to 3; the target spans 0.5 to 2.5.
  const Image<double> image{make_grid({3, 1, 1}, {1, 1, 1}, {0.5, 0, 0}), {4, 10, 6}};
  const auto moved = redistribute(image, make_grid({2, 1, 1}, {1, 1, 1}, {1, 0, 0}));
  EXPECT_NEAR(moved[0], 2 + 5, 1e-12);
  EXPECT_NEAR(moved[1], 5 + 3, 1e-12);
}

TEST(Resample, averages_by_overlap_with_zero_beyond) {
  const Image<float> image{make_grid({2, 1, 1}, {1, 1, 1}, {0.5, 0, 0}), {1, 3}};
  const auto means = average(image, make_grid({3, 1, 1}, {0.75, 1, 1}, {0.375, 0, 0}));
  EXPECT_FLOAT_EQ(means[0], 1);
  EXPECT_FLOAT_EQ(means[1], (0.25F * 1 + 0.5F * 3) / 0.75F);
  EXPECT_FLOAT_EQ(means[2], 0.5F * 3 / 0.75F);
}

TEST(Resample, follows_flipped_and_permuted_axes_exactly) {
  const auto image = noise<float>(make_grid({4, 5, 6}, {1, 2, 3}, {0, 0, 0}), 2);
  // Target axis 0 runs along -z, axis 1 along x, axis 2 along -y of the source; voxels coincide.
  Grid to = make_grid({6, 4, 5}, {3, 1, 2}, {0, 8, 15});
  to.direction = {0, 1, 0, 0, 0, -1, -1, 0, 0};
  const auto moved = average(image, to);
  for (int z = 0; z < 6; ++z) {
    for (int y = 0; y < 5; ++y) {
      for (int x = 0; x < 4; ++x) {
        EXPECT_FLOAT_EQ(moved[to.index(5 - z, x, 4 - y)], image.values[image.grid.index(x, y, z)]);
      }
    }
  }
}

TEST(Resample, takes_faces_that_differ_by_rounding_as_the_same) {
  const auto image = noise<double>(make_grid({10, 10, 10}, {0.3, 0.3, 0.3}, {-17.1, 4, 9}), 3);
  Grid to = image.grid;
  to.origin[0] += 1e-6;
  to.spacing[2] += 1e-8;
  EXPECT_EQ(redistribute(image, to), image.values);
}

TEST(Resample, keeps_totals_exactly_and_uniform_values_on_oblique_grids) {
  const Grid from = make_grid({12, 12, 12}, {0.4, 0.4, 0.4}, {-2.2, -2.2, -2.2});
  const Grid to = rotated(make_grid({40, 40, 40}, {0.3, 0.3, 0.3}, {-4, -7, -6}), 0.35);
  ASSERT_FALSE(GridOverlap(from, to).exact());
  const auto activity = noise<double>(from, 4);
  EXPECT_NEAR(total(redistribute(activity, to)), total(activity.values), 1e-9 * total(activity.values));
  const auto share = coverage(from, to);
  const double volume = total(share) * to.voxel_volume();
  EXPECT_NEAR(volume, std::pow(4.8, 3), 0.005 * std::pow(4.8, 3));
  EXPECT_EQ(share[to.index(19, 19, 19)], 1.0F);
}

TEST(Resample, preserves_mass_and_picks_the_material_with_most_of_it) {
  const Grid from = make_grid({2, 1, 1}, {1, 1, 1}, {0.5, 0, 0});
  const auto voxel = [](std::size_t i) { return i == 0 ? VoxelMedium{0.2F, 7} : VoxelMedium{1.0F, 3}; };
  // 0.75 cm of 0.2 g/cm3 weighs less than 0.25 cm of 1 g/cm3.
  const Medium medium = average_medium(from, make_grid({3, 1, 1}, {1, 1, 1}, {0.75, 0, 0}), voxel);
  EXPECT_FLOAT_EQ(medium.density[0], 0.75F * 0.2F + 0.25F);
  EXPECT_EQ(medium.material[0], 3);
  EXPECT_FLOAT_EQ(medium.density[1], 0.75F);
  EXPECT_FLOAT_EQ(medium.density[2], 0);
}

TEST(Resample, preserves_mass_of_a_noisy_ct) {
  const auto density = noise<float>(make_grid({31, 29, 23}, {0.0977, 0.0977, 0.2}, {0, 0, 0}), 5);
  const Grid to = make_grid({14, 14, 20}, {0.3, 0.3, 0.3}, {-0.4, -0.4, -0.5});
  const auto voxel = [&](std::size_t i) { return VoxelMedium{density.values[i], 0}; };
  const Medium medium = average_medium(density.grid, to, voxel);
  const double before = total(density.values) * density.grid.voxel_volume();
  EXPECT_NEAR(total(medium.density) * to.voxel_volume(), before, 1e-6 * before);
  EXPECT_NEAR(total(average(density, to)) * to.voxel_volume(), before, 1e-5 * before);
}

}  // namespace
}  // namespace ytterby
