#pragma once
// What happens to a photon: delta tracking to a collision, then one interaction.

#include "kernels/geometry/delta_tracking.h"
#include "kernels/physics/compton.h"
#include "kernels/physics/photoelectric.h"
#include "kernels/physics/rayleigh.h"
#include "kernels/transport/electron_events.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// An electron born of a photon at a point of the grid; `e` is set up but not yet under way.
YTTERBY_HD void electron_at(Electron& e, const auto& view, const GridPoint& at, Vec3 direction, std::uint32_t quanta,
                            std::uint32_t lineage, bool positron) {
  e = {};
  e.x = at.x;
  e.y = at.y;
  e.z = at.z;
  e.voxel = at.voxel;
  e.position = at.local;
  enter_voxel(e, view.grid);
  e.direction = direction;
  e.energy = quanta;
  e.range = range_of_energy(view.physics, e.material, to_MeV(quanta));
  e.lineage = lineage;
  e.positron = positron;
}

/// Pair production: kinetic energies share k - 2m uniformly, both along the photon. The pair's rest mass leaves the
/// photon here and comes back when the positron annihilates.
YTTERBY_HD bool make_pair(const Photon& photon, const GridPoint& at, Electron& e, Draws& draws, const auto& context) {
  const auto& view = context.view;
  const std::uint32_t kinetic = photon.quanta - 2u * electron_mass_quanta;
  const std::uint32_t first = multiply_high(draws.word(), kinetic);
  electron_at(e, view, at, photon.direction, first, child_lineage(photon.lineage, draws.step, Birth::pair_positron),
              true);
  if (set_off(e, context)) {
    const float to_hinge = strength_of_range(view.physics, e.material, e.range) - e.strength_hinge;
    context.add(packed(e, view.grid, max_of(to_hinge, 0.0f)));
  }
  electron_at(e, view, at, photon.direction, kinetic - first,
              child_lineage(photon.lineage, draws.step, Birth::pair_electron), false);
  return set_off(e, context);
}

/// Follows a photon to its next interaction. A scattered photon goes back to the waiting list; true when `e` holds an
/// electron under way. No electron of this history may be waiting, so that a pair finds room.
YTTERBY_HD bool follow_photon(Photon photon, Electron& e, const auto& context) {
  const auto& view = context.view;
  auto& tally = context.tally;
  const PhysicsView& physics = view.physics;
  const GridPlace node = locate<energy_grid>(photon.energy);
  const float majorant = max_of(physics.photon_majorant[node.index], physics.photon_majorant[node.index + 1]);
  GridPoint at;
  for (int trial = 0; trial < delta_tracking_cap; ++trial) {
    const std::uint32_t step = photon.step++;
    Draws draws{context.stream, photon.lineage, step};
    const bool at_birth = step == pair_at_birth;
    const float flight = -natural_log(uniform_open(draws.word())) / majorant;
    photon.position = photon.position + photon.direction * (at_birth ? 0.0f : flight);
    if (!locate_point(view.grid, photon.position, at)) {
      tally.escape(photon.quanta);
      return false;
    }
    const std::uint32_t word = voxel_word(view.grid, at);
    const std::uint32_t material = word & 0xffu;
    const PhotonNode* p = physics.photon.data + material * (energy_grid.intervals + 1) + node.index;
    const float mu = between(p[0].mu_over_rho, p[1].mu_over_rho, node.fraction) * bits_float(word & 0xffffff00u);
    const float u = uniform(draws.word()) * majorant;
    if (u >= mu && !at_birth) continue;

    const float share = at_birth ? 2.0f : u / mu;  // beyond all others: pair production
    if (share < between(p[0].compton, p[1].compton, node.fraction)) {
      const ComptonResult c = sample_compton(photon.energy, draws);
      const SineCosine phi = sine_cosine_of_turn(draws.word());
      const std::uint32_t quanta = min_of_quanta(to_quanta(c.energy), photon.quanta);
      const float s1 = square_root(max_of(1.0f - c.cos_photon * c.cos_photon, 0.0f));
      const float s2 = square_root(max_of(1.0f - c.cos_electron * c.cos_electron, 0.0f));
      if (c.energy > physics.photon_cutoff) {
        context.add(Photon{photon.position, rotated(photon.direction, c.cos_photon, s1, phi.cosine, phi.sine),
                           to_MeV(quanta), quanta, child_lineage(photon.lineage, step, Birth::compton_photon), 0});
      } else {
        tally.deposit(at.voxel, quanta);
      }
      electron_at(e, view, at, rotated(photon.direction, c.cos_electron, s2, -phi.cosine, -phi.sine),
                  photon.quanta - quanta, child_lineage(photon.lineage, step, Birth::compton_electron), false);
      return set_off(e, context);
    }
    if (share < between(p[0].photoelectric, p[1].photoelectric, node.fraction)) {
      const float cosine = sample_photoelectron_cosine(photon.energy, draws);
      const SineCosine phi = sine_cosine_of_turn(draws.word());
      const float sine = square_root(max_of(1.0f - cosine * cosine, 0.0f));
      electron_at(e, view, at, rotated(photon.direction, cosine, sine, phi.cosine, phi.sine), photon.quanta,
                  child_lineage(photon.lineage, step, Birth::photoelectron), false);
      return set_off(e, context);
    }
    if (share < between(p[0].rayleigh, p[1].rayleigh, node.fraction) || photon.quanta <= 2u * electron_mass_quanta) {
      const float cosine = sample_rayleigh_cosine(physics, material, photon.energy, draws);
      const SineCosine phi = sine_cosine_of_turn(draws.word());
      const float sine = square_root(max_of(1.0f - cosine * cosine, 0.0f));
      photon.direction = rotated(photon.direction, cosine, sine, phi.cosine, phi.sine);
      continue;
    }
    return make_pair(photon, at, e, draws, context);
  }
  tally.raise(status_step_cap);
  tally.discard(photon.quanta);
  return false;
}

}  // namespace ytterby::inline YTTERBY_LEVEL
