#pragma once
// A history's electrons, one after the other; its photons stay in the list.

#include "kernels/transport/history.h"

namespace ytterby::testing {

/// Calls before_flight(e) ahead of each flight.
template <class Tally, class BeforeFlight>
void follow_electrons(const TransportView& view, const Stream& stream, WaitingList& waiting, Tally& tally,
                      const BeforeFlight& before_flight) {
  const HistoryContext context{view, stream, waiting, tally};
  Electron e;
  emit_primary(e, view, stream, tally);
  bool flying = set_off(e, context);
  while (flying || waiting.electron_count > 0) {
    WaitingElectron next;
    if (!flying && waiting.pop_electron(next)) resume_waiting(e, view, stream, next);
    before_flight(e);
    flying = fly(e, context);
  }
}

}  // namespace ytterby::testing
