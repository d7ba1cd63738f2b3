#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/math.h"
#include "kernels/vec3.h"
#include "support/expect_statistics.h"
#include "support/generators.h"

namespace ytterby {
namespace {

Vec3 random_direction(testing::RandomWords& rng) {
  const float c = 2.0f * static_cast<float>(rng.word()) * 0x1p-32f - 1.0f;
  const float s = std::sqrt(std::max(1.0f - c * c, 0.0f));
  const SineCosine phi = sine_cosine_of_turn(rng.word());
  return {s * phi.cosine, s * phi.sine, c};
}

double length(Vec3 v) { return std::sqrt(static_cast<double>(dot(v, v))); }

TEST(Rotated, KeepsUnitLengthAndTurnsByTheAngle) {
  testing::RandomWords rng;
  Vec3 d{0, 0, 1};
  for (int i = 0; i < 1'000'000; ++i) {
    const float c = 2.0f * static_cast<float>(rng.word()) * 0x1p-32f - 1.0f;
    const float s = std::sqrt(std::max(1.0f - c * c, 0.0f));
    const SineCosine phi = sine_cosine_of_turn(rng.word());
    const Vec3 turned = rotated(d, c, s, phi.cosine, phi.sine);
    ASSERT_NEAR(length(turned), 1, 3e-7) << i;
    ASSERT_NEAR(dot(turned, d), c, 1e-6f) << i;
    d = turned;  // a million turns one after the other: errors must not add up
  }
}

TEST(Rotated, HasNoTroubleNearThePoles) {
  for (const float z : {1.0f, -1.0f, 0.0f, -0.0f, 0.99999994f, -0.99999994f}) {
    const float rest = std::sqrt(std::max(1.0f - z * z, 0.0f));
    for (const Vec3 d : {Vec3{rest, 0, z}, Vec3{0, -rest, z}}) {
      for (std::uint32_t turn = 0; turn < 16; ++turn) {
        const SineCosine phi = sine_cosine_of_turn(turn << 28);
        const Vec3 turned = rotated(d, 0.6f, 0.8f, phi.cosine, phi.sine);
        ASSERT_NEAR(length(turned), 1, 3e-7);
        ASSERT_NEAR(dot(turned, d), 0.6f, 5e-7f);
      }
    }
  }
}

TEST(Rotated, AzimuthIsEven) {
  testing::RandomWords rng;
  const Vec3 d = random_direction(rng);
  testing::SampleMean x, y, z;
  for (int i = 0; i < 200000; ++i) {
    const SineCosine phi = sine_cosine_of_turn(rng.word());
    const Vec3 turned = rotated(d, 0.5f, std::sqrt(0.75f), phi.cosine, phi.sine);
    x.add(static_cast<double>(turned.x));
    y.add(static_cast<double>(turned.y));
    z.add(static_cast<double>(turned.z));
  }
  EXPECT_MEAN(x, 0.5 * static_cast<double>(d.x));
  EXPECT_MEAN(y, 0.5 * static_cast<double>(d.y));
  EXPECT_MEAN(z, 0.5 * static_cast<double>(d.z));
}

TEST(Rotated, OppositeAzimuthsBalance) {
  // Primary and secondary of a collision leave in one plane: transverse parts point opposite ways.
  testing::RandomWords rng;
  for (int i = 0; i < 1000; ++i) {
    const Vec3 d = random_direction(rng);
    const SineCosine phi = sine_cosine_of_turn(rng.word());
    const Vec3 a = rotated(d, 0.8f, 0.6f, phi.cosine, phi.sine) - d * 0.8f;
    const Vec3 b = rotated(d, 0.8f, 0.6f, -phi.cosine, -phi.sine) - d * 0.8f;
    ASSERT_NEAR(length(a + b), 0, 1e-6);
  }
}

TEST(Renormalised, BringsAVectorBackToUnitLength) {
  const Vec3 v = renormalised({0.6003f, 0.0f, 0.8004f});
  EXPECT_NEAR(length(v), 1, 1e-6);
}

}  // namespace
}  // namespace ytterby
