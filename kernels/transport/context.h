#pragma once
// What the events of a history share.

#include "kernels/tally/deposit.h"
#include "kernels/tally/quanta.h"
#include "kernels/transport/waiting.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// What a history reads, draws from, leaves waiting and scores into: one argument of all its events. Refers, owns
/// nothing. View: TransportViewOf; Waiting: as WaitingList; Tally: as ThreadTally.
template <class View, class Waiting, class Tally>
struct HistoryContext {
  const View& view;
  const Stream& stream;
  Waiting& waiting;
  Tally& tally;

  YTTERBY_HD HistoryContext(const View& v, const Stream& s, Waiting& w, Tally& t)
      : view(v), stream(s), waiting(w), tally(t) {}

  YTTERBY_HD void deposit(const Electron& where, std::uint32_t quanta) const {
    if (where.path_per_range > 0.0f) {
      tally.deposit(where.voxel, quanta);
    } else {
      tally.discard(quanta);
    }
  }

  /// Books the energy lost since the last booking in the present voxel.
  YTTERBY_HD void book(Electron& e, std::uint32_t now) const {
    deposit(e, e.energy - now);
    e.energy = now;
  }

  /// Lets a particle wait; its energy is discarded, and the batch refused, where there is no room.
  YTTERBY_HD void add(const Photon& photon) const {
    if (!waiting.push_photon(stream, photon)) {
      tally.raise(status_photon_queue_full);
      tally.discard(photon.quanta);
    }
  }
  YTTERBY_HD void add(const WaitingElectron& electron) const {
    if (!waiting.push_electron(electron)) {
      tally.raise(status_electron_stack_full);
      tally.discard(electron.energy);
    }
  }
};

}  // namespace ytterby::inline YTTERBY_LEVEL
