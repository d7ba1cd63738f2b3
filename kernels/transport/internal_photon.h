#pragma once
// What leaves with the beta itself, on request: internal bremsstrahlung, and the pair of an excited daughter.

#include "kernels/physics/isotropic.h"
#include "kernels/rng/lineage.h"
#include "kernels/source/emit.h"
#include "kernels/transport/context.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Step of lineage 0 that an internal photon is drawn at; no particle comes to it.
inline constexpr std::uint32_t internal_step = 0xfffffffeu;

/// May take a photon's energy off a primary that was emitted just now: with the probability and the energy that theory
/// gives for its energy (engine/physics/internal_bremsstrahlung.h), between two rows of the table by chance. Its
/// direction is isotropic: that it is nearer to the beta's moves energy by less than the beta itself does.
YTTERBY_HD void shed_photon(Electron& e, const auto& context) {
  const SourceView& source = context.view.source;
  if (source.internal_number.size == 0) return;
  const Block block = context.stream.draw(0, internal_step, 0), more = context.stream.draw(0, internal_step, 1);
  const float T = to_MeV(e.energy), place = T * source.internal_rows_per_MeV;
  std::uint32_t row = static_cast<std::uint32_t>(place);
  const std::uint32_t last = source.internal_number.size - 1;
  const float above = place - static_cast<float>(row);
  if (uniform(more.w[0]) < above) ++row;
  if (row > last) row = last;
  if (!(uniform(block.w[0]) < source.internal_number[row])) return;
  const std::uint32_t columns = source.internal_share.size / source.internal_number.size;
  const float column = uniform(block.w[1]) * static_cast<float>(columns - 1);
  const std::uint32_t left = min_of_quanta(static_cast<std::uint32_t>(column), columns - 2);
  const float* share = source.internal_share.data + row * columns + left;
  const float k = T * between(share[0], share[1], column - static_cast<float>(left));
  const std::uint32_t quanta = to_quanta(k);
  if (k < context.view.physics.photon_cutoff || quanta >= e.energy) return;
  context.add(Photon{position_in_grid(e, context.view.grid), isotropic(block.w[2], block.w[3]), to_MeV(quanta), quanta,
                     child_lineage(0, internal_step, Birth::bremsstrahlung), 0});
  e.energy -= quanta;
  e.range = range_of_energy(context.view.physics, e.material, to_MeV(e.energy));
}

/// A decay to the level that ends in a pair, by chance: the beta has the smaller end point of that branch, and the
/// level's energy waits as a photon that becomes the pair where it is (photon_events.h). Of the branch's own shape the
/// mean would be some 30 keV lower than that of the ground state's, scaled: 1e-6 of a decay's energy.
YTTERBY_HD void shed_pair(Electron& e, const auto& context) {
  const SourceView& source = context.view.source;
  if (source.pair_chance == 0) return;
  const Block block = context.stream.draw(0, internal_step, 2);
  if (block.w[0] >= source.pair_chance) return;
  const std::uint32_t left = multiply_high(e.energy, source.pair_beta_share);
  const std::uint32_t taken = min_of_quanta(e.energy - left, source.pair_quanta);
  context.tally.emit(source.pair_quanta - taken);
  context.add(Photon{position_in_grid(e, context.view.grid), isotropic(block.w[1], block.w[2]),
                     to_MeV(source.pair_quanta), source.pair_quanta,
                     child_lineage(0, internal_step, Birth::pair_positron), pair_at_birth});
  e.energy -= taken;
  e.range = range_of_energy(context.view.physics, e.material, to_MeV(e.energy));
}

/// Both, for a primary that was emitted just now.
YTTERBY_HD void shed_with_beta(Electron& e, const auto& context) {
  shed_pair(e, context);
  shed_photon(e, context);
}

}  // namespace ytterby::inline YTTERBY_LEVEL
