#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "engine/base/error.h"
#include "engine/tables/source_tables.h"
#include "kernels/source/emit.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

Grid grid_of(int x, int y, int z) {
  Grid grid;
  grid.shape = {x, y, z};
  grid.spacing = {0.1, 0.1, 0.1};
  return grid;
}

Source with_activity(std::vector<double> activity) {
  Source source;
  source.voxels = VoxelSource{std::move(activity)};
  return source;
}

template <class Build>
void expect_refused(Fault fault, Build build) {
  try {
    build();
    ADD_FAILURE() << "was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), fault) << error.what();
  }
}

// A voxel's part of the total is its share of the activity: no sampling needed.
TEST(CumulativeActivity, HoldsTheSharesExactly) {
  std::vector<double> activity(1000);
  double total = 0;
  for (std::size_t v = 0; v < activity.size(); ++v) {
    activity[v] = v % 7 == 0 ? 0 : std::exp(10 * std::sin(static_cast<double>(v)));
    total += activity[v];
  }
  const SourceTables tables = build_source_tables(with_activity(activity), grid_of(20, 10, 5));
  std::vector<double> share(1000);
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < tables.voxel.size(); ++i) {
    share[tables.voxel[i]] += static_cast<double>(tables.below[i] - before) * 0x1p-64;
    before = tables.below[i];
  }
  EXPECT_EQ(before, ~std::uint64_t{0});
  for (std::size_t v = 0; v < 1000; ++v) EXPECT_NEAR(share[v], activity[v] / total, 1e-12) << v;
}

// Of two neighbours in the list a place between their parts belongs to the second, also where parts are tiny.
TEST(CumulativeActivity, FindsThePlacesOfEveryVoxel) {
  std::vector<double> activity(1000, 1e-9);
  activity[3] = activity[700] = 1;
  for (std::size_t v = 800; v < 1000; ++v) activity[v] = 0.01;
  const SourceTables tables = build_source_tables(with_activity(activity), grid_of(10, 10, 10));
  const SourceView view = tables.view();
  EXPECT_EQ(source_entry(view, 0), 0u);
  EXPECT_EQ(source_entry(view, ~std::uint64_t{0}), 999u);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(source_entry(view, tables.below[i]), i);
    ASSERT_EQ(source_entry(view, tables.below[i] - 1000), i);
    ASSERT_EQ(source_entry(view, tables.below[i] + (i < 999)), std::min(i + 1, 999u));
  }
}

TEST(CumulativeActivity, TakesOneVoxel) {
  const SourceTables tables = build_source_tables(with_activity({0, 0, 3, 0}), grid_of(4, 1, 1));
  ASSERT_EQ(tables.voxel.size(), 1u);
  EXPECT_EQ(tables.voxel[0], 2u);
  for (const std::uint64_t place : {std::uint64_t{0}, std::uint64_t{1} << 63, ~std::uint64_t{0}})
    EXPECT_EQ(source_entry(tables.view(), place), 0u);
  EXPECT_NEAR(tables.decays, 3 * 64.05 * 3600 / std::log(2.0), 1e-6);
}

// Every aligned cube of two voxels' side is together in the list.
TEST(CumulativeActivity, KeepsNeighboursTogether) {
  const SourceTables tables =
      build_source_tables(with_activity(std::vector<double>(20 * 12 * 10, 1.0)), grid_of(20, 12, 10));
  ASSERT_EQ(tables.voxel.size(), 2400u);
  std::set<std::uint32_t> all(tables.voxel.begin(), tables.voxel.end());
  EXPECT_EQ(all.size(), 2400u);
  for (std::size_t i = 0; i < 2400; i += 8)
    for (std::size_t k = 1; k < 8; ++k) {
      const auto cube = [&](std::uint32_t v) { return std::array{v % 20 / 2, v / 20 % 12 / 2, v / 240 / 2}; };
      ASSERT_EQ(cube(tables.voxel[i]), cube(tables.voxel[i + k])) << i;
    }
}

TEST(SourceTables, RefusesActivityThatIsNone) {
  const Grid grid = grid_of(2, 1, 1);
  for (const double wrong : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()})
    expect_refused(Fault::input, [&] { build_source_tables(with_activity({1.0, wrong}), grid); });
  expect_refused(Fault::input, [&] { build_source_tables(with_activity({0.0, 0.0}), grid); });
  expect_refused(Fault::input, [&] { build_source_tables(with_activity({1.0}), grid); });
  expect_refused(Fault::internal, [&] { build_source_tables(Source{}, grid); });
}

TEST(SourceTables, RefusesPlacesOutsideTheGridAndEnergiesBeyondTheTables) {
  const Grid grid = grid_of(2, 1, 1);
  for (const Vector3& at : {Vector3{-0.01, 0.05, 0.05}, Vector3{0.05, 0.1, 0.05}, Vector3{0.05, 0.05, std::nan("")}})
    expect_refused(Fault::input, [&] { build_source_tables(testing::point_source(at, 1.0), grid); });
  for (const double energy : {0.0, -1.0, 3.9, std::nan("")})
    expect_refused(Fault::input, [&] { build_source_tables(testing::point_source({0.05, 0.05, 0.05}, energy), grid); });
}

TEST(SpectrumQuantiles, InvertTheCumulativeDistribution) {
  Nuclide triangle;
  triangle.energy = {0, 1, 2};
  triangle.density = {0, 1, 0};
  const std::vector<float> q = spectrum_quantiles(triangle, 8);
  for (std::size_t i = 0; i <= 8; ++i) {
    const double u = static_cast<double>(i) / 8;
    EXPECT_NEAR(static_cast<double>(q[i]), u <= 0.5 ? std::sqrt(2 * u) : 2 - std::sqrt(2 * (1 - u)), 1e-6) << i;
  }
}

}  // namespace
}  // namespace ytterby
