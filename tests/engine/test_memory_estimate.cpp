// The memory that a calculation takes, term by term. That the terms are those of the program is for
// tests/cli/memory.sh.

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "engine/memory_estimate.h"
#include "engine/methods/convolve.h"
#include "kernels/convolution/convolution.h"

namespace ytterby {
namespace {

Grid cube(int side) { return {{side, side, side}, {0.2, 0.2, 0.2}, {}, {}}; }

const MemoryPhase& phase(const std::vector<MemoryPhase>& phases, std::string_view name) {
  const auto found = std::find_if(phases.begin(), phases.end(), [&](const auto& p) { return p.name == name; });
  if (found == phases.end()) throw std::runtime_error("no phase " + std::string(name));
  return *found;
}

SimulationSize plain(int side, int threads) {
  SimulationSize size;
  size.grid = cube(side);
  size.threads = threads;
  return size;
}

double most(const SimulationSize& size) { return most_bytes(simulation_memory(size)); }

TEST(MemoryEstimate, PlainRunHoldsWordsSumsAndATallyAThread) {
  const auto transport = [](int side, int threads) {
    return phase(simulation_memory(plain(side, threads)), "transport").bytes();
  };
  const double n = 100.0 * 100 * 100, tables = transport(1, 1) - 38;
  EXPECT_DOUBLE_EQ(transport(100, 1) - tables, (4 + 26 + 8) * n);
  EXPECT_DOUBLE_EQ(transport(100, 5) - transport(100, 1), 4 * 8 * n);
  // With one thread most is held at the end: words and sums, beside the dose, its error and the hits.
  EXPECT_DOUBLE_EQ(most(plain(100, 1)) - tables, (4 + 26 + 4 + 4 + 2) * n);
}

TEST(MemoryEstimate, SourcesAndStructuresCountByTheirVoxels) {
  SimulationSize size = plain(50, 1);
  const double empty = most(size);
  size.source_voxels = 1000;
  EXPECT_DOUBLE_EQ(most(size) - empty, 18.0 * 1000);
  size.structure_voxels = 3000;
  EXPECT_DOUBLE_EQ(most(size) - empty, 18.0 * 1000 + 8.0 * 3000);
}

TEST(MemoryEstimate, CheckpointsAndLastStateComeToTransport) {
  SimulationSize size = plain(50, 2);
  const double n = 50.0 * 50 * 50, without = most(size);
  size.checkpoint = true;
  EXPECT_DOUBLE_EQ(most(size) - without, 42 * n);
  size.checkpoint = false;
  size.last_state = true;
  EXPECT_DOUBLE_EQ(most(size) - without, 34 * n);
}

TEST(MemoryEstimate, CorrelatedRunHoldsItsKnownDose) {
  SimulationSize size = plain(64, 1);
  const double n = 64.0 * 64 * 64;
  const double transport = phase(simulation_memory(size), "transport").bytes();
  size.correlated = true;
  size.half = {7, 7, 7};
  EXPECT_DOUBLE_EQ(phase(simulation_memory(size), "transport").bytes() - transport, (1 + 8) * n);
  const double transform = 32.0 * static_cast<double>(plan_fft({{64, 64, 64}, {7, 7, 7}}).elements);
  const MemoryPhase known = phase(simulation_memory(size), "known dose");
  EXPECT_GT(known.bytes(), transform + (4 + 1 + 8 + 8 + 4 + 8) * n);
  EXPECT_DOUBLE_EQ(most(size), std::max(known.bytes(), phase(simulation_memory(size), "transport").bytes()));
}

TEST(MemoryEstimate, ConvolutionTakesTwoTransformsOrNone) {
  EXPECT_DOUBLE_EQ(convolution_memory(cube(64), {20, 20, 20}),
                   32.0 * static_cast<double>(plan_fft({{64, 64, 64}, {20, 20, 20}}).elements));
  EXPECT_DOUBLE_EQ(convolution_memory(cube(64), {1, 1, 1}), 0);  // a plain sum
}

TEST(MemoryEstimate, KernelLargerThanTheGridIsCutToIt) {
  const Grid grid = cube(40);
  EXPECT_DOUBLE_EQ(most_bytes(kernel_dose_memory(grid, {39, 39, 39})),
                   most_bytes(kernel_dose_memory(grid, {500, 500, 500})));
  EXPECT_LT(most_bytes(kernel_dose_memory(grid, {10, 10, 10})), most_bytes(kernel_dose_memory(grid, {39, 39, 39})));
}

}  // namespace
}  // namespace ytterby
