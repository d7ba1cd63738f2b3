// Derived structures and dose-volume histograms with fractional voxels.

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "engine/dose/dvh.h"
#include "engine/grid/crop.h"
#include "engine/patient/structures.h"

namespace ytterby {
namespace {

Grid row(int voxels) {
  Grid grid;
  grid.shape = {voxels, 1, 1};
  grid.spacing = {1, 1, 1};
  return grid;
}

const Structure& find(const std::vector<Structure>& all, const std::string& name) {
  for (const Structure& s : all) {
    if (s.name == name) return s;
  }
  throw std::runtime_error("no structure " + name);
}

TEST(Structures, derives_what_the_contract_names) {
  const std::vector<Structure> own{{"liver", Role::liver, {1, 1, 1, 1, 0}},
                                   {"a", Role::tumour, {1, 0, 0, 0, 1}},
                                   {"b", Role::tumour, {0, 0.5F, 0, 0, 0}},
                                   {"lobe", Role::perfused, {1, 1, 1, 0, 1}}};
  const std::vector<Structure> derived = derived_structures(own);
  ASSERT_EQ(derived.size(), 4u);
  EXPECT_EQ(find(derived, "tumours").fraction, (std::vector<float>{1, 0.5F, 0, 0, 1}));
  EXPECT_EQ(find(derived, "normal-liver").fraction, (std::vector<float>{0, 0.5F, 1, 1, 0}));
  EXPECT_EQ(find(derived, "perfused-normal").fraction, (std::vector<float>{0, 0.5F, 1, 0, 0}));
  EXPECT_EQ(find(derived, "spared-liver").fraction, (std::vector<float>{0, 0, 0, 1, 0}));
}

TEST(Structures, derives_nothing_from_parts_that_are_not_there) {
  EXPECT_TRUE(derived_structures(std::vector<Structure>{{"x", Role::other, {1}}}).empty());
  EXPECT_EQ(derived_structures(std::vector<Structure>{{"p", Role::perfused, {1}}, {"t", Role::tumour, {1}}}).size(),
            1u);
}

TEST(Structures, finds_tumours_that_overlap) {
  const Structure a{"a", Role::tumour, {1, 1, 0}}, b{"b", Role::tumour, {0, 0.5F, 1}}, c{"c", Role::tumour, {0, 0, 1}};
  const auto overlaps = overlapping_tumours(std::vector<Structure>{a, b}, row(3));
  ASSERT_EQ(overlaps.size(), 1u);
  EXPECT_NEAR(overlaps[0].volume, 0.5, 1e-12);
  EXPECT_TRUE(overlapping_tumours(std::vector<Structure>{a, c}, row(3)).empty());
}

TEST(Structures, measures_the_distance_to_the_edge) {
  EXPECT_EQ(distance_to_edge({1, 0, 0}, row(3)), 0);
  Grid grid = row(5);
  grid.shape = {5, 5, 5};
  std::vector<float> fraction(125, 0.0F);
  fraction[grid.index(2, 1, 2)] = 0.1F;
  EXPECT_EQ(distance_to_edge(fraction, grid), 1);
  fraction[grid.index(4, 2, 2)] = 0.9e-3F;  // what rounding leaves
  EXPECT_EQ(distance_to_edge(fraction, grid), 1);
  fraction[grid.index(4, 2, 2)] = 1.1e-3F;
  EXPECT_EQ(distance_to_edge(fraction, grid), 0);
}

TEST(Structures, cuts_images_to_their_content_and_back) {
  Image<float> image{row(5), {0, 0, 3, 4, 0}};
  const Box box = content_box(image);
  EXPECT_EQ(box.low[0], 2);
  EXPECT_EQ(box.high[0], 3);
  const Image<float> part = cut(image, {}, box);
  EXPECT_EQ(part.values, (std::vector<float>{3, 4}));
  EXPECT_EQ(part.grid.origin[0], 2);
  EXPECT_EQ(cut(part, box, {{0, 0, 0}, {4, 0, 0}}).values, image.values);
  EXPECT_TRUE(content_box({row(2), {0, 0}}).empty());
}

TEST(Dvh, counts_voxels_by_the_volume_inside) {
  const DoseVolume volume({10, 20, 30, 99}, {"s", Role::tumour, {1, 0.5F, 0.5F, 0}}, {1, 1, 1, 1});
  EXPECT_EQ(volume.dose_to(1.0), 10);
  EXPECT_EQ(volume.dose_to(0.5), 20);
  EXPECT_EQ(volume.dose_to(0.25), 30);
  EXPECT_NEAR(volume.volume_above(20), 0.5, 1e-12);
  EXPECT_NEAR(volume.volume_above(30.1), 0, 1e-12);
  const Dvh dvh = volume.histogram("s", 4);
  EXPECT_EQ(dvh.dose, (std::vector<float>{0, 10, 20, 30}));
  EXPECT_EQ(dvh.volume_fraction, (std::vector<float>{1, 1, 0.5F, 0.25F}));
}

TEST(Dvh, leaves_gas_out_of_structures_of_role_other_alone) {
  const std::vector<float> dose{10, 1000}, density{1, 0.001F};
  EXPECT_EQ(DoseVolume(dose, {"s", Role::other, {1, 1}}, density).dose_to(0.01), 10);
  EXPECT_EQ(DoseVolume(dose, {"s", Role::lung, {1, 1}}, density).dose_to(0.01), 1000);
  EXPECT_TRUE(std::isnan(DoseVolume(dose, {"s", Role::other, {0, 1}}, density).dose_to(0.5)));
}

}  // namespace
}  // namespace ytterby
