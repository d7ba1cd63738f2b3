#pragma once
// What a history scores into: energy per voxel and the ledger, in quanta of 2^-30 MeV.

#include <cstdint>

#include "kernels/portability.h"

namespace ytterby {

/// Sums over the histories of one portion; energy balances as integers:
/// emitted = deposits in voxels + escaped + discarded.
struct PortionTotals {
  std::int64_t emitted = 0;
  std::int64_t escaped = 0;
  std::int64_t discarded = 0;
  std::uint64_t segments = 0;  // straight flights of electrons, for the bench
  std::uint32_t status = 0;    // StatusBit

  // Of the runs in the reference medium (correlated estimator): emitted = deposited + lost, and what they deposited is
  // what the tally has less than the patient's runs put there.
  std::int64_t reference_emitted = 0;
  std::int64_t reference_deposited = 0;
  std::int64_t reference_lost = 0;  // outside the grid, or radiated

  PortionTotals& operator+=(const PortionTotals& o) {
    emitted += o.emitted;
    escaped += o.escaped;
    discarded += o.discarded;
    segments += o.segments;
    status |= o.status;
    reference_emitted += o.reference_emitted;
    reference_deposited += o.reference_deposited;
    reference_lost += o.reference_lost;
    return *this;
  }
};

/// A tally owned by one thread; plain additions.
struct ThreadTally {
  std::int64_t* voxels;
  PortionTotals totals;
  YTTERBY_HD void deposit(std::uint32_t voxel, std::uint32_t quanta) {
    voxels[voxel] += static_cast<std::int64_t>(quanta);
  }
  YTTERBY_HD void emit(std::uint32_t quanta) { totals.emitted += static_cast<std::int64_t>(quanta); }
  YTTERBY_HD void escape(std::uint32_t quanta) { totals.escaped += static_cast<std::int64_t>(quanta); }
  YTTERBY_HD void discard(std::uint32_t quanta) { totals.discarded += static_cast<std::int64_t>(quanta); }
  YTTERBY_HD void raise(std::uint32_t bit) { totals.status |= bit; }
};

}  // namespace ytterby
