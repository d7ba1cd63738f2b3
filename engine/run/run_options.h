#pragma once
// How to simulate.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tables/transport_options.h"

namespace ytterby {

enum class Backend { automatic, cpu, cuda };

/// How histories are scored: as they come, or against the same histories in a reference medium (engine/correlated.h).
enum class Estimator { plain, correlated };

/// The estimator's name on the command line and in files.
constexpr std::string_view estimator_name(Estimator estimator) {
  return estimator == Estimator::plain ? "plain" : "correlated";
}

class BatchSums;
struct RunState;
class Ranks;
struct VoxelKernel;

/// What a progress callback gets at the end of every batch.
struct Progress {
  std::uint64_t histories_done = 0;
  std::uint64_t histories_total = 0;
  double seconds = 0;      // since the first history
  double goal_error = -1;  // relative standard error of the goal so far; negative without a goal
};

struct RunOptions {
  std::uint64_t histories = 100'000'000;  // rounded up to a multiple of batches
  int batches = 64;
  double goal_uncertainty = 0;  // relative standard error of a mean dose at which to stop; 0: none
  /// Of the worst voxel of goal_structure (engine/dose/voxel_uncertainty.h); 0: none. With both, both are to be met.
  double goal_voxel_uncertainty = 0;
  int goal_structure = -1;  // index into the structures given; required with a goal
  std::uint64_t seed = 1;
  int threads = 0;  // 0: all processors
  Backend backend = Backend::automatic;
  Estimator estimator = Estimator::plain;
  const VoxelKernel* reference = nullptr;  // of electrons, for the correlated estimator; see reference_kernel_options()
  std::vector<int> cuda_devices;           // indices of the CUDA devices to use; empty: all that can be used
  TransportOptions transport;
  std::function<void(const Progress&)> on_progress;  // may be empty; called from one thread

  const RunState* resume = nullptr;  // goes on from here; its histories a batch are kept
  double checkpoint_seconds = 60;    // between checkpoints, which are further apart where they are dear
  /// May be empty. Gets a copy of the run's state while all threads wait, at every checkpoint and at the end, whether
  /// the run is complete or was interrupted.
  std::function<void(RunState)> on_checkpoint;
  /// False: on_checkpoint does not get the state of a complete run, which saves a copy of it.
  bool last_state = true;
  /// What on_checkpoint's caller took to write the last state beside the run [s]; infinite while it does. May be empty.
  std::function<double()> write_seconds;
  /// May be empty; asked every few milliseconds from one thread. True ends the run within moments.
  std::function<bool()> interrupted;

  /// Relative error of the worst voxel from the sums of so many batches; simulate() sets it.
  std::function<double(const BatchSums&, int)> worst_voxel_error;
  /// The voxels whose sums it looks at, each once; simulate() sets it, and devices give no others.
  std::vector<std::uint32_t> voxels_asked;

  /// The processes that share the run (engine/ranks/ranks.h), each of which calls simulate() with the same arguments;
  /// rank 0 gets the dose, on_checkpoint and on_progress. Null: this process alone.
  Ranks* ranks = nullptr;
};

/// Histories of each of that many batches that make at least `histories`.
constexpr std::uint64_t histories_per_batch(std::uint64_t histories, int batches) {
  const auto n = static_cast<std::uint64_t>(batches);
  return (histories + n - 1) / n;
}

}  // namespace ytterby
