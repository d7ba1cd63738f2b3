#pragma once
// How an electron slows down and scatters between events: what it reaches next, and the steps its hinges lie in.

#include "kernels/geometry/voxel_walk.h"
#include "kernels/math.h"
#include "kernels/tally/quanta.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Finds the range at which the next event, or the cutoff, is reached in this material.
YTTERBY_HD void locate_event(Electron& e, const PhysicsView& physics) {
  e.range_event = e.energy_event != 0 ? range_of_energy(physics, e.material, to_MeV(e.energy_event))
                                      : physics.range_at_cutoff[e.material];
}

/// Chooses what the electron reaches first in its material: hinge, tentative event, or the energy cutoff.
YTTERBY_HD void plan_vertex(Electron& e, const PhysicsView& physics) {
  const float hinge = range_of_strength(physics, e.material, e.strength_hinge);
  e.range_vertex = e.range_event;
  e.vertex = e.energy_event != 0 ? Vertex::event : Vertex::end;
  if (hinge > e.range_vertex) {
    e.range_vertex = hinge;
    e.vertex = Vertex::hinge;
  }
  e.range_vertex = min_of(e.range_vertex, e.range);
}

/// Step in the stream of the last event that an electron met. Hinges and events are counted apart, so that which of a
/// hinge and an event comes first, where they are close, changes neither's numbers, and that two runs whose energies
/// differ by a rounding or a photon still share theirs.
YTTERBY_HD std::uint32_t event_step(const Electron& e) { return e.events | 0x80000000u; }

/// Counts the event that an electron meets.
YTTERBY_HD void count_event(Electron& e) { e.events = (e.events + 1u) & (event_counts - 1u); }

/// No event draws as many blocks as this one's number says.
inline constexpr std::uint32_t block_after_knock_on = 0x4000u;

/// The number that decides an electron's next event after the one just met, where it knocked on another: the same
/// whether it waited or not.
YTTERBY_HD std::uint32_t word_after_knock_on(const Electron& e, const Stream& stream) {
  return stream.draw(e.lineage, event_step(e), block_after_knock_on).w[0];
}

/// How much farther the electron goes for a loss than on average. Of a share 1 + z of the mean loss it is 1/(1 + z) up
/// to z^2: since (1 + z)(1 - z + z^2) = 1 + z^3, and z is symmetric, its mean over the losses is 1.
YTTERBY_HD float path_factor(const Electron& e) {
  const float z = e.loss_share - 1.0f;
  return 1.0f - z * (1.0f - z);
}

/// Draws what an electron of T [MeV] loses up to its next tentative event, over what it loses there on average: uniform
/// around 1, with the variance w/mean of soft collisions. That average follows from the same `word`, whose top bits
/// stand for it; the low 8 bits choose.
YTTERBY_HD float sample_loss_share(const PhysicsView& physics, std::uint32_t material, float T, std::uint32_t word) {
  const float width = straggling_of_energy(physics, material, T) * physics.inverse_root_loss[word >> 26];
  const float place = static_cast<float>(word & 0xffu) - 127.5f;  // in parts, for a half width of 1
  const float parts = 1.0f / loss_part + 0.5f + min_of(width, most_straggling) * place;
  return static_cast<float>(static_cast<std::uint32_t>(parts)) * loss_part;
}

/// Draws the path to the next tentative event, and the energy that the electron has there, at least two quanta below
/// the present one. Events have a common majorant per MeV that is lost on average; what is lost in fact straggles, by
/// bits of the word that the logarithm leaves.
///
/// Until then the electron goes farther for what it loses, or less far. So energies only fall, what is deposited is
/// what is lost, and two runs with the same random numbers meet the same energies.
YTTERBY_HD void schedule_event(Electron& e, const PhysicsView& physics, std::uint32_t word) {
  const float T = to_MeV(e.energy), mean = -natural_log(uniform_open(word)) / physics.event_majorant;
  e.loss_share = sample_loss_share(physics, e.material, T, word);
  set_path_per_range(e);
  const float next = T - mean * e.loss_share;
  const std::uint32_t below = e.energy > 2u ? e.energy - 2u : 0u;
  const std::uint32_t quanta = to_quanta(max_of(next, 0.0f));
  e.energy_event = next > physics.electron_cutoff_MeV ? (quanta < below ? quanta : below) : 0u;
  locate_event(e, physics);
}

/// A density's power of two, from 0.75 of it up to 1.5 of it: 1 g/cm3 for all soft tissue.
YTTERBY_HD float nominal_density(float density) {
  return bits_float((float_bits(density) + 0x00400000u) & 0x7f800000u);
}

/// Class of a new step that begins where the nominal medium has `nominal` strength left: the longest whose strength
/// does not exceed the given share of a voxel's.
///
/// The choice is by a nominal medium and a rounded density, so that neither the noise of a CT nor a slightly different
/// tissue sets two runs with the same random numbers apart: after one other class they would share no deflection.
YTTERBY_HD std::uint32_t step_class(const Electron& e, float nominal, const PhysicsView& physics, const auto& grid) {
  const float density = nominal_density(e.density * physics.scattering[e.material]);
  const float strength = nominal_transport(physics, nominal) * density * smallest_side(e, grid) * physics.step_fraction;
  if (strength >= class_strength(0)) return 0;
  if (strength >= class_strength(1)) return 1;
  return strength >= class_strength(2) ? 2 : 3;
}

/// Place of the hinge in its step, 0 to 1 of the step's scattering strength k.
///
/// One hinge at u gives a mean forward displacement of u + (1-u) exp(-k); the exact one is (1 - exp(-k))/k (Lewis,
/// Phys. Rev. 78 (1950) 526). They agree for E[u] = 1/k - 1/(e^k - 1), a little before the middle: u = U (1 - c (1-U))
/// with c = 6 (1/2 - E[u]).
YTTERBY_HD float hinge_place(std::uint32_t angle_class, std::uint32_t word) {
  const float u = uniform(word);
  return u * (1.0f - class_hinge(angle_class) * (1.0f - u));
}

/// Starts a particle's first step at its present range: hinge at a random place of it.
YTTERBY_HD void begin_step(Electron& e, const PhysicsView& physics, const auto& grid, std::uint32_t word) {
  const float nominal = nominal_strength_of_energy(physics, to_MeV(e.energy));
  e.angle_class = step_class(e, nominal, physics, grid);
  const float strength = class_strength(e.angle_class);
  const float before = hinge_place(e.angle_class, word) * strength;
  e.nominal_hinge = nominal - before;
  e.strength_after = strength - before;
  e.strength_hinge = strength_of_range(physics, e.material, e.range) - before;
}

/// Kinetic energy now [quanta], never above that at the last booking.
YTTERBY_HD std::uint32_t energy_now(const Electron& e, const PhysicsView& physics) {
  const std::uint32_t now = to_quanta(energy_of_range(physics, e.material, e.range));
  return now < e.energy ? now : e.energy;
}

/// After a loss of energy: the strength to the hinge stays.
YTTERBY_HD void change_energy(Electron& e, const PhysicsView& physics, float strength_to_hinge) {
  const float energy = to_MeV(e.energy);
  e.range = range_of_energy(physics, e.material, energy);
  e.strength_hinge = strength_of_range(physics, e.material, e.range) - strength_to_hinge;
  e.nominal_hinge = nominal_strength_of_energy(physics, energy) - strength_to_hinge;
}

/// Goes on in another material with the same energy, the same strength to the hinge and the same next event.
YTTERBY_HD void change_material(Electron& e, std::uint32_t old_material, const PhysicsView& physics) {
  const float to_hinge = strength_of_range(physics, old_material, e.range) - e.strength_hinge;
  e.range = range_of_energy(physics, e.material, to_MeV(e.energy));
  e.strength_hinge = strength_of_range(physics, e.material, e.range) - max_of(to_hinge, 0.0f);
  locate_event(e, physics);
  plan_vertex(e, physics);
}

/// Puts an electron in flight: a new one with its first step and event, or one that waited (`resumes`), which keeps its
/// step and has `to_hinge` left of its strength. Energy, material and, of a new one, range are set.
YTTERBY_HD void enter_flight(Electron& e, const auto& view, const Stream& stream, bool resumes = false,
                             float to_hinge = 0.0f) {
  const PhysicsView& physics = view.physics;
  const Block block = stream.draw(e.lineage, resumes ? event_step(e) : e.step, resumes ? block_after_knock_on : 0u);
  if (resumes) {
    change_energy(e, physics, to_hinge);
  } else {
    ++e.step;
    begin_step(e, physics, view.grid, block.w[1]);
  }
  schedule_event(e, physics, block.w[0]);
  plan_vertex(e, physics);
}

}  // namespace ytterby::inline YTTERBY_LEVEL
