#pragma once
// What happens to an electron, event by event; a loop only schedules these.

#include "kernels/physics/bremsstrahlung.h"
#include "kernels/physics/moller.h"
#include "kernels/physics/multiple_scattering.h"
#include "kernels/tally/deposit.h"
#include "kernels/transport/waiting.h"

namespace ytterby::inline YTTERBY_LEVEL {

YTTERBY_HD float to_MeV(std::uint32_t quanta) { return static_cast<float>(quanta) * MeV_per_quantum; }
YTTERBY_HD std::uint32_t to_quanta(float MeV) { return static_cast<std::uint32_t>(MeV * quanta_per_MeV + 0.5f); }

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

/// Step in the stream of an event at this energy [quanta]. Hinges count from 0; events have numbers of their own, so
/// that which of a hinge and an event comes first, where they are close, changes neither's.
YTTERBY_HD std::uint32_t event_step(std::uint32_t energy) { return (energy >> 1) | 0x80000000u; }

/// The number that decides an electron's next event after it knocked on another and has this energy left [quanta]: the
/// same whether it waited or not.
YTTERBY_HD std::uint32_t word_after_knock_on(const Electron& e, const Stream& stream) {
  constexpr std::uint32_t block = 0x4000u;  // no event draws as many
  return stream.draw(e.lineage, event_step(e.energy), block).w[0];
}

/// Draws the energy at which the next tentative event comes: events per MeV lost have a common majorant. At least two
/// quanta below the present one, so that no two events share an event_step().
YTTERBY_HD void schedule_event(Electron& e, const PhysicsView& physics, std::uint32_t word) {
  const float next = to_MeV(e.energy) + natural_log(uniform_open(word)) / physics.event_majorant;
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

template <class Tally>
YTTERBY_HD void deposit_here(const Electron& where, std::uint32_t quanta, Tally& tally) {
  if (where.inverse_density > 0.0f) {
    tally.deposit(where.voxel, quanta);
  } else {
    tally.discard(quanta);
  }
}

/// Books the energy lost since the last booking in the present voxel.
template <class Tally>
YTTERBY_HD void book(Electron& e, std::uint32_t now, Tally& tally) {
  deposit_here(e, e.energy - now, tally);
  e.energy = now;
}

template <class Tally>
YTTERBY_HD void add_photon(auto& waiting, const Stream& stream, const Photon& photon, Tally& tally) {
  if (!waiting.push_photon(stream, photon)) {
    tally.raise(status_photon_queue_full);
    tally.discard(photon.quanta);
  }
}

/// Lets an electron wait; its energy is discarded, and the batch refused, where there is no room.
template <class Tally>
YTTERBY_HD void add_electron(auto& waiting, const WaitingElectron& electron, Tally& tally) {
  if (!waiting.push_electron(electron)) {
    tally.raise(status_electron_stack_full);
    tally.discard(electron.energy);
  }
}

YTTERBY_HD Vec3 isotropic(std::uint32_t polar, std::uint32_t azimuth) {
  const float c = 1.0f - 2.0f * uniform(polar);
  const float s = square_root(max_of(1.0f - c * c, 0.0f));
  const SineCosine phi = sine_cosine_of_turn(azimuth);
  return {s * phi.cosine, s * phi.sine, c};
}

/// Two photons of 0.511 MeV, back to back, from a positron at rest; the rest mass of the pair enters here.
template <class Tally>
YTTERBY_HD void annihilate(const Electron& e, const Stream& stream, const auto& grid, auto& waiting, Tally& tally) {
  Draws draws{stream, child_lineage(e.lineage, e.step, 9), 0};  // absorb() has used this step's own numbers
  const std::uint32_t polar = draws.word();
  const Vec3 direction = isotropic(polar, draws.word());
  const Vec3 position = position_in_grid(e, grid);
  for (std::uint32_t i = 0; i < 2; ++i) {
    add_photon(waiting, stream,
               {position, direction * (i == 0 ? 1.0f : -1.0f), to_MeV(electron_mass_quanta), electron_mass_quanta,
                child_lineage(e.lineage, e.step, 1 + i), 0},
               tally);
  }
}

/// What an electron of the given energy radiates while it slows down where it is, photon by photon; the energy that
/// stays [quanta]. `where` gives place and material; `word` decides whether there is a photon at all, which is rare.
template <class Tally>
YTTERBY_HD std::uint32_t slow_down(const Electron& where, std::uint32_t quanta, std::uint32_t lineage,
                                   std::uint32_t step, std::uint32_t word, const auto& view, const Stream& stream,
                                   auto& waiting, Tally& tally) {
  const PhysicsView& physics = view.physics;
  float energy = to_MeV(quanta);
  for (int photon = 0; photon < rejection_cap && energy > physics.photon_cutoff; ++photon) {
    const GridPlace at = locate<range_grid>(range_of_energy(physics, where.material, energy));
    const RangeNode* nodes = range_nodes(physics, where.material, 0);
    const float expected = between(nodes[at.index].photons, nodes[at.index + 1].photons, at.fraction);
    // The next photon comes after an exponential number of expected photons. None if that exceeds what is left, and
    // exp(-x) >= 1 - x settles most cases without a logarithm.
    const float u = uniform_open(word);
    if (1.0f - u >= expected) break;
    const float left = expected + natural_log(u);
    if (left <= 0.0f) break;
    std::uint32_t low = 0, high = at.index + 1;  // node at which `left` are still to come
    while (high - low > 1) {
      const std::uint32_t middle = (low + high) / 2;
      if (nodes[middle].photons <= left) {
        low = middle;
      } else {
        high = middle;
      }
    }
    const float width = nodes[high].photons - nodes[low].photons;
    const float share = width > 0.0f ? min_of(max_of((left - nodes[low].photons) / width, 0.0f), 1.0f) : 1.0f;
    const float T = min_of(between(nodes[low].energy, nodes[high].energy, share), energy);
    if (T <= physics.photon_cutoff) break;
    Draws draws{stream, lineage, step++};
    const float k = sample_bremsstrahlung(physics, where.material, T, draws);
    const std::uint32_t radiated = to_quanta(k);
    if (radiated > quanta) break;
    const std::uint32_t polar = draws.word();
    const Vec3 direction = isotropic(polar, draws.word());
    add_photon(
        waiting, stream,
        {position_in_grid(where, view.grid), direction, to_MeV(radiated), radiated, child_lineage(lineage, step, 3), 0},
        tally);
    word = draws.word();
    quanta -= radiated;
    energy = T - k;
  }
  return quanta;
}

/// Ends an electron that cannot leave its voxel, or that is below the cutoff: its energy stays there, but for the
/// bremsstrahlung that its slowing down would have radiated.
template <class Tally>
YTTERBY_HD void absorb(Electron& e, std::uint32_t now, const auto& view, const Stream& stream, auto& waiting,
                       Tally& tally) {
  book(e, now, tally);
  const std::uint32_t word = stream.draw(e.lineage, e.step).w[0];
  deposit_here(e, slow_down(e, now, e.lineage, e.step + 1, word, view, stream, waiting, tally), tally);
  if (e.positron) annihilate(e, stream, view.grid, waiting, tally);
}

/// Turns at a hinge and plans the next one; false when the electron was absorbed instead.
template <class Tally>
YTTERBY_HD bool turn_at_hinge(Electron& e, const auto& view, const Stream& stream, auto& waiting, Tally& tally) {
  e.clearance = e.density * nearest_face(e, view.grid);
  if (e.range < e.clearance) {
    absorb(e, energy_now(e, view.physics), view, stream, waiting, tally);
    return false;
  }
  const Block block = stream.draw(e.lineage, e.step++);
  const float mu = sample_deflection(view.physics, e.angle_class, e.material, e.range, block.w[0]);
  const SineCosine phi = sine_cosine_of_turn(block.w[1]);
  const float sin_theta = 2.0f * square_root(mu * (1.0f - mu));
  e.direction = rotated(e.direction, 1.0f - 2.0f * mu, sin_theta, phi.cosine, phi.sine);
  const std::uint32_t next_class = step_class(e, e.nominal_hinge, view.physics, view.grid);
  const float strength = class_strength(next_class);
  const float before = hinge_place(next_class, block.w[2]) * strength;
  e.strength_hinge -= e.strength_after + before;
  e.nominal_hinge -= e.strength_after + before;
  e.strength_after = strength - before;
  e.angle_class = next_class;
  plan_vertex(e, view.physics);
  return true;
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

/// First step and first event of a particle, from the first block of its stream.
YTTERBY_HD void set_out(Electron& e, const auto& view, const Stream& stream) {
  const Block block = stream.draw(e.lineage, e.step++);
  schedule_event(e, view.physics, block.w[0]);
  begin_step(e, view.physics, view.grid, block.w[1]);
  plan_vertex(e, view.physics);
}

/// Radiates a photon of at least the photon cutoff; direction unchanged.
template <class Tally>
YTTERBY_HD void radiate(Electron& e, float T, const auto& view, const Stream& stream, Draws& draws,
                        std::uint32_t lineage, auto& waiting, Tally& tally) {
  const float k = sample_bremsstrahlung(view.physics, e.material, T, draws);
  std::uint32_t quanta = to_quanta(k);
  if (quanta > e.energy) quanta = e.energy;
  const float cosine = sample_bremsstrahlung_cosine(T, draws);
  const SineCosine phi = sine_cosine_of_turn(draws.word());
  const float sine = square_root(max_of(1.0f - cosine * cosine, 0.0f));
  add_photon(waiting, stream,
             {position_in_grid(e, view.grid), rotated(e.direction, cosine, sine, phi.cosine, phi.sine), to_MeV(quanta),
              quanta, lineage, 0},
             tally);
  e.energy -= quanta;
}

/// Knocks on an electron. The secondary is followed first where it can leave the voxel; the primary then waits.
/// Returns false when the electron in flight is now the secondary.
template <class Tally>
YTTERBY_HD bool knock_on(Electron& e, float T, const auto& view, const Stream& stream, Draws& draws,
                         std::uint32_t lineage, auto& waiting, Tally& tally) {
  const PhysicsView& physics = view.physics;
  const float fraction = sample_moller_fraction(T, physics.electron_cutoff_MeV, draws);
  if (fraction == 0.0f) return true;
  const float W = fraction * T;
  const MollerAngles angles = moller_angles(T, W);
  const SineCosine phi = sine_cosine_of_turn(draws.word());
  const std::uint32_t quanta = to_quanta(W);
  const float strength_to_hinge = max_of(strength_of_range(physics, e.material, e.range) - e.strength_hinge, 0.0f);
  const Vec3 before = e.direction;
  const float s1 = square_root(max_of(1.0f - angles.cos_primary * angles.cos_primary, 0.0f));
  e.direction = rotated(before, angles.cos_primary, s1, phi.cosine, phi.sine);
  e.energy -= quanta;
  change_energy(e, physics, strength_to_hinge);

  const float range = range_of_energy(physics, e.material, W);
  if (range < e.density * nearest_face(e, view.grid)) {
    const std::uint32_t word = draws.word();
    deposit_here(e, slow_down(e, quanta, lineage, 0, word, view, stream, waiting, tally), tally);
    return true;
  }
  add_electron(waiting, packed(e, view.grid, strength_to_hinge), tally);
  const float s2 = square_root(max_of(1.0f - angles.cos_secondary * angles.cos_secondary, 0.0f));
  e.direction = rotated(before, angles.cos_secondary, s2, -phi.cosine, -phi.sine);
  e.energy = quanta;
  e.range = range;
  e.lineage = lineage;
  e.step = 0;
  e.positron = false;
  set_out(e, view, stream);
  return false;
}

/// A tentative event at the energy it was scheduled for. Energy and range of the electron are those of the event.
template <class Tally>
YTTERBY_HD void meet_event(Electron& e, const auto& view, const Stream& stream, auto& waiting, Tally& tally) {
  const PhysicsView& physics = view.physics;
  book(e, e.energy_event < e.energy ? e.energy_event : e.energy, tally);
  const float T = to_MeV(e.energy);
  const std::uint32_t step = event_step(e.energy);
  Draws draws{stream, e.lineage, step};
  std::uint32_t next = draws.word();
  const float choice = uniform(draws.word());
  const GridPlace at = locate<energy_grid>(T);
  const EnergyNode* node = physics.energy.data + e.material * (energy_grid.intervals + 1) + at.index;
  if (choice < between(node[0].moller, node[1].moller, at.fraction)) {
    if (!knock_on(e, T, view, stream, draws, child_lineage(e.lineage, step, 0), waiting, tally)) return;
    next = word_after_knock_on(e, stream);
  } else if (choice < between(node[0].event, node[1].event, at.fraction) && T > physics.photon_cutoff) {
    const float strength_to_hinge = strength_of_range(physics, e.material, e.range) - e.strength_hinge;
    radiate(e, T, view, stream, draws, child_lineage(e.lineage, step, 3), waiting, tally);
    change_energy(e, physics, max_of(strength_to_hinge, 0.0f));
  }
  schedule_event(e, physics, next);
  plan_vertex(e, physics);
}

}  // namespace ytterby::inline YTTERBY_LEVEL
