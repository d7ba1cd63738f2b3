// The CPU launcher; compiled once per instruction level, each in its own namespace.

#include "kernels/launch/launch_cpu.h"

#include "kernels/transport/reference.h"

namespace ytterby::inline YTTERBY_LEVEL {

namespace {

template <class View>
PortionTotals run_all(const View& view, std::uint64_t seed, std::uint64_t first, std::uint64_t count,
                      std::int64_t* voxels) {
  ThreadTally tally{voxels, {}};
  for (std::uint64_t i = 0; i < count; ++i) run_history(view, seed, first + i, tally);
  return tally.totals;
}

}  // namespace

PortionTotals run_portion(const TransportView& view, std::uint64_t seed, std::uint64_t first, std::uint64_t count,
                          std::int64_t* voxels) {
  return run_all(view, seed, first, count, voxels);
}

PortionTotals run_shell_portion(const TransportViewOf<ShellView>& view, std::uint64_t seed, std::uint64_t first,
                                std::uint64_t count, std::int64_t* shells) {
  return run_all(view, seed, first, count, shells);
}

PortionTotals run_correlated_portion(const TransportView& view, const ReferenceView& reference, std::uint64_t seed,
                                     std::uint64_t first, std::uint64_t count, std::int64_t* voxels) {
  WeightedTally tally{voxels, {}};
  ReferenceTally<-1> taken_off{voxels, reference.grid, view.grid.voxels, {}};
  for (std::uint64_t i = 0; i < count; ++i) {
    tally.shift = taken_off.shift = weight_shift(view.source, reference.coupled, stream_of(seed, first + i));
    run_history(view, seed, first + i, tally);
    run_reference_history(view, reference, seed, first + i, taken_off);
  }
  PortionTotals totals = tally.totals;
  totals.segments += taken_off.totals.segments;
  totals.status |= taken_off.totals.status;
  totals.reference_emitted = taken_off.totals.reference_emitted;
  totals.reference_deposited = taken_off.totals.reference_deposited;
  totals.reference_lost = taken_off.totals.reference_lost;
  return totals;
}

PortionTotals run_reference_portion(const TransportView& view, const ReferenceView& reference, std::uint64_t seed,
                                    std::uint64_t first, std::uint64_t count, std::int64_t* voxels) {
  ReferenceTally<1> tally{voxels, reference.grid, {}, {}};
  for (std::uint64_t i = 0; i < count; ++i) run_reference_history(view, reference, seed, first + i, tally);
  PortionTotals totals = tally.totals;
  // A run by itself: its ledger is the batch's.
  totals.emitted = totals.reference_emitted;
  totals.escaped = totals.reference_lost;
  totals.reference_emitted = totals.reference_deposited = totals.reference_lost = 0;
  return totals;
}

}  // namespace ytterby::inline YTTERBY_LEVEL
