#pragma once
// Moller scattering: collisions with atomic electrons that transfer more than the production threshold.

#include "kernels/math.h"
#include "kernels/physics/constants.h"
#include "kernels/rng/philox.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Fraction of the kinetic energy T [MeV] that a Moller secondary gets, between threshold/T and 1/2; 0 if none can.
///
/// Moller, Ann. Phys. 14 (1932) 531, as ICRU Report 37 eq. (2.5) has it. Drawn from 1/e^2 and accepted with
/// g(e) = 1 + r^2 + G2 e^2 - G3 r, r = e/(1-e), which is convex in r and so at most 1 + 5/4 G2 (at e = 1/2).
/// Efficiency 0.54 to 1. Draws two numbers a trial.
template <class Rng>
YTTERBY_HD float sample_moller_fraction(float T, float threshold, Rng& rng) {
  const float low = threshold / T;
  if (low >= 0.5f) return 0.0f;
  const float tau = T / electron_mass_MeV;
  const float g2 = (tau / (tau + 1.0f)) * (tau / (tau + 1.0f));
  const float g3 = (2.0f * tau + 1.0f) / ((tau + 1.0f) * (tau + 1.0f));
  const float bound = 1.0f + 1.25f * g2;
  for (int trial = 0; trial < rejection_cap; ++trial) {
    const float e = low / (1.0f - (1.0f - 2.0f * low) * uniform(rng.word()));
    const float r = e / (1.0f - e);
    const float g = 1.0f + g2 * e * e + r * (r - g3);
    if (uniform(rng.word()) * bound < g) return e;
  }
  return low;
}

/// Cosines of primary and secondary after a Moller collision in which T gives W to an electron at rest (both [MeV]).
struct MollerAngles {
  float cos_primary, cos_secondary;
};

YTTERBY_HD MollerAngles moller_angles(float T, float W) {
  const float two_m = 2.0f * electron_mass_MeV;
  const float primary = ((T - W) * (T + two_m)) / (T * (T - W + two_m));
  const float secondary = (W * (T + two_m)) / (T * (W + two_m));
  return {square_root(min_of(primary, 1.0f)), square_root(min_of(secondary, 1.0f))};
}

}  // namespace ytterby::inline YTTERBY_LEVEL
