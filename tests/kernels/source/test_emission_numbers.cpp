#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/tables/source_tables.h"
#include "kernels/source/emission_numbers.h"
#include "support/expect_statistics.h"

namespace ytterby {
namespace {

/// Six numbers of a history: place, direction, energy.
std::array<std::uint32_t, 6> words_of(const EmissionNumbers& n) {
  return {n.place[0], n.place[1], n.place[2], n.polar, n.azimuth, n.energy};
}

struct Emitting {
  SourceTables tables;
  SourceView source;
  explicit Emitting(std::uint64_t per_batch) {
    Source one;
    one.voxels = VoxelSource{{1.0}};
    Grid grid;
    grid.shape = {1, 1, 1};
    grid.spacing = {1, 1, 1};
    tables = build_source_tables(one, grid);
    source = tables.view();
    source.share_out(per_batch);
  }
  [[nodiscard]] EmissionNumbers numbers(std::uint64_t history, std::uint64_t seed = 1) const {
    return emission_numbers(source, stream_of(seed, history));
  }
};

/// Every cell of a division of the unit cube of two dimensions into 2^a by 2^b parts has one of 2^(a+b) points.
bool each_cell_once(const std::vector<std::array<std::uint32_t, 6>>& points, std::size_t i, std::size_t j, int a,
                    int b) {
  std::vector<int> seen(points.size());
  for (const auto& p : points) {
    const std::size_t x = a == 0 ? 0 : p[i] >> (32 - a), y = b == 0 ? 0 : p[j] >> (32 - b);
    ++seen[x << b | y];
  }
  return std::all_of(seen.begin(), seen.end(), [](int n) { return n == 1; });
}

TEST(EmissionNumbers, TakeEveryPartOfTheActivityOnce) {
  constexpr std::uint64_t per_batch = 1000;
  const Emitting e(per_batch);
  for (std::uint64_t batch = 0; batch < 5; ++batch) {
    std::vector<int> seen(per_batch);
    for (std::uint64_t h = 0; h < per_batch; ++h) {
      const long double place = static_cast<long double>(e.numbers(batch * per_batch + h).voxel) * 0x1p-64L;
      ++seen[static_cast<std::size_t>(place * per_batch)];
    }
    EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](int n) { return n == 1; })) << batch;
  }
}

// What makes a Sobol sequence one, and what nested scrambling keeps.
TEST(EmissionNumbers, FillEachDimensionAndPairsOfThemEvenly) {
  const Emitting e(1u << 16);
  for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{3} << 10, (std::uint64_t{7} << 16) + 1024}) {
    std::vector<std::array<std::uint32_t, 6>> points;
    for (std::uint64_t h = 0; h < 1024; ++h) points.push_back(words_of(e.numbers(first + h)));
    for (std::size_t d = 0; d < 6; ++d) EXPECT_TRUE(each_cell_once(points, d, d, 10, 0)) << d;
    for (int a = 0; a <= 10; ++a) EXPECT_TRUE(each_cell_once(points, 0, 1, a, 10 - a)) << a;  // a (0,2)-sequence
  }
}

// Every history's numbers by themselves are uniform from batch to batch, and so are those of a history and its
// neighbour: no bias.
TEST(EmissionNumbers, AreUniformOverTheBatches) {
  const Emitting e(64);
  constexpr std::size_t batches = 40000;
  for (const std::uint64_t index : {0u, 1u, 37u}) {
    std::array<std::vector<double>, 7> samples;
    testing::SampleMean product[6];  // of a number and the next history's, less 1/2 each
    for (std::uint64_t batch = 0; batch < batches; ++batch) {
      const EmissionNumbers n = e.numbers(batch * 64 + index);
      const auto words = words_of(n);
      for (std::size_t d = 0; d < 6; ++d) samples[d].push_back((words[d] + 0.5) * 0x1p-32);
      samples[6].push_back(static_cast<double>(n.voxel) * 0x1p-64 * 64 - static_cast<double>(index));
      for (std::size_t d = 0; d < 6; ++d)
        product[d].add((samples[d].back() - 0.5) * (samples[(d + 1) % 6].back() - 0.5));
    }
    for (auto& list : samples)
      EXPECT_TRUE(testing::samples_follow(list, [](double x) { return std::clamp(x, 0.0, 1.0); })) << index;
    for (const auto& mean : product) EXPECT_MEAN(mean, 0.0);
  }
}

TEST(EmissionNumbers, AreOthersInEveryBatchAndForEverySeed) {
  const Emitting e(64);
  EXPECT_NE(words_of(e.numbers(5)), words_of(e.numbers(64 + 5)));
  EXPECT_NE(words_of(e.numbers(5)), words_of(e.numbers(5, 2)));
  EXPECT_NE(e.numbers(5).voxel, e.numbers(64 + 5).voxel);
  EXPECT_EQ(words_of(e.numbers(5)), words_of(e.numbers(5)));
}

// Also where the batch's number is not a whole multiple in binary, and far out.
TEST(EmissionNumbers, FindTheBatchOfAnyHistory) {
  for (const std::uint64_t per_batch : {1ull, 2ull, 3ull, 7ull, 1000ull, 1562500ull, (1ull << 31) - 1, 1ull << 31}) {
    const Emitting e(per_batch);
    for (const std::uint64_t batch : {0ull, 1ull, 2ull, 63ull, 4095ull}) {
      const std::uint64_t first = batch * per_batch, last = first + per_batch - 1;
      EXPECT_LE(e.numbers(first).voxel, e.source.stratum) << per_batch << " " << batch;
      EXPECT_GE(e.numbers(last).voxel, (per_batch - 1) * e.source.stratum) << per_batch << " " << batch;
    }
  }
}

TEST(EmissionNumbers, OfABatchOfOneAreRandom) {
  const Emitting e(1);
  std::vector<double> places;
  for (std::uint64_t h = 0; h < 20000; ++h) places.push_back(static_cast<double>(e.numbers(h).voxel) * 0x1p-64);
  EXPECT_TRUE(testing::samples_follow(places, [](double x) { return std::clamp(x, 0.0, 1.0); }));
}

}  // namespace
}  // namespace ytterby
