#pragma once
// How much memory a calculation takes, from its sizes alone: what simulate() and kernel_dose() hold at once beside what
// they are given. Every term is an array of theirs; a test and the program's own peak keep the two together.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/grid/grid.h"

namespace ytterby {

/// One array, or several that live together.
struct MemoryTerm {
  std::string_view name;
  double bytes = 0;
};

/// What is held at one time.
struct MemoryPhase {
  std::string_view name;
  std::vector<MemoryTerm> terms;

  [[nodiscard]] double bytes() const;
};

/// The most that any phase holds [byte]; 0 without phases.
double most_bytes(const std::vector<MemoryPhase>& phases);

/// The reach of a kernel on a grid, in voxels.
using KernelHalf = std::array<int, 3>;

/// What simulate() on the CPU is asked for.
struct SimulationSize {
  Grid grid;
  std::uint64_t source_voxels = 0;     // that emit
  std::uint64_t structure_voxels = 0;  // sum over the structures of the voxels that each touches
  int threads = 1;
  bool correlated = false;
  KernelHalf half{};        // of the correlated estimator's kernel
  bool last_state = false;  // RunOptions::last_state
  bool checkpoint = false;  // with one of the run's state being written
};

/// simulate() on the CPU. A checkpoint that comes while one is written takes one state more.
std::vector<MemoryPhase> simulation_memory(const SimulationSize& size);

/// kernel_dose() on the CPU with a kernel of `half` voxels each way.
std::vector<MemoryPhase> kernel_dose_memory(const Grid& grid, const KernelHalf& half);

/// make_voxel_kernel() of `half` voxels each way, on the CPU.
std::vector<MemoryPhase> voxel_kernel_memory(const KernelHalf& half, int threads);

}  // namespace ytterby
