#pragma once
// Photons that electrons radiate.

#include "kernels/math.h"
#include "kernels/physics/constants.h"
#include "kernels/rng/philox.h"
#include "kernels/tables/lookup.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Energy [MeV] of a bremsstrahlung photon above the photon cutoff, radiated at kinetic energy T [MeV] > cutoff.
///
/// Seltzer, Berger, At. Data Nucl. Data Tables 35 (1986) 345, tabulated as ln(k/cutoff)/ln(T/cutoff) at equal steps
/// of probability; a random choice between neighbouring tables interpolates in T. Draws two numbers.
template <class Rng>
YTTERBY_HD float sample_bremsstrahlung(const PhysicsView& physics, std::uint32_t material, float T, Rng& rng) {
  const GridPlace at = locate<bremsstrahlung_grid>(T);
  const std::uint32_t upper = uniform(rng.word()) < at.fraction ? 1u : 0u;
  const std::uint32_t node = material * (bremsstrahlung_grid.intervals + 1) + at.index + upper;
  const float* table = physics.bremsstrahlung.data + node * bremsstrahlung_stride;
  const std::uint32_t word = rng.word();
  const std::uint32_t bin = word >> 26;
  const float fraction = static_cast<float>((word >> 2) & 0xffffffu) * (1.0f / 16777216.0f);
  const float t = between(table[bin], table[bin + 1], fraction);
  const float k = physics.photon_cutoff * exponential(t * natural_log(T / physics.photon_cutoff));
  return min_of(max_of(k, physics.photon_cutoff), T);
}

/// Cosine of the photon's angle to the electron of kinetic energy T [MeV]: dipole radiation of the electron's rest
/// frame, boosted (the leading angular law; the direction matters little after the electron's own scattering).
/// Draws two numbers a trial; efficiency 2/3.
template <class Rng>
YTTERBY_HD float sample_bremsstrahlung_cosine(float T, Rng& rng) {
  const float total = T + electron_mass_MeV;
  const float beta = square_root(T * (T + 2.0f * electron_mass_MeV)) / total;
  float c = 0.0f;
  for (int trial = 0; trial < rejection_cap; ++trial) {
    c = 2.0f * uniform(rng.word()) - 1.0f;
    if (2.0f * uniform(rng.word()) < 1.0f + c * c) break;
  }
  return (c + beta) / (1.0f + beta * c);
}

}  // namespace ytterby::inline YTTERBY_LEVEL
