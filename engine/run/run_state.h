#pragma once
// Where a run is: everything that a checkpoint has to keep so that the run ends with the same bits.

#include <cstdint>
#include <string>
#include <vector>

#include "engine/dose/dose_map.h"
#include "engine/dose/statistics.h"
#include "kernels/tally/deposit.h"

namespace ytterby {

/// The first histories of a batch.
struct BatchPart {
  int batch = 0;
  std::uint64_t done = 0;           // histories
  std::vector<std::int64_t> tally;  // their energies [quanta]
  PortionTotals totals;
};

/// Whole batches, and the part of the next one that is done.
struct RunState {
  std::uint64_t seed = 0;
  std::uint64_t per_batch = 0;  // histories of a batch
  std::string level;            // instruction level or device architecture: what bits depend on
  int batches = 0;              // whole ones
  BatchSums sums{0};
  EnergyLedger ledger;
  std::vector<std::vector<double>> structure_energy;  // [structure][batch], quanta
  std::uint64_t segments = 0;
  double seconds = 0;  // of transport so far

  std::uint64_t done = 0;           // histories of the batch under way
  std::vector<std::int64_t> tally;  // its energies [quanta]; empty where done is 0
  PortionTotals totals;             // its totals

  std::vector<BatchPart> later;  // of batches beyond that one, which other processes had under way; ascending

  bool complete = false;  // all histories done, or the goal reached
};

}  // namespace ytterby
