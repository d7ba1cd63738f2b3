// Runs that stop at a goal: near it, and for voxels.

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "engine/dose/voxel_uncertainty.h"
#include "engine/goal.h"
#include "engine/run/run_on_threads.h"
#include "engine/simulation.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

/// 7^3 voxels of water, active in the middle 27; the structure is those.
struct Block {
  Phantom phantom =
      testing::uniform_phantom(testing::test_materials()[testing::water], 1.0, {7, 7, 7}, {0.3, 0.3, 0.3});
  Source source;
  Structure middle{"middle", Role::tumour, std::vector<float>(343, 0.0F)};

  Block() {
    std::vector<double> activity(343, 0.0);
    for (std::size_t z = 2; z < 5; ++z)
      for (std::size_t y = 2; y < 5; ++y)
        for (std::size_t x = 2; x < 5; ++x) {
          const std::size_t v = x + 7 * (y + 7 * z);
          activity[v] = 1;
          middle.fraction[v] = 1;
        }
    source.voxels = VoxelSource{activity};
  }
  [[nodiscard]] DoseMap run(const RunOptions& options) const {
    return simulate(phantom, source, options, {&middle, 1});
  }
};

RunOptions options_of(std::uint64_t histories) {
  RunOptions options;
  options.histories = histories;
  options.threads = 1;
  options.backend = Backend::cpu;
  options.goal_structure = 0;
  return options;
}

// A 64th of what is allowed, 16 times, would be 5e7 histories.
TEST(Goal, StopsNearTheMeansUncertainty) {
  const Block block;
  RunOptions options = options_of(200'000'000);
  options.goal_uncertainty = 1e-3;
  const DoseMap map = block.run(options);
  EXPECT_TRUE(map.goal_reached);
  const double error = map.structures[0].mean_error / map.structures[0].mean;
  EXPECT_LE(error, 1e-3);
  EXPECT_GT(error, 0.8e-3) << map.histories << " histories in " << map.batches << " batches";
  EXPECT_GT(map.batches, 20);
  EXPECT_LT(map.batches, 100);
}

TEST(Goal, StopsWhereTheWorstVoxelIsKnown) {
  const Block block;
  RunOptions options = options_of(200'000'000);
  options.goal_voxel_uncertainty = 0.01;
  const DoseMap map = block.run(options);
  EXPECT_TRUE(map.goal_reached);
  const VoxelUncertainty u = voxel_uncertainty(map, block.middle, map.structures[0].mean);
  EXPECT_EQ(u.voxels, 27u);
  EXPECT_LE(u.worst, 0.01 * (1 + 1e-6));
  EXPECT_GT(u.worst, 0.008) << map.histories << " histories in " << map.batches << " batches";
  EXPECT_LT(u.median, u.worst);
  EXPECT_LT(map.batches, 200);

  // Both goals: the one that wants more.
  options.goal_uncertainty = 0.01;
  EXPECT_EQ(block.run(options).histories, map.histories);
}

TEST(Goal, KeepsToTheHistoriesAllowed) {
  const Block block;
  RunOptions options = options_of(200'000);
  options.goal_voxel_uncertainty = 1e-4;
  const DoseMap map = block.run(options);
  EXPECT_FALSE(map.goal_reached);
  EXPECT_EQ(map.histories, 200'000u);
}

// Devices fetch these alone. A voxel that few batches hit looks at its neighbours.
TEST(Goal, LooksAtNoOtherVoxels) {
  const Block block;
  Structure one{"one", Role::tumour, std::vector<float>(343, 0.0F)};
  const std::size_t place = block.phantom.grid.index(2, 2, 2);
  one.fraction[place] = 1;
  RunOptions options = options_of(64);
  options.batches = 32;
  const TransportTables tables(block.phantom, block.source, options.transport);
  const BatchSums sums = run_on_threads(plain_runner(tables.view(2), 1), options, 2, {}).sums;
  ASSERT_GT(sums.hits()[place], 0);
  ASSERT_LT(2 * sums.hits()[place], 32);
  const GoalRun goal{block.phantom, tables, nullptr, {}, &one};
  const std::vector<std::uint32_t> asked = voxels_asked(goal);
  EXPECT_EQ(asked.size(), 125u);
  const auto of = [&](const std::vector<std::uint32_t>& voxels) {
    BatchSums some(343);
    for (const std::uint32_t v : voxels) {
      some.sum_in_place()[v] = sums.sum()[v];
      some.square_in_place()[v] = sums.square()[v];
      some.hits_in_place()[v] = sums.hits()[v];
    }
    return worst_voxel_error(goal, 2)(some, 32);
  };
  const double all = worst_voxel_error(goal, 2)(sums, 32);
  EXPECT_TRUE(std::isfinite(all));
  EXPECT_EQ(of(asked), all);
  EXPECT_NE(of({static_cast<std::uint32_t>(place)}), all);
}

}  // namespace
}  // namespace ytterby
