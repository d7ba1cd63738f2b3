#pragma once
// One history: a primary electron and everything that follows from it.

#include "kernels/geometry/shell_walk.h"
#include "kernels/source/emit.h"
#include "kernels/transport/internal_photon.h"
#include "kernels/transport/photon_events.h"

namespace ytterby::inline YTTERBY_LEVEL {

inline constexpr std::uint32_t segment_cap = 1u << 22;  // flights of one history; far beyond any real one

/// What a flight ends at.
enum class Met : std::uint32_t { hinge, event, end, face };

/// One straight flight: to the next vertex, or to a voxel's face, whose axis is given back.
YTTERBY_HD Met flight(Electron& e, const auto& view, std::uint32_t& axis) {
  const float to_vertex = e.range - e.range_vertex, path = to_vertex * e.path_per_range;
  // Most flights end before they could reach any face; the faces need not be looked at then.
  bool vertex = path < 0.9999f * e.clearance;
  Face face{};
  float to_face = 0.0f;
  if (!vertex) {
    face = next_face(e, view.grid);
    to_face = range_per_path(e) * face.distance;
    vertex = to_vertex <= to_face && e.path_per_range > 0.0f;
  }
  axis = face.axis;
  e.clearance -= path;  // of no use behind a face
  advance(e, view.grid, vertex ? path : face.distance);
  e.range = vertex ? e.range_vertex : e.range - to_face;
  return vertex ? static_cast<Met>(e.vertex) : Met::face;
}

/// Goes through the face that a flight ended at; false when that leaves the grid.
YTTERBY_HD bool through_face(Electron& e, std::uint32_t axis, const auto& context) {
  const auto& view = context.view;
  if (e.path_per_range > 0.0f) context.book(e, energy_now(e, view.physics));
  if (!cross_face(e, view.grid, axis)) {
    context.tally.escape(e.energy);
    if (e.positron) context.tally.escape(2u * electron_mass_quanta);
    return false;
  }
  const std::uint32_t old_material = e.material;
  enter_voxel(e, view.grid);
  if (e.material != old_material) change_material(e, old_material, view.physics);
  return true;
}

/// A flight and what it ends at. False when the electron is no more.
YTTERBY_HD bool fly(Electron& e, const auto& context) {
  std::uint32_t axis = 0;
  const Met met = flight(e, context.view, axis);
  if (met == Met::hinge && turn_at_hinge(e, context)) return true;
  if (met == Met::event) {
    if (!meet_event(e, context)) enter_flight(e, context.view, context.stream);
    return true;
  }
  if (met == Met::face) return through_face(e, axis, context);
  absorb(e, energy_now(e, context.view.physics), context);
  return false;
}

/// Puts an electron that waited back in flight.
YTTERBY_HD void resume_waiting(Electron& e, const auto& view, const Stream& stream, const WaitingElectron& waiting) {
  const float to_hinge = unpacked(e, view.grid, waiting);
  enter_flight(e, view, stream, true, to_hinge);
}

/// Follows a primary that was emitted, and everything that follows from it, to the end.
YTTERBY_HD void follow_history(Electron& e, const auto& context) {
  auto& waiting = context.waiting;
  auto& tally = context.tally;
  bool flying = set_off(e, context);
  std::uint32_t segments = 0;
  while (true) {
    while (flying && segments < segment_cap) {
      ++segments;
      flying = fly(e, context);
    }
    if (segments >= segment_cap) break;
    WaitingElectron next;
    if (waiting.pop_electron(next)) {
      resume_waiting(e, context.view, context.stream, next);
      flying = true;
    } else if (waiting.photon_count > 0) {
      if constexpr (requires { waiting.photons; })
        flying = follow_photon(waiting.photons[--waiting.photon_count], e, context);
    } else {
      break;
    }
  }
  tally.totals.segments += segments;
  if (segments >= segment_cap) {  // never met; energy is booked all the same
    tally.raise(status_step_cap);
    if (flying) tally.discard(e.energy);
    while (waiting.electron_count > 0) tally.discard(waiting.electrons[--waiting.electron_count].energy);
    if constexpr (requires { waiting.photons; })
      while (waiting.photon_count > 0) tally.discard(waiting.photons[--waiting.photon_count].quanta);
  }
}

/// Runs history number `history` of the given seed to its end, scoring into `tally`.
template <class Tally>
YTTERBY_HD void run_history(const auto& view, std::uint64_t seed, std::uint64_t history, Tally& tally) {
  const Stream stream = stream_of(seed, history);
  WaitingList waiting;
  Electron e;
  emit_primary(e, view, stream, tally);
  const HistoryContext context{view, stream, waiting, tally};
  shed_with_beta(e, context);
  follow_history(e, context);
}

}  // namespace ytterby::inline YTTERBY_LEVEL
