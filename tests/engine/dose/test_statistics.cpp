#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "engine/base/error.h"
#include "engine/dose/statistics.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

void add(BatchSums& sums, std::vector<std::int64_t> batch) { sums.add(batch, 0, batch.size()); }

TEST(BatchSums, KnowsASmallExample) {
  BatchSums sums(3);
  add(sums, {1, 0, 5});
  add(sums, {2, 0, 5});
  add(sums, {6, 0, 5});
  // Mean 3, variance (4 + 1 + 9)/2 = 7, error sqrt(7/3).
  EXPECT_DOUBLE_EQ(sums.estimate(0, 3).mean, 3);
  EXPECT_DOUBLE_EQ(sums.estimate(0, 3).error, std::sqrt(7.0 / 3));
  EXPECT_EQ(sums.estimate(1, 3).mean, 0);
  EXPECT_TRUE(std::isnan(sums.estimate(1, 3).error));
  EXPECT_DOUBLE_EQ(sums.estimate(2, 3).mean, 5);
  EXPECT_EQ(sums.estimate(2, 3).error, 0);
  EXPECT_TRUE(std::isnan(sums.estimate(0, 1).error));
}

TEST(BatchSums, AgreesWithDoublesForLargeNumbers) {
  std::mt19937_64 random(7);
  constexpr int batches = 64;
  for (const int bits : {20, 40, 56}) {
    BatchSums sums(1);
    std::vector<double> samples;
    const std::int64_t base = std::int64_t{1} << bits;
    for (int b = 0; b < batches; ++b) {
      const auto x = base + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(base / 1000));
      add(sums, {x});
      samples.push_back(static_cast<double>(x));
    }
    const BatchSums::Estimate expected = mean_and_error(samples);
    EXPECT_NEAR(sums.estimate(0, batches).mean / expected.mean, 1, 1e-14);
    EXPECT_NEAR(sums.estimate(0, batches).error / expected.error, 1, 1e-9) << bits;
  }
}

// A spread of one quantum on 2^52: lost in double, exact in integers.
TEST(BatchSums, DoesNotCancel) {
  BatchSums sums(1);
  for (int b = 0; b < 4; ++b) add(sums, {(std::int64_t{1} << 52) + b % 2});
  EXPECT_DOUBLE_EQ(sums.estimate(0, 4).error, std::sqrt(1.0 / 3 / 4));
}

TEST(BatchSums, DoesNotDependOnTheOrder) {
  BatchSums forward(2), backward(2);
  for (std::int64_t b = 0; b < 10; ++b) add(forward, {b * b, 7 - b});
  for (std::int64_t b = 9; b >= 0; --b) add(backward, {b * b, 7 - b});
  for (const std::size_t v : {0u, 1u}) {
    EXPECT_EQ(forward.estimate(v, 10).mean, backward.estimate(v, 10).mean);
    EXPECT_EQ(forward.estimate(v, 10).error, backward.estimate(v, 10).error);
  }
}

TEST(BatchSums, AddsOnlyItsSlice) {
  BatchSums sums(4);
  sums.add(std::vector<std::int64_t>{1, 2, 3, 4}, 1, 3);
  EXPECT_EQ(sums.sum(), (std::vector<std::int64_t>{0, 2, 3, 0}));
}

TEST(BatchSums, RefusesToOverflow) {
  BatchSums sums(1);
  add(sums, {std::numeric_limits<std::int64_t>::max() / 2 + 1});
  try {
    add(sums, {std::numeric_limits<std::int64_t>::max() / 2 + 1});
    ADD_FAILURE() << "overflow was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::internal);
  }
}

TEST(MeanAndError, KnowsSmallExamples) {
  const std::vector<double> samples{1, 2, 6};
  EXPECT_DOUBLE_EQ(mean_and_error(samples).mean, 3);
  EXPECT_DOUBLE_EQ(mean_and_error(samples).error, std::sqrt(7.0 / 3));
  EXPECT_TRUE(std::isnan(mean_and_error({}).error));
  EXPECT_TRUE(std::isnan(mean_and_error(std::span(samples).first(1)).error));
}

TEST(SparseStructure, HasMassVolumeAndEnergyByFraction) {
  Phantom phantom = testing::uniform_phantom(testing::test_materials()[0], 1.0, {2, 2, 1}, {0.1, 0.2, 0.5});
  phantom.density = {1.0f, 0.5f, 2.0f, 4.0f};
  Structure structure{"half", Role::other, {1.0f, 0.0f, 0.5f, 0.25f}};
  const SparseStructure sparse(structure, phantom);
  EXPECT_NEAR(sparse.volume, 1.75 * 0.01, 1e-12);
  EXPECT_NEAR(sparse.mass, (1 + 1 + 1) * 0.01, 1e-12);
  EXPECT_DOUBLE_EQ(sparse.energy(std::vector<std::int64_t>{10, 1000, 20, 40}), 10 + 10 + 10);
  EXPECT_EQ(sparse.voxel, (std::vector<std::uint32_t>{0, 2, 3}));
}

}  // namespace
}  // namespace ytterby
