// A run that several processes share ends with the bits of one process's, on CPUs and on devices, with goals and
// resumed.

#include <gtest/gtest.h>

#include <cmath>

#include "engine/correlated.h"
#include "engine/mpi/voxel_sums.h"
#include "engine/ranks/run_on_ranks.h"
#include "engine/run/device_check.h"
#include "engine/run/run_on_threads.h"
#include "engine/simulation.h"
#include "engine/tables/transport_tables.h"
#include "support/host_device.h"
#include "support/thread_ranks.h"

namespace ytterby {
namespace {

class RankRuns : public ::testing::Test {
 protected:
  RankRuns() {
    phantom.grid = {{9, 9, 9}, {0.3, 0.3, 0.3}, {}, {}};
    phantom.density.assign(729, 1.0F);
    phantom.material.assign(729, 0);
    phantom.materials = {built_in_material("water")};
    source.voxels = VoxelSource{std::vector<double>(729, 1.0)};
    std::vector<float> part(729, 0.0F);
    for (std::size_t v = 0; v < 300; ++v) part[v] = 0.7F;
    structures.push_back({"all", Role::tumour, std::vector<float>(729, 1.0F)});
    structures.push_back({"part", Role::other, part});
    options.histories = 64'000;
    options.seed = 5;
    options.threads = 2;
    options.backend = Backend::cpu;
  }

  struct Result {
    DoseMap map;     // of rank 0
    RunState state;  // its last checkpoint
    std::vector<std::string> words;
  };

  /// `interrupt`: that rank is interrupted when it has looked so often.
  Result run(int size, const RunState* resume = nullptr, int interrupt = -1, int looks_before = 0) const {
    Result result;
    RankGroup group(size);
    result.words = group.run([&](Ranks& ranks) {
      RunOptions mine = options;
      mine.ranks = &ranks;
      mine.threads = 0;
      mine.resume = resume;
      int looks = 0;
      if (interrupt == ranks.rank()) mine.interrupted = [&] { return ++looks > looks_before; };
      if (ranks.rank() == 0) mine.on_checkpoint = [&](RunState s) { result.state = std::move(s); };
      DoseMap map = simulate(phantom, source, mine, structures);
      if (ranks.rank() == 0) result.map = std::move(map);
    });
    for (const std::string& word : result.words) EXPECT_EQ(word, "");
    return result;
  }

  static void expect_same(const DoseMap& a, const DoseMap& b) {
    EXPECT_EQ(a.dose, b.dose);
    ASSERT_EQ(a.uncertainty.size(), b.uncertainty.size());
    for (std::size_t v = 0; v < a.uncertainty.size(); ++v)
      ASSERT_TRUE(a.uncertainty[v] == b.uncertainty[v] ||
                  (std::isnan(a.uncertainty[v]) && std::isnan(b.uncertainty[v])));
    EXPECT_EQ(a.batches, b.batches);
    EXPECT_EQ(a.histories, b.histories);
    EXPECT_EQ(a.segments, b.segments);
    EXPECT_EQ(a.goal_reached, b.goal_reached);
    EXPECT_TRUE(a.ledger.emitted == b.ledger.emitted && a.ledger.deposited == b.ledger.deposited &&
                a.ledger.escaped == b.ledger.escaped && a.ledger.discarded == b.ledger.discarded);
    for (std::size_t s = 0; s < a.structures.size(); ++s) {
      EXPECT_EQ(a.structures[s].mean, b.structures[s].mean);
      EXPECT_EQ(a.structures[s].mean_error, b.structures[s].mean_error);
    }
  }

  [[nodiscard]] DoseMap alone(const RunState* resume = nullptr) const {
    RunOptions mine = options;
    mine.resume = resume;
    return simulate(phantom, source, mine, structures);
  }

  Phantom phantom;
  Source source;
  std::vector<Structure> structures;
  RunOptions options;
};

TEST_F(RankRuns, GiveOneProcesssBits) {
  const DoseMap whole = alone();
  for (const int size : {1, 2, 3}) expect_same(run(size).map, whole);
  options.batches = 4;
  expect_same(run(6).map, alone());  // two have no batch
}

TEST_F(RankRuns, StopAtTheSameBatchAndDropWhatLiesBeyond) {
  options.goal_structure = 1;
  options.goal_uncertainty = 0.0028;
  const DoseMap whole = alone();
  ASSERT_TRUE(whole.goal_reached);
  ASSERT_GT(whole.batches, 16);
  ASSERT_LT(whole.batches, 60);
  int dropped = 0;
  for (const int size : {2, 3, 4, 5, 7}) {  // of these at least two divide no number from 17 to 59
    expect_same(run(size).map, whole);
    dropped += whole.batches % size != 0 ? 1 : 0;
  }
  EXPECT_GT(dropped, 1);
}

TEST_F(RankRuns, GoOnWithAnyNumberOfRanksAndAlone) {
  const DoseMap whole = alone();
  int parts = 0, legs = 0;
  for (const int first : {4, 2}) {
    RunState state;
    const RunState* resume = nullptr;
    DoseMap last;
    do {
      // A rank other than 0 is interrupted; the others learn of it.
      const int size = 1 + (first + legs) % 4;
      Result r = run(size, resume, size - 1, 25 * (1 + legs % 3));
      last = std::move(r.map);
      state = std::move(r.state);
      resume = &state;
      parts += static_cast<int>(state.later.size()) + (state.done > 0 ? 1 : 0);
      if (last.interrupted && legs == 1) expect_same(alone(resume), whole);
    } while (last.interrupted && ++legs < 400);
    ASSERT_FALSE(last.interrupted);
    expect_same(last, whole);
  }
  EXPECT_GT(legs, 3);
  EXPECT_GT(parts, 4);
}

TEST_F(RankRuns, CheckpointsDoNotChangeARun) {
  const DoseMap whole = alone();
  options.checkpoint_seconds = 0;
  expect_same(run(3).map, whole);
}

TEST_F(RankRuns, RaiseTheHistories) {
  const RunState kept = run(3).state;
  EXPECT_TRUE(kept.complete);
  options.histories = 128'000;
  const DoseMap raised = run(2, &kept).map;
  EXPECT_EQ(raised.batches, 128);
  options.batches = 128;
  EXPECT_EQ(raised.dose, alone().dose);
}

TEST_F(RankRuns, OnDevicesGiveTheCpusBits) {
  options.batches = 24;
  options.histories = 24 * 100;
  options.goal_structure = 0;
  std::vector<SparseStructure> sparse;
  for (const Structure& s : structures) sparse.emplace_back(s, phantom);
  const Material& water = phantom.materials[0];
  for (const bool correlated : {false, true}) {
    const TransportTables tables(phantom, source, options.transport, correlated ? &water : nullptr,
                                 correlated ? multiplicities(phantom, water) : std::vector<std::uint8_t>{});
    const TransportView view = tables.view(100);
    const Coupling coupled = correlated ? couple(phantom, coupled_voxels(phantom), tables, 1.0, 5) : Coupling{};
    const DeviceCoupling coupling{coupled.view(), {7e11, 2e11}};
    for (const double goal : {0.0, 0.03}) {
      options.goal_uncertainty = goal;
      const BatchRun cpu =
          correlated ? run_on_threads(correlated_runner(view, coupling.reference, options.seed, coupling.known),
                                      options, 100, sparse)
                     : run_on_cpu(view, options, 100, sparse);
      ASSERT_EQ(cpu.batches, goal > 0 ? 16 : 24);
      for (const int size : {2, 3}) {
        BatchRun first;
        RankGroup group(size);
        group.run([&](Ranks& ranks) {
          RunOptions mine = options;
          mine.ranks = &ranks;
          HostDevice device("a");
          const auto worker = device_worker(device, view, mine, 100, sparse, correlated ? &coupling : nullptr);
          BatchRun result = run_batches_on_ranks(*worker, mine, 100, view.grid.voxels.size, sparse.size());
          if (ranks.rank() == 0) first = std::move(result);
        });
        EXPECT_EQ(first.batches, cpu.batches);
        EXPECT_TRUE(first.sums.sum() == cpu.sums.sum());
        EXPECT_TRUE(first.sums.square() == cpu.sums.square());
        EXPECT_TRUE(first.sums.hits() == cpu.sums.hits());
        EXPECT_TRUE(first.structure_energy == cpu.structure_energy);
        EXPECT_TRUE(first.ledger.deposited == cpu.ledger.deposited && first.ledger.balanced());
      }
    }
  }
}

TEST_F(RankRuns, OneRanksErrorEndsAll) {
  RankGroup group(3);
  const std::vector<std::string> words = group.run([&](Ranks& ranks) {
    RunOptions mine = options;
    mine.ranks = &ranks;
    if (ranks.rank() == 1)
      mine.interrupted = [n = 0]() mutable -> bool {
        if (++n > 20) throw Error(Fault::internal, "rank 1 breaks down");
        return false;
      };
    (void)simulate(phantom, source, mine, structures);
  });
  for (const std::string& word : words) EXPECT_EQ(word, "rank 1 breaks down");
}

TEST_F(RankRuns, RanksOfAnotherCaseAreRefused) {
  RankGroup group(2);
  const std::vector<std::string> words = group.run([&](Ranks& ranks) {
    RunOptions mine = options;
    mine.ranks = &ranks;
    if (ranks.rank() == 1) mine.seed = 6;
    (void)simulate(phantom, source, mine, structures);
  });
  for (const std::string& word : words) EXPECT_NE(word.find("rank 1 has another case"), std::string::npos) << word;
}

TEST(VoxelSums, CarryAndNoticeWhatDoesNotFit) {
  VoxelSum a[] = {{-5, ~0ull, 0, 2}, {1, 2, 3, 0}}, b[] = {{7, 1, 0, 3}, {10, ~0ull, 4, 0}};
  voxel_sums_overflowed() = false;
  add_voxel_sums(a, b, 2);
  EXPECT_EQ(b[0].energy, 2);
  EXPECT_EQ(b[0].low, 0u);
  EXPECT_EQ(b[0].high, 1u);
  EXPECT_EQ(b[0].hits, 5u);
  EXPECT_EQ(b[1].low, 1u);
  EXPECT_EQ(b[1].high, 8u);
  EXPECT_FALSE(voxel_sums_overflowed());
  const VoxelSum most_energy{INT64_MAX, 0, 0, 0}, most_square{0, ~0ull, ~0ull, 0};
  VoxelSum sum{1, 0, 0, 0};
  add_voxel_sums(&most_energy, &sum, 1);
  EXPECT_TRUE(voxel_sums_overflowed());
  for (const std::uint64_t low : {1ull, 0ull}) {
    voxel_sums_overflowed() = false;
    sum = {0, low, low == 0 ? 1ull : 0ull, 0};
    add_voxel_sums(&most_square, &sum, 1);
    EXPECT_TRUE(voxel_sums_overflowed()) << low;
  }
}

}  // namespace
}  // namespace ytterby
