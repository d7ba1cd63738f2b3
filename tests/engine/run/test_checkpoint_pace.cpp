// Checkpoints that are dear are rare: they never keep a run from its histories.

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <thread>

#include "engine/run/checkpoint_pace.h"
#include "engine/run/run_state.h"
#include "engine/simulation.h"

namespace ytterby {
namespace {

using Clock = CheckpointPace::Clock;

Clock::time_point at(double seconds) {
  return Clock::time_point(std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds)));
}

RunOptions every(double seconds) {
  RunOptions options;
  options.checkpoint_seconds = seconds;
  options.on_checkpoint = [](const RunState&) {};
  return options;
}

TEST(CheckpointPace, CheapOnesComeAsAsked) {
  const RunOptions options = every(60);
  CheckpointPace pace(options, at(0));
  EXPECT_FALSE(pace.due(at(59)));
  EXPECT_TRUE(pace.due(at(60)));
  pace.taken(at(60), at(61));
  EXPECT_FALSE(pace.due(at(120)));
  EXPECT_TRUE(pace.due(at(121)));
}

TEST(CheckpointPace, DearOnesWaitTwentyTimesTheirPause) {
  const RunOptions options = every(0);
  CheckpointPace pace(options, at(0));
  EXPECT_TRUE(pace.due(at(0)));
  pace.taken(at(1), at(3));
  EXPECT_FALSE(pace.due(at(42.9)));
  EXPECT_TRUE(pace.due(at(43.1)));
}

TEST(CheckpointPace, WritingBesideTheRunCounts) {
  RunOptions options = every(0);
  double writes = std::numeric_limits<double>::infinity();
  options.write_seconds = [&] { return writes; };
  CheckpointPace pace(options, at(0));
  EXPECT_FALSE(pace.due(at(1e6)));
  writes = 3;
  pace.taken(at(9), at(10));
  EXPECT_FALSE(pace.due(at(89.9)));
  EXPECT_TRUE(pace.due(at(90.1)));
}

TEST(CheckpointPace, NobodyToGetThem) {
  RunOptions options = every(0);
  options.on_checkpoint = nullptr;
  EXPECT_FALSE(CheckpointPace(options, at(0)).due(at(1000)));
}

// Without a rest the run would do nothing else.
TEST(CheckpointPace, SlowCheckpointsDoNotHoldUpARun) {
  Phantom phantom;
  phantom.grid.shape = {5, 5, 5};
  phantom.grid.spacing = {0.3, 0.3, 0.3};
  phantom.density.assign(125, 1.0F);
  phantom.material.assign(125, 0);
  phantom.materials = {built_in_material("water")};
  Source source;
  source.voxels = VoxelSource{std::vector<double>(125, 1.0)};
  RunOptions options;
  options.histories = 200'000;
  options.threads = 1;
  options.backend = Backend::cpu;
  options.checkpoint_seconds = 0;
  options.last_state = false;
  constexpr std::chrono::milliseconds pause(20);
  int checkpoints = 0;
  options.on_checkpoint = [&](const RunState&) {
    ++checkpoints;
    std::this_thread::sleep_for(pause);
  };
  options.interrupted = [&] { return checkpoints > 200; };
  const auto begun = Clock::now();
  EXPECT_FALSE(simulate(phantom, source, options, {}).interrupted);
  const double all = std::chrono::duration<double>(Clock::now() - begun).count();
  EXPECT_GE(checkpoints, 1);
  EXPECT_LE(checkpoints, 1 + all / (20 * std::chrono::duration<double>(pause).count()));
}

}  // namespace
}  // namespace ytterby
