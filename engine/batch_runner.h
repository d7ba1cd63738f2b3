#pragma once
// Runs all batches on the host's threads.

#include <span>
#include <string>
#include <vector>

#include "engine/dose_map.h"
#include "engine/run_options.h"
#include "engine/statistics.h"
#include "kernels/transport/tables_view.h"

namespace ytterby {

struct BatchRun {
  BatchSums sums;
  EnergyLedger ledger;
  std::vector<std::vector<double>> structure_energy;  // [structure][batch], quanta
  std::uint64_t segments = 0;                         // straight electron flights
  double seconds = 0;
  std::string device;
};

/// Batch b holds histories b * per_batch .. (b+1) * per_batch - 1. Threads share a batch in portions and have tallies of
/// their own; integers make the sums the same for any number of them.
/// Throws Fault::internal where a batch's ledger does not balance or a status bit is set.
BatchRun run_batches(const TransportView& view, const RunOptions& options, std::uint64_t per_batch,
                     std::span<const SparseStructure> structures);

}  // namespace ytterby
