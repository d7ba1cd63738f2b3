#pragma once
// One history: a primary electron and everything that follows from it.

#include "kernels/geometry/shell_walk.h"
#include "kernels/source/emit.h"
#include "kernels/transport/photon_events.h"

namespace ytterby::inline YTTERBY_LEVEL {

inline constexpr std::uint32_t segment_cap = 1u << 22;  // flights of one history; far beyond any real one

/// One straight flight: to the next vertex, or through a voxel face. False when the electron is no more.
YTTERBY_HD bool fly(Electron& e, const auto& context) {
  const auto& view = context.view;
  const PhysicsView& physics = view.physics;
  const float to_vertex = e.range - e.range_vertex;
  Face face{};
  float to_face = 0.0f;
  // Most flights end before they could reach any face; the faces need not be looked at then.
  const bool stays = to_vertex < 0.9999f * e.clearance;
  if (!stays) {
    face = next_face(e, view.grid);
    to_face = e.density * face.distance;
  }
  if (stays || (to_vertex <= to_face && e.inverse_density > 0.0f)) {
    e.clearance -= to_vertex;
    advance(e, view.grid, to_vertex * e.inverse_density);
    e.range = e.range_vertex;
    if (e.vertex == Vertex::hinge) return turn_at_hinge(e, context);
    if (e.vertex == Vertex::event) {
      meet_event(e, context);
      return true;
    }
    absorb(e, energy_now(e, physics), context);
    return false;
  }
  advance(e, view.grid, face.distance);
  e.range -= to_face;
  if (e.inverse_density > 0.0f) context.book(e, energy_now(e, physics));
  if (!cross_face(e, view.grid, face.axis)) {
    context.tally.escape(e.energy);
    if (e.positron) context.tally.escape(2u * electron_mass_quanta);
    return false;
  }
  const std::uint32_t old_material = e.material;
  enter_voxel(e, view.grid);
  if (e.material != old_material) change_material(e, old_material, physics);
  return true;
}

/// Puts an electron that waited back in flight.
YTTERBY_HD void resume_waiting(Electron& e, const auto& view, const Stream& stream, const WaitingElectron& waiting) {
  const float to_hinge = unpacked(e, view.grid, waiting);
  change_energy(e, view.physics, to_hinge);
  schedule_event(e, view.physics, word_after_knock_on(e, stream));
  plan_vertex(e, view.physics);
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
  follow_history(e, HistoryContext{view, stream, waiting, tally});
}

}  // namespace ytterby::inline YTTERBY_LEVEL
