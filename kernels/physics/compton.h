#pragma once
// Compton scattering.

#include "kernels/math.h"
#include "kernels/physics/constants.h"
#include "kernels/rng/philox.h"

namespace ytterby::inline YTTERBY_LEVEL {

struct ComptonResult {
  float energy;        // of the scattered photon [MeV]
  float cos_photon;    // of the scattered photon
  float cos_electron;  // of the electron, on the other side
};

/// Klein-Nishina scattering of a photon of energy k [MeV] by an electron at rest.
/// Klein, Nishina, Z. Phys. 52 (1929) 853; composition and rejection after Butcher and Messel, Nucl. Phys. 20
/// (1960) 15. Efficiency above 0.5. Draws three numbers a trial. Binding enters through the total cross section alone.
template <class Rng>
YTTERBY_HD ComptonResult sample_compton(float k, Rng& rng) {
  const float kappa = k / electron_mass_MeV;
  const float e0 = 1.0f / (1.0f + 2.0f * kappa);
  const float a1 = -natural_log(e0);
  const float a2 = 0.5f * (1.0f - e0 * e0);
  float e = 1.0f, t = 0.0f;
  for (int trial = 0; trial < rejection_cap; ++trial) {
    const float branch = uniform(rng.word()) * (a1 + a2);
    const float u = uniform(rng.word());
    e = branch < a1 ? exponential(-a1 * u) : square_root(e0 * e0 + (1.0f - e0 * e0) * u);
    t = min_of(max_of((1.0f - e) / (kappa * e), 0.0f), 2.0f);
    const float sin2 = t * (2.0f - t);
    if (uniform(rng.word()) <= 1.0f - e * sin2 / (1.0f + e * e)) break;
  }
  const float scattered = min_of(k * e, k);
  const float T = k - scattered;
  const float momentum = square_root(T * (T + 2.0f * electron_mass_MeV));
  const float cos_photon = 1.0f - t;
  const float cos_electron = momentum > 0.0f ? (k - scattered * cos_photon) / momentum : 1.0f;
  return {scattered, cos_photon, min_of(max_of(cos_electron, -1.0f), 1.0f)};
}

}  // namespace ytterby::inline YTTERBY_LEVEL
