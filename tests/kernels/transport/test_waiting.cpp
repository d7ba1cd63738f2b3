#include <gtest/gtest.h>

#include <cmath>

#include "kernels/geometry/shell_walk.h"
#include "kernels/transport/waiting.h"
#include "support/expect_statistics.h"
#include "support/generators.h"

namespace ytterby {
namespace {

Vec3 random_direction(testing::RandomWords& rng) {
  Vec3 d{};
  do {
    d = {static_cast<float>(rng.word()) * 0x1p-31f - 1, static_cast<float>(rng.word()) * 0x1p-31f - 1,
         static_cast<float>(rng.word()) * 0x1p-31f - 1};
  } while (dot(d, d) < 1e-3f);
  return d * (1 / std::sqrt(dot(d, d)));
}

struct Box {
  std::uint32_t words[60];
  GridView view;
  Box() {
    for (std::uint32_t& word : words) word = (float_bits(1.06f) & 0xffffff00u) | 2u;
    view = {{5, 4, 3}, {0.25f, 0.3f, 0.5f}, {words, 60}};
  }
};

TEST(WaitingElectron, ComesBackAsItWas) {
  const Box box;
  testing::RandomWords rng;
  testing::SampleMean drift_x, drift_share;
  for (int i = 0; i < 100000; ++i) {
    Electron e{};
    place_in_voxel(e, box.view, rng.word() % 60);
    place_uniformly(e, box.view, rng.word(), rng.word(), rng.word());
    e.direction = random_direction(rng);
    e.energy = rng.word();
    e.lineage = rng.word();
    e.step = rng.word() % step_counts;
    e.events = rng.word() % event_counts;
    e.angle_class = rng.word() % angle_classes;
    e.positron = (rng.word() & 1u) != 0;
    const float share = uniform_open(rng.word());
    e.strength_after = share * angle_class_strength[e.angle_class];
    const float to_hinge = uniform(rng.word());

    Electron back{};
    const float back_to_hinge = unpacked(back, box.view, packed(e, box.view, to_hinge));
    ASSERT_EQ(back_to_hinge, to_hinge);
    ASSERT_EQ(back.voxel, e.voxel);
    ASSERT_EQ(back.x + 5 * (back.y + 4 * back.z), e.voxel);
    ASSERT_EQ(back.energy, e.energy);
    ASSERT_EQ(back.lineage, e.lineage);
    ASSERT_EQ(back.step, e.step);
    ASSERT_EQ(back.events, e.events);
    ASSERT_EQ(back.angle_class, e.angle_class);
    ASSERT_EQ(back.positron, e.positron);
    ASSERT_EQ(back.material, 2u);
    ASSERT_NEAR(back.position.x, e.position.x, 0.25f / 65536);
    ASSERT_NEAR(back.position.y, e.position.y, 0.3f / 65536);
    ASSERT_NEAR(back.position.z, e.position.z, 0.5f / 65536);
    ASSERT_GT(dot(back.direction, e.direction), 1 - 1e-6f);
    ASSERT_NEAR(dot(back.direction, back.direction), 1.0f, 5e-7f);
    ASSERT_NEAR(back.strength_after / e.strength_after, 1.0f, 0.5f / (512 * share) + 1e-5f);  // half of a 512th
    drift_x.add(static_cast<double>(back.position.x - e.position.x));
    drift_share.add(static_cast<double>(back.strength_after - e.strength_after));
  }
  // Rounding must not push particles to one side.
  EXPECT_MEAN(drift_x, 0.0);
  EXPECT_MEAN_WITHIN(drift_share, 0.0, 1e-6);
}

TEST(WaitingElectron, TakesPlacesOnTheVoxelsFaces) {
  const Box box;
  Electron e{};
  place_in_voxel(e, box.view, 30);
  e.position = {0.25f, 0.0f, 0.5f};
  e.direction = {0, -1, 0};
  Electron back{};
  unpacked(back, box.view, packed(e, box.view, 0));
  EXPECT_EQ(back.voxel, 30u);
  EXPECT_LE(back.position.x, 0.25f);
  EXPECT_NEAR(back.position.x, 0.25f, 0.25f / 65536);
  EXPECT_NEAR(back.position.y, 0.0f, 0.3f / 65536);
  EXPECT_LE(back.position.z, 0.5f);
  EXPECT_EQ(back.direction.y, -1.0f);
}

TEST(WaitingElectron, ComesBackInShells) {
  const float radii[] = {0.1f, 0.3f, 5.0f};
  const ShellView shells{{radii, 3}, float_bits(1.0f) & 0xffffff00u};
  testing::RandomWords rng;
  for (int i = 0; i < 30000; ++i) {
    Electron e{};
    const std::uint32_t shell = rng.word() % 3;
    place_in_voxel(e, shells, shell);
    const float inner = inner_radius(shells, shell), thickness = radii[shell] - inner;
    const float r = inner + thickness * uniform(rng.word());
    e.position = random_direction(rng) * r;
    e.direction = random_direction(rng);
    Electron back{};
    unpacked(back, shells, packed(e, shells, 0.5f));
    ASSERT_EQ(back.x, shell);
    const Vec3 moved = back.position - e.position;
    ASSERT_LT(std::sqrt(dot(moved, moved)), 1.2e-4f * r + 2e-5f * thickness);
  }
}

}  // namespace
}  // namespace ytterby
