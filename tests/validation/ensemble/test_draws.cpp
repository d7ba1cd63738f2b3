// Draws: streams of their own, the distributions that are stated, and what is done to an image.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "engine/base/error.h"
#include "validation/ensemble/draws.h"
#include "validation/ensemble/fields.h"
#include "validation/probability.h"

namespace ytterby::validation {
namespace {

Uncertainty everything() {
  Uncertainty u;
  u.activity = 0.05;
  u.shunt = 0.2;
  u.lung_mass = 0.1;
  u.density = 0.01;
  u.tumour_to_normal = 0.3;
  u.registration = {0.3, 0.3, 0.5};
  u.respiration = 0.4;
  u.contour = 0.15;
  u.psf = {0.5, 0.7};
  u.partial_volume = PartialVolume::yang;
  return u;
}

Grid grid_of(int x, int y, int z, double spacing) {
  Grid grid;
  grid.shape = {x, y, z};
  grid.spacing = {spacing, spacing, spacing};
  return grid;
}

TEST(Draws, of_one_source_do_not_move_with_another) {
  const DrawSizes sizes{2, 3};
  const Uncertainty all = everything();
  Uncertainty fewer = all;
  fewer.activity = fewer.shunt = 0;
  fewer.registration = {0.3, 0, 0.5};
  const Draw a = draw_sample(all, sizes, 7, 12), b = draw_sample(fewer, sizes, 7, 12);
  EXPECT_EQ(a.lung_mass, b.lung_mass);
  EXPECT_EQ(a.contour, b.contour);
  EXPECT_EQ(a.psf, b.psf);
  EXPECT_EQ(a.density, b.density);
  EXPECT_EQ(a.tumour_to_normal, b.tumour_to_normal);
  for (std::size_t s = 0; s < 2; ++s) {
    EXPECT_EQ(a.shift[s][0], b.shift[s][0]);
    EXPECT_EQ(a.shift[s][2], b.shift[s][2]);
    EXPECT_EQ(b.shift[s][1], 0);
  }
  EXPECT_EQ(b.activity, (std::vector<double>{1, 1}));
  EXPECT_EQ(b.shunt, 1);
}

TEST(Draws, are_common_to_sessions_or_apart_as_stated) {
  const Draw d = draw_sample(everything(), {2, 1}, 1, 5);
  EXPECT_NE(d.activity[0], d.activity[1]);
  EXPECT_NE(d.shift[0][0], d.shift[1][0]);
  Uncertainty breath;
  breath.respiration = 0.4;
  const Draw b = draw_sample(breath, {2, 1}, 1, 5);
  EXPECT_NE(b.shift[0][2], 0);
  EXPECT_EQ(b.shift[0], b.shift[1]);
}

TEST(Draws, have_the_width_that_is_stated) {
  const Uncertainty u = everything();
  constexpr int n = 20000;
  double logarithm = 0, shift = 0, contour = 0, psf = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const Draw d = draw_sample(u, {1, 1}, 3, i);
    logarithm += std::pow(std::log(d.shunt), 2);
    shift += std::pow(d.shift[0][0], 2);
    contour += std::pow(d.contour[0], 2);
    psf += std::pow(d.psf - 0.6, 2);
    EXPECT_GE(d.psf, 0.5);
    EXPECT_LE(d.psf, 0.7);
  }
  // A variance from n normal numbers has the relative standard error sqrt(2 / n); five of them.
  const double within = 5 * std::sqrt(2.0 / n);
  EXPECT_NEAR(logarithm / n / std::pow(lognormal_sigma(0.2), 2), 1, within);
  EXPECT_NEAR(shift / n / 0.09, 1, within);
  EXPECT_NEAR(contour / n / 0.0225, 1, within);
  EXPECT_NEAR(psf / n / (0.04 / 12), 1, within);
}

TEST(Draws, without_a_source_are_the_middle) {
  const Draw d = draw_sample({}, {2, 2}, 1, 1);
  EXPECT_TRUE(d.numbers.empty());
  EXPECT_EQ(d.activity, (std::vector<double>{1, 1}));
  EXPECT_EQ(d.contour, (std::vector<double>{0, 0}));
}

TEST(Fields, move_by_whole_voxels_exactly) {
  const Grid grid = grid_of(6, 5, 4, 0.3);
  std::vector<double> image(grid.voxels());
  image[grid.index(2, 2, 1)] = 3;
  image[grid.index(5, 2, 1)] = 1;  // leaves the grid
  const std::vector<double> moved = shifted(image, grid, {1, -1, 2});
  EXPECT_EQ(moved[grid.index(3, 1, 3)], 3);
  EXPECT_EQ(std::accumulate(moved.begin(), moved.end(), 0.0), 3);
}

/// A liver that the image cuts off takes activity with it: none is not what lies beyond.
TEST(Fields, go_on_beyond_the_grid_where_they_are_moved) {
  const Grid grid = grid_of(9, 7, 5, 0.3);
  std::vector<double> image(grid.voxels());
  for (std::size_t v = 0; v < image.size(); ++v) image[v] = static_cast<double>(v % 9);  // rises along x
  for (const Vector3& shift : {Vector3{0, 2.3, -1.7}, Vector3{0, -8, 6}}) {
    const std::vector<double> moved = shifted(image, grid, shift);
    for (std::size_t v = 0; v < image.size(); ++v) EXPECT_NEAR(moved[v], image[v], 1e-12);
  }
  const std::vector<double> moved = shifted(image, grid, {2, 0, 0});
  for (std::size_t v = 0; v < image.size(); ++v) EXPECT_NEAR(moved[v], v % 9 < 2 ? 0 : image[v] - 2, 1e-12);
}

TEST(Fields, move_a_blob_by_a_part_of_a_voxel) {
  const Grid grid = grid_of(24, 24, 24, 0.3);
  const auto blob = [&](const Vector3& at) {  // a normal distribution of 2 voxels
    std::vector<double> image(grid.voxels());
    for (int z = 0; z < 24; ++z)
      for (int y = 0; y < 24; ++y)
        for (int x = 0; x < 24; ++x)
          image[grid.index(x, y, z)] =
              std::exp(-(std::pow(x - at[0], 2) + std::pow(y - at[1], 2) + std::pow(z - at[2], 2)) / 8);
    return image;
  };
  const Vector3 shift{0.5, -1.25, 2.3};
  const std::vector<double> moved = shifted(blob({11, 12, 11}), grid, shift), wanted = blob({11.5, 10.75, 13.3});
  for (std::size_t v = 0; v < moved.size(); ++v) EXPECT_NEAR(moved[v], wanted[v], 0.012);
}

/// Replicates of three voxels: the sum over fields of products is their sample covariance.
TEST(Fields, of_replicates_have_their_covariance) {
  const std::vector<std::vector<float>> images{{1, 4, 2}, {3, 2, 2}, {2, 9, 2}, {6, 1, 2}};
  const auto covariance = [](const std::vector<std::vector<float>>& fields, std::size_t a, std::size_t b) {
    double sum = 0;
    for (const std::vector<float>& f : fields) sum += static_cast<double>(f[a]) * static_cast<double>(f[b]);
    return sum;
  };
  // By hand: means 3, 4, 2; squares 4 + 0 + 1 + 9, 0 + 4 + 25 + 9; products 0 + 0 - 5 - 9; over 3.
  const auto whole = noise_fields(images, ReplicatesAre::whole), parts = noise_fields(images, ReplicatesAre::parts);
  EXPECT_NEAR(covariance(whole, 0, 0), 14.0 / 3, 1e-5);
  EXPECT_NEAR(covariance(whole, 1, 1), 38.0 / 3, 1e-5);
  EXPECT_NEAR(covariance(whole, 0, 1), -14.0 / 3, 1e-5);
  EXPECT_EQ(covariance(whole, 2, 2), 0);
  EXPECT_NEAR(covariance(parts, 0, 1), -14.0 / 12, 1e-5);
  EXPECT_THROW(noise_fields({{1, 2}}, ReplicatesAre::whole), Error);
}

TEST(Fields, blur_along_all_axes_alike) {
  const Grid grid = grid_of(37, 23, 41, 0.3);  // no multiples of what is summed at a time
  std::vector<double> image(grid.voxels());
  image[grid.index(17, 11, 20)] = 1;
  image[grid.index(0, 0, 40)] = 2;
  const std::vector<double> blur = blurred(image, grid, 0.4);
  const std::vector<float> narrow = blurred(std::vector<float>(image.begin(), image.end()), grid, 0.4F);
  for (int d = 0; d < 6; ++d) {
    const double along_x = blur[grid.index(17 + d, 11, 20)];
    EXPECT_NEAR(blur[grid.index(17, 11 + d, 20)], along_x, 1e-15);
    EXPECT_NEAR(blur[grid.index(17, 11, 20 - d)], along_x, 1e-15);
    // A corner's voxel goes on beyond the grid along each axis.
    EXPECT_NEAR(blur[grid.index(d, 0, 40)], blur[grid.index(0, d, 40)], 1e-15);
    EXPECT_NEAR(blur[grid.index(d, 0, 40)], blur[grid.index(0, 0, 40 - d)], 1e-15);
  }
  for (std::size_t v = 0; v < blur.size(); ++v) EXPECT_NEAR(static_cast<double>(narrow[v]), blur[v], 1e-6);
}

TEST(Fields, follow_the_grids_axes) {
  Grid grid = grid_of(4, 4, 4, 0.25);
  grid.direction = {0, 1, 0, -1, 0, 0, 0, 0, 1};  // x of the grid is -y of the patient, y is x
  const Vector3 v = in_voxels({0.5, 0.25, -1}, grid);
  EXPECT_DOUBLE_EQ(v[0], -1);
  EXPECT_DOUBLE_EQ(v[1], 2);
  EXPECT_DOUBLE_EQ(v[2], -4);
}

TEST(Fields, blur_to_the_stated_width) {
  const Grid grid = grid_of(41, 1, 1, 0.2);
  std::vector<double> image(grid.voxels());
  image[20] = 1;
  const std::vector<double> blur = blurred(image, grid, 0.5);
  double sum = 0, square = 0;
  for (std::size_t i = 0; i < blur.size(); ++i) {
    sum += blur[i];
    square += blur[i] * std::pow((static_cast<double>(i) - 20) * 0.2, 2);
  }
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_NEAR(square, 0.25 + 0.04 / 12, 0.002);  // and the voxel's own width
}

TEST(Fields, have_noise_of_variance_one_that_is_correlated) {
  const Grid grid = grid_of(48, 48, 48, 0.3);
  const std::vector<double> field = correlated_noise(grid, 0.6, 4, 2, 0);
  double square = 0, neighbours = 0;
  int count = 0;
  for (int z = 4; z < 44; ++z)
    for (int y = 4; y < 44; ++y)
      for (int x = 4; x < 44; ++x) {
        square += std::pow(field[grid.index(x, y, z)], 2);
        neighbours += field[grid.index(x, y, z)] * field[grid.index(x + 1, y, z)];
        ++count;
      }
  EXPECT_NEAR(square / count, 1, 0.05);
  EXPECT_NEAR(neighbours / square, std::exp(-0.25 * std::pow(0.3 / (0.6 * sigma_per_fwhm), 2)), 0.03);
  EXPECT_NE(field, correlated_noise(grid, 0.6, 4, 3, 0));
  EXPECT_NE(field, correlated_noise(grid, 0.6, 4, 2, 1));
}

}  // namespace
}  // namespace ytterby::validation
