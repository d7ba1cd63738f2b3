#pragma once
// What happens to an electron, event by event; a loop only schedules these.

#include "kernels/physics/moller.h"
#include "kernels/physics/multiple_scattering.h"
#include "kernels/transport/absorption.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Turns at a hinge and plans the next one; false when the electron cannot leave its voxel and ends here.
YTTERBY_HD bool turn_at_hinge(Electron& e, const auto& context) {
  const PhysicsView& physics = context.view.physics;
  e.clearance = nearest_face(e, context.view.grid);
  if (e.range < e.density * e.clearance) return false;
  const Block block = context.stream.draw(e.lineage, e.step++);
  const float mu = sample_deflection(physics, e.angle_class, e.material, e.range, block.w[0], path_factor(e));
  const SineCosine phi = sine_cosine_of_turn(block.w[1]);
  const float sin_theta = 2.0f * square_root(mu * (1.0f - mu));
  e.direction = rotated(e.direction, 1.0f - 2.0f * mu, sin_theta, phi.cosine, phi.sine);
  const std::uint32_t next_class = step_class(e, e.nominal_hinge, physics, context.view.grid);
  const float strength = class_strength(next_class);
  const float before = hinge_place(next_class, block.w[2]) * strength;
  e.strength_hinge -= e.strength_after + before;
  e.nominal_hinge -= e.strength_after + before;
  e.strength_after = strength - before;
  e.angle_class = next_class;
  plan_vertex(e, physics);
  return true;
}

/// Whether a new electron stays where it is: below the cutoff, or where it cannot leave its voxel.
YTTERBY_HD bool ends_at_birth(const Electron& e, const auto& view) {
  return e.energy <= view.physics.electron_cutoff || e.range < e.density * nearest_face(e, view.grid);
}

/// Sets a new electron on its way, or deposits it on the spot; false when nothing is left to follow.
YTTERBY_HD bool set_off(Electron& e, const auto& context) {
  if (ends_at_birth(e, context.view)) {
    absorb(e, e.energy, context);
    return false;
  }
  enter_flight(e, context.view, context.stream);
  return true;
}

/// Radiates a photon of at least the photon cutoff; direction unchanged.
YTTERBY_HD void radiate(Electron& e, float T, Draws& draws, std::uint32_t lineage, const auto& context) {
  const float k = sample_bremsstrahlung(context.view.physics, e.material, T, draws);
  std::uint32_t quanta = to_quanta(k);
  if (quanta > e.energy) quanta = e.energy;
  const float cosine = sample_bremsstrahlung_cosine(T, draws);
  const SineCosine phi = sine_cosine_of_turn(draws.word());
  const float sine = square_root(max_of(1.0f - cosine * cosine, 0.0f));
  context.add(Photon{position_in_grid(e, context.view.grid), rotated(e.direction, cosine, sine, phi.cosine, phi.sine),
                     to_MeV(quanta), quanta, lineage, 0});
  e.energy -= quanta;
}

/// Knocks on an electron. The secondary is followed first where it can leave the voxel; the primary then waits.
/// Returns false when the electron is now the secondary, which has yet to enter its flight.
YTTERBY_HD bool knock_on(Electron& e, float T, Draws& draws, std::uint32_t lineage, const auto& context) {
  const PhysicsView& physics = context.view.physics;
  const auto& grid = context.view.grid;
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
  if (range < e.density * nearest_face(e, grid)) {
    const std::uint32_t word = draws.word();
    context.deposit(e, slow_down(e, quanta, lineage, 0, word, context));
    return true;
  }
  context.add(packed(e, grid, strength_to_hinge));
  const float s2 = square_root(max_of(1.0f - angles.cos_secondary * angles.cos_secondary, 0.0f));
  e.direction = rotated(before, angles.cos_secondary, s2, -phi.cosine, -phi.sine);
  e.energy = quanta;
  e.range = range;
  e.lineage = lineage;
  e.step = 0;
  e.events = 0;
  e.positron = false;
  return false;
}

/// A tentative event at the energy it was scheduled for. Energy and range of the electron are those of the event. False
/// when the electron is now a secondary, which has yet to enter its flight.
YTTERBY_HD bool meet_event(Electron& e, const auto& context) {
  const PhysicsView& physics = context.view.physics;
  context.book(e, min_of_quanta(e.energy_event, e.energy));
  const float T = to_MeV(e.energy);
  count_event(e);
  const std::uint32_t step = event_step(e);
  Draws draws{context.stream, e.lineage, step};
  std::uint32_t next = draws.word();
  const float choice = uniform(draws.word());
  const GridPlace at = locate<energy_grid>(T);
  const EnergyNode* node = physics.energy.data + e.material * (energy_grid.intervals + 1) + at.index;
  if (choice < between(node[0].moller, node[1].moller, at.fraction)) {
    if (!knock_on(e, T, draws, child_lineage(e.lineage, step, Birth::knock_on), context)) return false;
    next = word_after_knock_on(e, context.stream);
  } else if (choice < between(node[0].event, node[1].event, at.fraction) && T > physics.photon_cutoff) {
    const float strength_to_hinge = strength_of_range(physics, e.material, e.range) - e.strength_hinge;
    radiate(e, T, draws, child_lineage(e.lineage, step, Birth::bremsstrahlung), context);
    change_energy(e, physics, max_of(strength_to_hinge, 0.0f));
  }
  schedule_event(e, physics, next);
  plan_vertex(e, physics);
  return true;
}

}  // namespace ytterby::inline YTTERBY_LEVEL
