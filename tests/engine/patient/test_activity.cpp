// Activity on the dose grid: negative voxels, relative scaling and the account.

#include <gtest/gtest.h>

#include <numeric>
#include <utility>

#include "engine/base/error.h"
#include "engine/patient/activity.h"

namespace ytterby {
namespace {

/// A row of voxels of 1 cm3 with the densities given.
Phantom row(std::vector<float> density) {
  Phantom phantom;
  phantom.grid.shape = {static_cast<int>(density.size()), 1, 1};
  phantom.grid.spacing = {1, 1, 1};
  phantom.density = std::move(density);
  phantom.material.assign(phantom.density.size(), 0);
  return phantom;
}

TEST(Activity, removes_negative_voxels_and_keeps_each_groups_total) {
  std::vector<double> values{5, -1, 3, 3, -2};
  EXPECT_EQ(remove_negative(values, {1, 1, 0, 0, 0}), -3);
  EXPECT_EQ(values, (std::vector<double>{4, 0, 2, 2, 0}));
}

TEST(Activity, spreads_what_a_negative_group_lacks_over_the_others) {
  std::vector<double> values{10, 1, -3};
  remove_negative(values, {1, 0, 0});
  EXPECT_EQ(values, (std::vector<double>{8, 0, 0}));
}

TEST(Activity, leaves_images_without_negative_voxels_alone) {
  std::vector<double> values{0.1, 0.2, 0.3};
  const std::vector<double> before = values;
  EXPECT_EQ(remove_negative(values, {0, 1, 2}), 0);
  EXPECT_EQ(values, before);
}

TEST(Activity, shares_out_relative_counts_and_the_lung_shunt) {
  const Phantom phantom = row({1, 1, 0.25F, 0.5F, 1});
  std::vector<double> counts{30, 10, 1, 1, 8};
  ActivityAccount account;
  // Voxel 1 is half inside; voxels 2 and 3 are lung; voxel 4 is elsewhere.
  scale_relative(counts, phantom, {100, 0.25, {1, 0.5F, 0, 0, 0}, {0, 0, 1, 1, 0}, 0}, account);
  EXPECT_NEAR(counts[0], 75 * 30.0 / 35, 1e-12);
  EXPECT_NEAR(counts[1], 75 * 5.0 / 35, 1e-12);
  EXPECT_NEAR(counts[2], 25 * 0.25 / 0.75, 1e-12);
  EXPECT_NEAR(counts[3], 25 * 0.5 / 0.75, 1e-12);
  EXPECT_EQ(counts[4], 0);
  EXPECT_NEAR(account.off_image, 0, 1e-12);
  EXPECT_NEAR(account.dropped_share, 1 - 37.0 / 50, 1e-12);
}

TEST(Activity, books_the_shunt_of_lungs_that_no_voxel_shows) {
  const Phantom phantom = row({1, 0.25F});
  std::vector<double> counts{1, 0};
  ActivityAccount account;
  scale_relative(counts, phantom, {100, 0.1, {1, 0}, {0, 1}, 1.0}, account);
  EXPECT_NEAR(counts[1], 10 * 0.25, 1e-12);
  EXPECT_NEAR(account.off_image, 7.5, 1e-12);
  std::vector<double> again{1, 0};
  EXPECT_THROW(scale_relative(again, phantom, {100, 0.1, {1, 0}, {0, 1}, 0.2}, account), Error);
  std::vector<double> none{0, 1};
  EXPECT_THROW(scale_relative(none, phantom, {100, 0.1, {1, 0}, {}, 0}, account), Error);
}

TEST(Activity, counts_activity_in_gas_and_beside_the_medium_as_overhang) {
  ActivityAccount account;
  account.off_grid = 1;
  take_account({10, 20, 40}, row({1, 0.01F, 0.5F}), {0, 0, 0.25F}, {1, 1, 0.5F}, account);
  EXPECT_NEAR(account.overhang, 1 + 20 + 20, 1e-12);
  EXPECT_NEAR(account.in_lungs, 10, 1e-12);
  EXPECT_NEAR(account.on_grid, 70, 1e-12);
}

}  // namespace
}  // namespace ytterby
