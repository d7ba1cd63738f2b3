#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/error.h"
#include "engine/source_tables.h"
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

// The chance of a voxel summed over the alias table is its share of the activity: no sampling needed.
TEST(AliasTable, HoldsTheSharesExactly) {
  std::vector<double> activity(1000);
  double total = 0;
  for (std::size_t v = 0; v < activity.size(); ++v) {
    activity[v] = v % 7 == 0 ? 0 : std::exp(10 * std::sin(static_cast<double>(v)));
    total += activity[v];
  }
  const SourceTables tables = build_source_tables(with_activity(activity), grid_of(10, 10, 10));
  std::vector<double> chance(1000);
  const double n = static_cast<double>(tables.voxel.size());
  for (std::size_t i = 0; i < tables.voxel.size(); ++i) {
    const double keep = (tables.threshold[i] == 0xffffffffu ? 1 : tables.threshold[i] * 0x1p-32);
    chance[tables.voxel[i]] += keep / n;
    chance[tables.voxel[tables.alias[i]]] += (1 - keep) / n;
  }
  for (std::size_t v = 0; v < 1000; ++v) {
    if (activity[v] == 0)
      EXPECT_EQ(chance[v], 0) << v;
    else
      EXPECT_NEAR(chance[v], activity[v] / total, 2e-9) << v;
  }
}

TEST(AliasTable, TakesOneVoxel) {
  const SourceTables tables = build_source_tables(with_activity({0, 0, 3, 0}), grid_of(4, 1, 1));
  ASSERT_EQ(tables.voxel.size(), 1u);
  EXPECT_EQ(tables.voxel[0], 2u);
  EXPECT_NEAR(tables.decays, 3 * 64.05 * 3600 / std::log(2.0), 1e-6);
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
