// Contours that move, and the correction for an image's resolution.

#include <gtest/gtest.h>

#include <cmath>

#include "engine/physics/constants.h"
#include "tests/validation/ensemble/balls.h"
#include "validation/ensemble/blurred_regions.h"
#include "validation/ensemble/fields.h"
#include "validation/ensemble/moved_mask.h"
#include "validation/ensemble/partial_volume.h"

namespace ytterby::validation {
namespace {

using test::ball;
using test::box_grid;
using test::volume;

double ball_volume(double radius) { return 4.0 / 3 * constants::pi * std::pow(radius, 3); }

/// A surface that moves by d changes a ball's volume as its radius does, whatever the voxels.
TEST(MovableMask, changes_a_balls_volume_as_its_radius_does) {
  for (const double radius : {1.2, 2.0, 3.0}) {
    const Grid grid = box_grid(static_cast<int>(2 * (radius + 1) / 0.3), 0.3);
    const double middle = grid.shape[0] * 0.15;
    for (const int points : {1, 6}) {
      const std::vector<float> mask = ball(grid, radius, {middle, middle + 0.07, middle - 0.11}, points);
      const double own = volume(mask, grid), effective = std::cbrt(own / ball_volume(1));
      const MovableMask movable(mask, grid, 0.5);
      EXPECT_NEAR(volume(movable.moved(0), grid) / own, 1, 1e-3);
      for (const double d : {-0.3, -0.15, 0.15, 0.3, 0.45}) {
        const double change = (volume(movable.moved(d), grid) - own) / (ball_volume(effective + d) - own);
        EXPECT_NEAR(change, 1, points == 1 || radius < 1.5 ? 0.045 : 0.015)
            << radius << " cm, " << points << " points, " << d << " cm";
      }
    }
  }
}

TEST(MovableMask, keeps_a_plane_at_the_image_edge) {
  const Grid grid = box_grid(16, 0.3);
  std::vector<float> half(grid.voxels());
  for (std::size_t v = 0; v < half.size(); ++v) half[v] = v < half.size() / 2 ? 1.0F : 0.0F;
  const MovableMask movable(half, grid, 0.5);
  const double area = std::pow(16 * 0.3, 2);
  EXPECT_NEAR(volume(movable.moved(0.2), grid) - volume(half, grid), 0.2 * area, 0.01 * area);
  EXPECT_NEAR(volume(movable.moved(-0.2), grid) - volume(half, grid), -0.2 * area, 0.01 * area);
}

TEST(MovableMask, leaves_an_empty_mask_empty) {
  const Grid grid = box_grid(6, 0.3);
  const std::vector<float> none(grid.voxels());
  EXPECT_EQ(MovableMask(none, grid, 0.5).moved(0.4), none);
}

/// A hot ball in a warm liver, blurred: iterative Yang with the right resolution gives the activities back.
TEST(PartialVolume, gives_back_what_the_blur_took) {
  const Grid grid = box_grid(36, 0.3);
  const double middle = 36 * 0.15;
  const std::vector<float> tumour = ball(grid, 1.5, {middle, middle, middle}),
                           liver = ball(grid, 4, {middle, middle, middle});
  const std::vector<Structure> structures{{"liver", Role::liver, liver}, {"tumour", Role::tumour, tumour}};
  const auto regions = regions_of(structures, grid.voxels());
  ASSERT_EQ(regions.size(), 3u);
  for (std::size_t v = 0; v < grid.voxels(); ++v) EXPECT_NEAR(regions[0][v] + regions[1][v] + regions[2][v], 1, 1e-6);
  std::vector<double> truth(grid.voxels());
  for (std::size_t v = 0; v < truth.size(); ++v)
    truth[v] = 4.0 * static_cast<double>(regions[0][v]) + static_cast<double>(regions[1][v]);
  const auto mean = [&](const std::vector<double>& image, std::size_t region) {
    double sum = 0, all = 0;
    for (std::size_t v = 0; v < image.size(); ++v) {
      sum += image[v] * static_cast<double>(regions[region][v]);
      all += static_cast<double>(regions[region][v]);
    }
    return sum / all;
  };
  const std::vector<double> image = blurred(truth, grid, 0.6 * sigma_per_fwhm);
  const std::vector<double> corrected = yang_corrected(image, regions, grid, 0.6);
  EXPECT_LT(mean(image, 0), 0.93 * mean(truth, 0));
  EXPECT_NEAR(mean(corrected, 0) / mean(truth, 0), 1, 0.005);
  EXPECT_NEAR(mean(corrected, 1) / mean(truth, 1), 1, 0.01);
}

/// The recovery of a ball that is large beside the blur, by the area of its surface: 1 - 3 sigma / (R sqrt(2 pi)), with
/// the variance h^2 / 12 of a voxel in image, mask and resolution each.
TEST(PartialVolume, has_the_recovery_of_a_large_ball) {
  const Grid grid = box_grid(48, 0.25);
  const double middle = 48 * 0.125, sigma = std::sqrt(std::pow(0.6 * sigma_per_fwhm, 2) + 0.25 * 0.25 / 4), radius = 4;
  const double recovery = recovery_coefficient(ball(grid, radius, {middle, middle, middle}, 4), grid, 0.6);
  EXPECT_NEAR(recovery, 1 - 3 * sigma / radius / std::sqrt(2 * constants::pi), 0.0007);
}

}  // namespace
}  // namespace ytterby::validation
