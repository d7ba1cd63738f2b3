#pragma once
// Coherent scattering of photons.

#include "kernels/physics/constants.h"
#include "kernels/rng/philox.h"
#include "kernels/tables/lookup.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Cosine of Rayleigh scattering of a photon of energy k [MeV]: F(q)^2 from the tabulated integral over q^2 up to the
/// largest transfer, and (1 + cos^2)/2 by rejection. q in units of mc. Efficiency above 1/2. Two numbers a trial.
template <class Rng>
YTTERBY_HD float sample_rayleigh_cosine(const PhysicsView& physics, std::uint32_t material, float k, Rng& rng) {
  const float kappa = k / electron_mass_MeV;
  const float q2_max = 4.0f * kappa * kappa;
  const float* integral = physics.rayleigh.data + material * (momentum_grid.intervals + 1);
  const GridPlace top = locate<momentum_grid>(q2_max);
  const float total = between(integral[top.index], integral[top.index + 1], top.fraction);
  float cosine = 1.0f;
  for (int trial = 0; trial < rejection_cap; ++trial) {
    const float wanted = uniform(rng.word()) * total;
    std::uint32_t low = 0, high = momentum_grid.intervals;
    while (high - low > 1) {
      const std::uint32_t middle = (low + high) / 2;
      if (integral[middle] <= wanted) {
        low = middle;
      } else {
        high = middle;
      }
    }
    const float width = integral[low + 1] - integral[low];
    const float fraction = width > 0.0f ? max_of(wanted - integral[low], 0.0f) / width : 0.0f;
    const float q2 = between(low == 0 ? 0.0f : grid_value<momentum_grid>(low), grid_value<momentum_grid>(low + 1),
                             min_of(fraction, 1.0f));
    cosine = max_of(1.0f - 2.0f * q2 / q2_max, -1.0f);
    if (2.0f * uniform(rng.word()) <= 1.0f + cosine * cosine) break;
  }
  return cosine;
}

}  // namespace ytterby::inline YTTERBY_LEVEL
