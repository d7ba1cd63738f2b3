// What the truth behind a corrected image may look like: where it fits its regions, and how uneven it is.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "tests/validation/ensemble/balls.h"
#include "validation/ensemble/blurred_regions.h"
#include "validation/ensemble/departures.h"
#include "validation/ensemble/fields.h"
#include "validation/ensemble/partial_volume.h"

namespace ytterby::validation {
namespace {

using test::ball;
using test::box_grid;

/// A hot ball in a warm one, off its middle.
struct TwoBalls {
  Grid grid = box_grid(32, 0.3);
  Regions regions = regions_of(std::vector<Structure>{{"liver", Role::liver, ball(grid, 3.6, {4.8, 4.8, 4.8}, 4)},
                                                      {"tumour", Role::tumour, ball(grid, 1.6, {4, 5, 4.6}, 4)}},
                               grid.voxels());
  [[nodiscard]] std::vector<double> image(double tumour, double liver) const {
    std::vector<double> result(grid.voxels());
    for (std::size_t v = 0; v < result.size(); ++v)
      result[v] = tumour * static_cast<double>(regions[0][v]) + liver * static_cast<double>(regions[1][v]);
    return result;
  }
};

TEST(Departures, are_scaled_and_leave_the_means) {
  const TwoBalls b;
  std::vector<double> image = b.image(4, 1);
  const std::vector<double> field = correlated_noise(b.grid, 1.0, 5, 0, 0);
  for (std::size_t v = 0; v < image.size(); ++v) image[v] *= 1 + 0.15 * field[v];
  const std::vector<double> mean = region_means(image, b.regions), square = departures_of(image, b.regions);
  EXPECT_NEAR(square[0], std::pow(0.15 * 4, 2), 0.3 * std::pow(0.15 * 4, 2));  // some ten volumes of noise
  const std::array<double, 3> kept{0.5, 0.25, 1};
  const std::vector<double> fewer = with_departures(image, b.regions, kept);
  const std::vector<double> its_mean = region_means(fewer, b.regions), its_square = departures_of(fewer, b.regions);
  for (std::size_t r = 0; r < 2; ++r) {
    EXPECT_NEAR(its_mean[r] / mean[r], 1, 1e-3);
    EXPECT_NEAR(its_square[r] / square[r], kept[r] * kept[r], 0.1 * kept[r]);  // voxels at edges are of two regions
  }
}

TEST(Departures, of_a_shift_say_where_it_was) {
  const TwoBalls b;
  const Vector3 shift{0.3, -0.2, 0.45}, sigma{0.3, 0.3, 0.5};
  std::vector<double> image = blurred(shifted(b.image(4, 1), b.grid, in_voxels(shift, b.grid)), b.grid, 0.6 * 0.4247);
  const std::vector<double> field = correlated_noise(b.grid, 0.6, 8, 0, 0);
  for (std::size_t v = 0; v < image.size(); ++v) image[v] *= 1 + 0.15 * field[v];
  const Vector3 found = fitting_shift(image, {b.regions, b.grid, 0.6}, b.grid, sigma);
  for (std::size_t a = 0; a < 3; ++a) EXPECT_NEAR(found[a], shift[a], 0.2 * sigma[a]) << a;
  // A shift that cannot be is not found.
  const Vector3 none = fitting_shift(image, {b.regions, b.grid, 0.6}, b.grid, {0, 0, 0.5});
  EXPECT_EQ(none[0], 0);
  EXPECT_EQ(none[1], 0);
}

TEST(Departures, say_which_share_brings_them) {
  const auto parabola = [](double k) { return 2 + 0.5 * k + 3 * k * k; };
  const std::array<double, 3> at{parabola(0), parabola(0.5), parabola(1)};
  EXPECT_NEAR(share_that_gives(parabola(0.3), at), 0.3, 1e-9);
  EXPECT_EQ(share_that_gives(1.5, at), 0);
  EXPECT_EQ(share_that_gives(9, at), 1);
}

/// Iterative Yang as the paper has it, every voxel and region written out.
std::vector<double> yang_in_full(const std::vector<double>& image, const Regions& regions, const Grid& grid,
                                 double fwhm) {
  Regions blurs;
  for (const std::vector<float>& region : regions) blurs.push_back(blurred(region, grid, fwhm * sigma_per_fwhm));
  std::vector<double> corrected = image;
  for (int i = 0; i < 10; ++i) {
    const std::vector<double> mean = region_activities(corrected, regions);
    for (std::size_t v = 0; v < image.size(); ++v) {
      double sharp = 0, blur = 0;
      for (std::size_t r = 0; r < regions.size(); ++r) {
        sharp += mean[r] * static_cast<double>(regions[r][v]);
        blur += mean[r] * static_cast<double>(blurs[r][v]);
      }
      corrected[v] = image[v] * (sharp / blur);
    }
  }
  return corrected;
}

/// Balls with a plane at the image's edge beside them, so that a blur meets it.
TEST(PartialVolume, is_what_the_iterations_give_written_out) {
  const Grid grid = box_grid(30, 0.3);
  std::vector<float> lungs(grid.voxels());
  for (int z = 0; z < 4; ++z)
    for (int i = 0; i < 900; ++i) lungs[grid.index(i % 30, i / 30, z)] = 1;
  const Regions regions = regions_of(std::vector<Structure>{{"lungs", Role::lung, lungs},
                                                            {"liver", Role::liver, ball(grid, 3.2, {4.5, 4.5, 5}, 4)},
                                                            {"near", Role::tumour, ball(grid, 1.1, {4, 5, 4.6}, 4)},
                                                            {"small", Role::tumour, ball(grid, 0.5, {6, 4, 5}, 4)}},
                                     grid.voxels());
  ASSERT_EQ(regions.size(), 5u);
  const std::array<double, 5> activity{4, 6, 1, 0.3, 0.05};
  std::vector<double> image(grid.voxels());
  for (std::size_t r = 0; r < regions.size(); ++r)
    for (std::size_t v = 0; v < image.size(); ++v) image[v] += activity[r] * static_cast<double>(regions[r][v]);
  image = blurred(image, grid, 0.7 * sigma_per_fwhm);
  const std::vector<double> field = correlated_noise(grid, 0.7, 12, 0, 0);
  for (std::size_t v = 0; v < image.size(); ++v) image[v] *= 1 + 0.15 * field[v];
  const std::vector<double> expected = yang_in_full(image, regions, grid, 0.6),
                            found = yang_corrected(image, regions, grid, 0.6);
  for (std::size_t v = 0; v < image.size(); ++v) EXPECT_NEAR(found[v], expected[v], 1e-4 * (expected[v] + 0.01)) << v;
  Regions blurs;
  for (const std::vector<float>& region : regions) blurs.push_back(blurred(region, grid, 0.6 * sigma_per_fwhm));
  const BlurredRegions both(regions, grid, 0.6);
  const std::vector<double> in_full = transfer_matrix_means(image, regions, blurs), kept = both.transfer_means(image);
  const std::vector<double> square = both.departures(image, kept);
  for (std::size_t r = 0; r < regions.size(); ++r) {
    EXPECT_NEAR(kept[r], in_full[r], 1e-5 * activity[0]) << r;
    double sum = 0, volume = 0;
    for (std::size_t v = 0; v < image.size(); ++v) {
      double model = 0;
      for (std::size_t k = 0; k < blurs.size(); ++k) model += kept[k] * static_cast<double>(blurs[k][v]);
      sum += static_cast<double>(regions[r][v]) * std::pow(image[v] - model, 2);
      volume += static_cast<double>(regions[r][v]);
    }
    EXPECT_NEAR(square[r], sum / volume, 1e-4 * sum / volume) << r;
    EXPECT_NEAR(both.volume(r), volume, 1e-6 * volume);
  }
}

/// Regions of one activity each, blurred: the transfer matrix gives them back, whatever lies beside them.
TEST(PartialVolume, has_a_transfer_matrix_that_undoes_the_blur) {
  const TwoBalls b;
  Regions blurs;
  for (const std::vector<float>& region : b.regions) blurs.push_back(blurred(region, b.grid, 0.7 * sigma_per_fwhm));
  const std::vector<double> image = blurred(b.image(7, 2), b.grid, 0.7 * sigma_per_fwhm);
  const std::vector<double> found = transfer_matrix_means(image, b.regions, blurs);
  EXPECT_NEAR(found[0], 7, 1e-4);
  EXPECT_NEAR(found[1], 2, 1e-4);
  EXPECT_NEAR(found[2], 0, 1e-4);
}

/// The check of the iterative correction: both say the same of a region, in an image with noise and a wrong place too.
TEST(PartialVolume, agrees_with_the_transfer_matrix) {
  const TwoBalls b;
  Regions blurs;
  for (const std::vector<float>& region : b.regions) blurs.push_back(blurred(region, b.grid, 0.7 * sigma_per_fwhm));
  for (std::uint64_t i = 0; i < 4; ++i) {
    const Vector3 shift{0.1 * static_cast<double>(i), 0, -0.1};
    std::vector<double> image =
        blurred(shifted(b.image(4, 1), b.grid, in_voxels(shift, b.grid)), b.grid, 0.7 * sigma_per_fwhm);
    const std::vector<double> field = correlated_noise(b.grid, 0.7, 21, i, 0);
    for (std::size_t v = 0; v < image.size(); ++v) image[v] *= 1 + 0.15 * field[v];
    const std::vector<double> matrix = transfer_matrix_means(image, b.regions, blurs);
    const std::vector<double> yang = region_activities(yang_corrected(image, b.regions, b.grid, 0.7), b.regions);
    const std::vector<double> seen = region_activities(image, b.regions);
    EXPECT_LT(seen[0], 0.92 * matrix[0]);
    EXPECT_NEAR(yang[0] / matrix[0], 1, 0.015);
    EXPECT_NEAR(yang[1] / matrix[1], 1, 0.015);
  }
}

}  // namespace
}  // namespace ytterby::validation
