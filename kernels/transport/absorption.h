#pragma once
// How an electron ends.

#include "kernels/physics/bremsstrahlung.h"
#include "kernels/physics/isotropic.h"
#include "kernels/rng/lineage.h"
#include "kernels/transport/condensed_step.h"
#include "kernels/transport/context.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Two photons of 0.511 MeV, back to back, from a positron at rest; the rest mass of the pair enters here.
YTTERBY_HD void annihilate(const Electron& e, const auto& context) {
  // absorb() has used this step's own numbers.
  Draws draws{context.stream, child_lineage(e.lineage, e.step, Birth::annihilation), 0};
  const std::uint32_t polar = draws.word();
  const Vec3 direction = isotropic(polar, draws.word());
  const Vec3 position = position_in_grid(e, context.view.grid);
  for (std::uint32_t i = 0; i < 2; ++i) {
    const Birth birth = i == 0 ? Birth::annihilation_ahead : Birth::annihilation_behind;
    context.add(Photon{position, direction * (i == 0 ? 1.0f : -1.0f), to_MeV(electron_mass_quanta),
                       electron_mass_quanta, child_lineage(e.lineage, e.step, birth), 0});
  }
}

/// What an electron of the given energy radiates while it slows down where it is, photon by photon; the energy that
/// stays [quanta]. `where` gives place and material; `word` decides whether there is a photon at all, which is rare.
YTTERBY_HD std::uint32_t slow_down(const Electron& where, std::uint32_t quanta, std::uint32_t lineage,
                                   std::uint32_t step, std::uint32_t word, const auto& context) {
  const PhysicsView& physics = context.view.physics;
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
    Draws draws{context.stream, lineage, step++};
    const float k = sample_bremsstrahlung(physics, where.material, T, draws);
    const std::uint32_t radiated = to_quanta(k);
    if (radiated > quanta) break;
    const std::uint32_t polar = draws.word();
    const Vec3 direction = isotropic(polar, draws.word());
    context.add(Photon{position_in_grid(where, context.view.grid), direction, to_MeV(radiated), radiated,
                       child_lineage(lineage, step, Birth::bremsstrahlung), 0});
    word = draws.word();
    quanta -= radiated;
    energy = T - k;
  }
  return quanta;
}

/// Ends an electron that cannot leave its voxel, or that is below the cutoff: its energy stays there, but for the
/// bremsstrahlung that its slowing down would have radiated.
YTTERBY_HD void absorb(Electron& e, std::uint32_t now, const auto& context) {
  context.book(e, now);
  const std::uint32_t word = context.stream.draw(e.lineage, e.step).w[0];
  context.deposit(e, slow_down(e, now, e.lineage, e.step + 1, word, context));
  if (e.positron) annihilate(e, context);
}

}  // namespace ytterby::inline YTTERBY_LEVEL
