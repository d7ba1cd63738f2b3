#pragma once
// What a run with a goal needs: the errors of voxels, and batches that suit the goal.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/correlated.h"
#include "engine/dose/statistics.h"
#include "engine/patient/phantom.h"
#include "engine/patient/structures.h"
#include "engine/run/run_options.h"
#include "engine/tables/transport_tables.h"

namespace ytterby {

/// A run's tables, known part and structures, as simulate() has them.
struct GoalRun {
  const Phantom& phantom;
  const TransportTables& tables;
  const CorrelatedRun* coupled;  // null: plain
  std::span<const SparseStructure> sparse;
  const Structure* goal;  // null: none

  /// Energy of each structure in a batch of K A_S [quanta]; empty of a plain run.
  [[nodiscard]] std::vector<double> known(std::uint64_t per_batch) const;
};

/// Dose [Gy] times mass [g] of one quantum a batch.
double gray_per_quantum(double decays, std::uint64_t per_batch);

/// The largest relative standard error of the goal's voxels (engine/dose/voxel_uncertainty.h), from sums over so many
/// batches; infinite where one is unknown or there are none. Refers to `run`, which outlives it.
std::function<double(const BatchSums& sums, int batches)> worst_voxel_error(const GoalRun& run,
                                                                            std::uint64_t per_batch);

/// The voxels that it looks at: those of the goal and those up to two beside them (engine/dose/few_hits.h).
std::vector<std::uint32_t> voxels_asked(const GoalRun& run);

/// Histories of a batch with which a run comes to its goal after some 80 batches or more, and no more than a 64th of
/// options.histories: the stop rule looks between batches, and from the 16th on. It is what a pilot of 64 000 histories
/// predicts, on the CPU and with other random numbers, so that no batch that is kept decides about any.
std::uint64_t batch_for_goal(const GoalRun& run, const RunOptions& options);

}  // namespace ytterby
