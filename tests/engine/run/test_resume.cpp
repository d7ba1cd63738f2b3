// A run that is interrupted and goes on ends with the bits of one that was not.

#include <gtest/gtest.h>

#include <atomic>
#include <utility>

#include "engine/base/error.h"
#include "engine/run/run_state.h"
#include "engine/simulation.h"

namespace ytterby {
namespace {

struct Patient {
  Phantom phantom;
  Source source;
  std::vector<Structure> structures;
  Patient() {
    phantom.grid.shape = {9, 9, 9};
    phantom.grid.spacing = {0.3, 0.3, 0.3};
    phantom.density.assign(729, 1.0F);
    phantom.material.assign(729, 0);
    phantom.materials = {built_in_material("water")};
    source.voxels = VoxelSource{std::vector<double>(729, 1.0)};
    structures.push_back({"all", Role::tumour, std::vector<float>(729, 1.0F)});
  }
};

RunOptions options_for(std::uint64_t histories, int threads) {
  RunOptions options;
  options.histories = histories;
  options.seed = 5;
  options.threads = threads;
  options.backend = Backend::cpu;
  return options;
}

void expect_same(const DoseMap& a, const DoseMap& b) {
  EXPECT_EQ(a.dose, b.dose);
  ASSERT_EQ(a.uncertainty.size(), b.uncertainty.size());
  for (std::size_t v = 0; v < a.uncertainty.size(); ++v) {
    EXPECT_TRUE(a.uncertainty[v] == b.uncertainty[v] ||
                (a.uncertainty[v] != a.uncertainty[v] && b.uncertainty[v] != b.uncertainty[v]));
  }
  EXPECT_EQ(a.histories, b.histories);
  EXPECT_TRUE(a.ledger.emitted == b.ledger.emitted && a.ledger.deposited == b.ledger.deposited);
  EXPECT_EQ(a.structures[0].mean, b.structures[0].mean);
  EXPECT_EQ(a.structures[0].mean_error, b.structures[0].mean_error);
}

TEST(Resume, EndsWithTheBitsOfAnUninterruptedRun) {
  const Patient p;
  const DoseMap whole = simulate(p.phantom, p.source, options_for(64'000, 2), p.structures);
  // Interrupted at several places, and gone on with other numbers of threads, several times over.
  int resumed_within_a_batch = 0;
  for (const int after : {60, 95, 333}) {
    RunState state;
    bool have = false;
    DoseMap last;
    for (int leg = 0; leg < 200; ++leg) {
      RunOptions options = options_for(64'000, 1 + leg % 3);
      int looks = 0;
      options.interrupted = [&] { return ++looks > after; };
      RunState next;
      options.on_checkpoint = [&](RunState s) { next = std::move(s); };
      if (have) options.resume = &state;
      last = simulate(p.phantom, p.source, options, p.structures);
      state = std::move(next);
      have = true;
      resumed_within_a_batch += state.done > 0 ? 1 : 0;
      // One thread looks 18 times a batch, wherever it is timed; how often the first of several does is chance.
      if (leg == 0) {
        EXPECT_GT(state.done, 0u);
      }
      if (!last.interrupted) break;
    }
    ASSERT_FALSE(last.interrupted);
    expect_same(last, whole);
  }
  EXPECT_GE(resumed_within_a_batch, 3);
}

TEST(Resume, CheckpointsDoNotChangeARun) {
  const Patient p;
  const DoseMap whole = simulate(p.phantom, p.source, options_for(200'000, 2), p.structures);
  RunOptions options = options_for(200'000, 2);
  options.checkpoint_seconds = 0;
  int checkpoints = 0;
  options.on_checkpoint = [&](const RunState& s) {
    ++checkpoints;
    EXPECT_EQ(s.seed, 5u);
  };
  expect_same(simulate(p.phantom, p.source, options, p.structures), whole);
  EXPECT_GT(checkpoints, 5);
}

TEST(Resume, ARunThatIsDoneIsNotInterrupted) {
  const Patient p;
  RunOptions options = options_for(64, 1);  // a history a batch: the 64th look is in the last one
  int looks = 0;
  options.interrupted = [&] { return ++looks > 2 * 64 - 1; };
  RunState state;
  options.on_checkpoint = [&](RunState s) { state = std::move(s); };
  const DoseMap map = simulate(p.phantom, p.source, options, p.structures);
  EXPECT_EQ(looks, 2 * 64);  // before a portion, and once more where none is left
  EXPECT_FALSE(map.interrupted);
  EXPECT_TRUE(state.complete);
}

TEST(Resume, RaisesTheHistories) {
  const Patient p;
  RunOptions options = options_for(64'000, 2);
  RunState state;
  options.on_checkpoint = [&](RunState s) { state = std::move(s); };
  const DoseMap first = simulate(p.phantom, p.source, options, p.structures);
  EXPECT_EQ(state.batches, 64);
  RunOptions more = options_for(192'000, 1);
  more.resume = &state;
  const DoseMap raised = simulate(p.phantom, p.source, more, p.structures);
  EXPECT_EQ(raised.batches, 192);
  EXPECT_EQ(raised.histories, 192'000u);
  RunOptions at_once = options_for(192'000, 2);
  at_once.batches = 192;  // of the same size: a batch shares out its emission
  const DoseMap fresh = simulate(p.phantom, p.source, at_once, p.structures);
  EXPECT_EQ(raised.dose, fresh.dose);
  EXPECT_TRUE(raised.ledger.deposited == fresh.ledger.deposited);
  // Fewer than there are already: nothing is run, nothing is thrown away.
  RunOptions fewer = options_for(1'000, 2);
  fewer.resume = &state;
  expect_same(simulate(p.phantom, p.source, fewer, p.structures), first);
}

/// A run with a goal, and one that is interrupted and gone on with: the same bits, and nothing is run beyond the goal.
void expect_resumable(const RunOptions& goal) {
  const Patient p;
  RunState last;
  RunOptions options = goal;
  options.on_checkpoint = [&](RunState s) { last = std::move(s); };
  const DoseMap whole = simulate(p.phantom, p.source, options, p.structures);
  ASSERT_TRUE(whole.goal_reached);
  ASSERT_LT(whole.batches, 200);
  for (const int after : {0, 30}) {
    RunState state;
    RunOptions part = goal;
    part.threads = 1;  // others could end the run before thread 0 looks so often
    int looks = 0;
    part.interrupted = [&] { return ++looks > after; };
    part.on_checkpoint = [&](RunState s) { state = std::move(s); };
    ASSERT_TRUE(simulate(p.phantom, p.source, part, p.structures).interrupted);
    RunOptions rest = goal;
    rest.resume = &state;
    expect_same(simulate(p.phantom, p.source, rest, p.structures), whole);
  }
  RunOptions again = goal;
  again.resume = &last;
  expect_same(simulate(p.phantom, p.source, again, p.structures), whole);
}

TEST(Resume, KeepsTheStoppingRule) {
  RunOptions goal = options_for(1'600'000, 2);
  goal.goal_uncertainty = 0.004;
  goal.goal_structure = 0;
  expect_resumable(goal);
}

TEST(Resume, KeepsTheGoalOfVoxels) {
  RunOptions goal = options_for(16'000'000, 2);
  goal.goal_voxel_uncertainty = 0.1;
  goal.goal_structure = 0;
  expect_resumable(goal);
}

TEST(Resume, RefusesAnotherRunsState) {
  const Patient p;
  RunState state;
  RunOptions options = options_for(6'400, 1);
  options.on_checkpoint = [&](RunState s) { state = std::move(s); };
  simulate(p.phantom, p.source, options, p.structures);
  const auto refused = [&](RunState wrong, RunOptions run) {
    run.resume = &wrong;
    try {
      simulate(p.phantom, p.source, run, p.structures);
    } catch (const Error& error) {
      return error.fault() == Fault::input;
    }
    return false;
  };
  RunOptions run = options_for(6'400, 1);
  run.seed = 6;
  EXPECT_TRUE(refused(state, run));
  run.seed = 5;
  RunState other = state;
  other.level = "sse9";
  EXPECT_TRUE(refused(other, run));
  other = state;
  other.sums = BatchSums(8);
  EXPECT_TRUE(refused(other, run));
  other = state;
  other.structure_energy.clear();
  EXPECT_TRUE(refused(other, run));
}

}  // namespace
}  // namespace ytterby
