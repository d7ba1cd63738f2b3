#pragma once
// One history followed by one thread to its end while somebody watches; for replay and for comparing devices.
//
// The same events as in transport, in the order of run_history(); streams depend on parentage alone, so the history is
// the one that any run has.

#include "kernels/launch/device_body.h"

namespace ytterby {

/// What happened last.
enum class ReplayKind : std::uint32_t {
  emitted,       // a primary at its place of birth
  crossed,       // through a voxel face
  turned,        // at a hinge
  passed,        // a tentative event that was none
  knocked_on,    // a Moller collision; what flies on is the secondary, the primary waits
  lost,          // a Moller collision whose secondary stayed where it was born
  radiated,      // a photon was born; the electron flies on
  resumed,       // an electron that waited flies on
  absorbed,      // an electron ended here
  escaped,       // a particle left the grid
  photon,        // a photon sets out
  photon_ended,  // it interacted, and what it freed ended on the spot
  freed          // it interacted and freed an electron, which flies on
};

/// A history's event: 44 bytes.
struct ReplayEvent {
  ReplayKind kind;
  std::uint32_t particle;  // 0 electron, 1 positron, 2 photon
  float position[3];       // in grid coordinates [cm]
  std::uint32_t voxel, material;
  std::uint32_t energy;     // kinetic energy, or a photon's [quanta]
  std::uint32_t deposited;  // since the event before [quanta]
  std::uint32_t lineage, step;
};
static_assert(sizeof(ReplayEvent) == 44);

/// A photon that waits in device memory.
struct WaitingPhoton {
  float position[3], direction[3];
  std::uint32_t quanta, lineage, step;
};

/// Events of one history.
struct ReplayLaunch {
  TransportView view;
  std::uint64_t seed = 0, history = 0;
  WaitingPhoton* photons = nullptr;  // waiting_photons of them
  ReplayEvent* events = nullptr;
  std::uint32_t capacity = 0;
  std::uint32_t* count = nullptr;  // events that there were, also those beyond the capacity
};

/// Paths of many histories, a number each: equal numbers, equal paths.
struct PathLaunch {
  TransportView view;
  std::uint64_t seed = 0, first = 0;
  std::uint32_t count = 0;
  WaitingPhoton* photons = nullptr;  // waiting_photons for each of most_path_threads
  std::uint64_t* path = nullptr;     // [history]
};

inline constexpr std::uint32_t most_path_threads = 1u << 14;

}  // namespace ytterby

namespace ytterby::inline YTTERBY_LEVEL {

/// Electrons in the thread's shared memory, photons in device memory of its own.
template <class Device>
struct LoneWaiting {
  DeviceWaiting<Device> electrons;
  WaitingPhoton* photons;
  std::uint32_t photon_count = 0;
  std::uint32_t born = 0;

  YTTERBY_HD bool push_electron(const WaitingElectron& w) { return electrons.push_electron(w); }
  YTTERBY_HD bool pop_electron(WaitingElectron& w) { return electrons.pop_electron(w); }
  YTTERBY_HD bool push_photon(const Stream&, const Photon& p) {
    if (photon_count >= waiting_photons) return false;
    ++born;
    photons[photon_count++] = {{p.position.x, p.position.y, p.position.z},
                               {p.direction.x, p.direction.y, p.direction.z},
                               p.quanta,
                               p.lineage,
                               p.step};
    return true;
  }
  YTTERBY_HD Photon pop_photon() {
    const WaitingPhoton& w = photons[--photon_count];
    return {{w.position[0], w.position[1], w.position[2]},
            {w.direction[0], w.direction[1], w.direction[2]},
            to_MeV(w.quanta),
            w.quanta,
            w.lineage,
            w.step};
  }
};

/// A tally that an observer sees: observer.see(event).
template <class Observer>
struct WatchingTally {
  Observer& observer;
  std::uint32_t pending = 0;
  bool left = false;

  YTTERBY_HD void deposit(std::uint32_t, std::uint32_t quanta) { pending += quanta; }
  YTTERBY_HD void emit(std::uint32_t) {}
  YTTERBY_HD void escape(std::uint32_t) { left = true; }
  YTTERBY_HD void discard(std::uint32_t) {}
  YTTERBY_HD void raise(std::uint32_t) {}

  YTTERBY_HD void electron(ReplayKind kind, const Electron& e, const GridView& grid) {
    const Vec3 at = position_in_grid(e, grid);
    observer.see(
        {kind, e.positron ? 1u : 0u, {at.x, at.y, at.z}, e.voxel, e.material, e.energy, pending, e.lineage, e.step});
    pending = 0;
    left = false;
  }
  YTTERBY_HD void photon(ReplayKind kind, const Photon& p, const GridView& grid) {
    GridPoint at{};
    const bool inside = locate_point(grid, p.position, at);
    observer.see({kind,
                  2u,
                  {p.position.x, p.position.y, p.position.z},
                  inside ? at.voxel : ~0u,
                  inside ? voxel_word(grid, at) & 0xffu : ~0u,
                  p.quanta,
                  pending,
                  p.lineage,
                  p.step});
    pending = 0;
    left = false;
  }
};

/// What a flight led to, from the electron before and after it.
YTTERBY_HD ReplayKind kind_of_flight(const Electron& before, const Electron& after, bool radiated) {
  if (after.lineage != before.lineage) return ReplayKind::knocked_on;
  if (after.voxel != before.voxel) return ReplayKind::crossed;
  if (before.vertex == Vertex::hinge) return ReplayKind::turned;
  if (radiated) return ReplayKind::radiated;
  return after.energy < before.energy_event ? ReplayKind::lost : ReplayKind::passed;
}

/// An electron that left: at the face it left by, in its last voxel.
YTTERBY_HD Electron at_exit(const Electron& before, const Electron& after, const GridView& grid) {
  Electron e = before;
  advance(e, grid, next_face(e, grid).distance);
  e.energy = after.energy;
  return e;
}

template <class Waiting, class Observer>
YTTERBY_HD void replay_history(const TransportView& view, std::uint64_t seed, std::uint64_t history, Waiting& waiting,
                               Observer& observer) {
  const Stream stream = stream_of(seed, history);
  WatchingTally<Observer> tally{observer};
  const HistoryContext context{view, stream, waiting, tally};
  Electron e;
  emit_primary(e, view, stream, tally);
  tally.electron(ReplayKind::emitted, e, view.grid);
  shed_with_beta(e, context);
  bool flying = set_off(e, context);
  if (!flying) tally.electron(ReplayKind::absorbed, e, view.grid);
  for (std::uint32_t flights = 0; flights < segment_cap; ++flights) {
    WaitingElectron next;
    if (flying) {
      const Electron before = e;
      const std::uint32_t born = waiting.born;
      flying = fly(e, context);
      if (flying) {
        tally.electron(kind_of_flight(before, e, waiting.born != born), e, view.grid);
      } else if (tally.left) {
        tally.electron(ReplayKind::escaped, at_exit(before, e, view.grid), view.grid);
      } else {
        tally.electron(ReplayKind::absorbed, e, view.grid);
      }
    } else if (waiting.pop_electron(next)) {
      resume_waiting(e, view, stream, next);
      flying = true;
      tally.electron(ReplayKind::resumed, e, view.grid);
    } else if (waiting.photon_count > 0) {
      const Photon photon = waiting.pop_photon();
      tally.photon(ReplayKind::photon, photon, view.grid);
      flying = follow_photon(photon, e, context);
      if (tally.left && !flying) {
        tally.photon(ReplayKind::escaped, photon, view.grid);
      } else {
        tally.electron(flying ? ReplayKind::freed : ReplayKind::photon_ended, e, view.grid);
      }
    } else {
      break;
    }
  }
}

/// Events into a list; those that find no room are counted.
struct EventList {
  ReplayEvent* events;
  std::uint32_t capacity;
  std::uint32_t count = 0;
  YTTERBY_HD void see(const ReplayEvent& event) {
    if (count < capacity) events[count] = event;
    ++count;
  }
};

/// The path in one number: kinds, voxels, lineages and steps in their order, no energies or places, which may round
/// differently on a path that is the same.
struct PathHash {
  std::uint64_t value = 0x9e3779b97f4a7c15ull;
  YTTERBY_HD void mix(std::uint32_t word) {
    value = (value ^ word) * 0xff51afd7ed558ccdull;
    value ^= value >> 32;
  }
  YTTERBY_HD void see(const ReplayEvent& event) {
    mix(static_cast<std::uint32_t>(event.kind));
    mix(event.voxel);
    mix(event.lineage);
    mix(event.step);
  }
};

/// One thread lists a history's events.
template <class Device>
YTTERBY_HD void list_events(const ReplayLaunch& launch_data, Device device) {
  if (device.thread() != 0) return;
  LoneWaiting<Device> waiting{{device, nullptr, nullptr, 0}, launch_data.photons};
  EventList list{launch_data.events, launch_data.capacity};
  replay_history(launch_data.view, launch_data.seed, launch_data.history, waiting, list);
  *launch_data.count = list.count;
}

/// Each thread follows every n-th history.
template <class Device>
YTTERBY_HD void hash_paths(const PathLaunch& launch_data, Device device) {
  for (std::uint32_t i = device.thread(); i < launch_data.count; i += device.threads()) {
    LoneWaiting<Device> waiting{{device, nullptr, nullptr, 0}, launch_data.photons + device.thread() * waiting_photons};
    PathHash hash;
    replay_history(launch_data.view, launch_data.seed, launch_data.first + i, waiting, hash);
    launch_data.path[i] = hash.value;
  }
}

}  // namespace ytterby::inline YTTERBY_LEVEL
