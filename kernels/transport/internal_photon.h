#pragma once
// Internal bremsstrahlung: a photon that leaves with the beta itself, on request.

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

}  // namespace ytterby::inline YTTERBY_LEVEL
