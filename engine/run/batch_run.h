#pragma once
// What every run of batches shares, on threads, devices or ranks: its result, what is checked, what a thread runs.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/dose/ledger.h"
#include "engine/dose/statistics.h"
#include "engine/run/run_options.h"
#include "engine/run/run_state.h"
#include "kernels/tally/deposit.h"

namespace ytterby {

/// Batch b holds histories b * per_batch .. (b+1) * per_batch - 1.
struct BatchRun {
  BatchSums sums{0};
  EnergyLedger ledger;
  std::vector<std::vector<double>> structure_energy;  // [structure][batch], quanta
  int batches = 0;                                    // done
  bool goal_reached = true;
  bool interrupted = false;
  double goal_error = -1;      // relative error to state for the goal structure; negative without a goal
  double voxel_error = -1;     // of its worst voxel; negative where that is no goal
  std::uint64_t segments = 0;  // straight electron flights
  double seconds = 0;
  std::string device;
};

/// Of one batch or several.
struct BatchTotals {
  EnergyLedger ledger;
  std::uint64_t segments = 0;  // straight electron flights
};

/// Throws Fault::usage for numbers of histories, batches or threads that cannot be run.
void check_run(const RunOptions& options);

/// Throws Fault::internal where a batch's ledger does not balance or a status bit is set.
void check_batch(int batch, std::uint32_t status, const EnergyLedger& ledger);

/// Throws Fault::input where a state to go on from is of other structures, voxels or seed, or of another level.
void check_resume(const RunState& state, const RunOptions& options, std::uint64_t per_batch, std::size_t voxels,
                  std::size_t structures, const std::string& level);

/// What a thread runs: histories first .. first + count - 1, added to a tally.
struct PortionRunner {
  std::function<PortionTotals(std::uint64_t first, std::uint64_t count, std::int64_t* tally)> run;
  std::size_t voxels = 0;          // size of a tally
  std::string level;               // instruction level, for the provenance
  std::vector<double> known = {};  // [structure] energy of a batch that needs no histories [quanta]; or empty
};

/// A batch's ledger, with what its tally holds in all; check_batch() has been at it.
EnergyLedger checked_ledger(int batch, const PortionTotals& totals, std::int64_t tallied);

/// Energy of structure number `index` in a batch [quanta].
double batch_energy(const PortionRunner& runner, const SparseStructure& structure, std::size_t index,
                    std::span<const std::int64_t> tally);

}  // namespace ytterby
