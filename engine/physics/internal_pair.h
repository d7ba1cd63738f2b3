#pragma once
// Electron-positron pairs of an excited daughter: what a PET of 90Y sees.

#include "engine/physics/nuclide.h"

namespace ytterby {

/// Of 90Y's decays some go to the 0+ level of 90Zr, which cannot emit a single photon on its way to the ground state,
/// also 0+: it emits a conversion electron (not here: 8e-5 a decay, a part of the branches that are left out), or a
/// pair.
inline constexpr double pairs_per_decay =
    3.186e-5;                                 // 31.86(47)e-6: R. G. Selwyn et al., Appl. Radiat. Isot. 65 (2007) 318
inline constexpr double pair_level = 1.7607;  // energy of the level [MeV]: E. Browne, Nucl. Data Sheets 82 (1997) 379

/// What the pairs do to a decay, on average [MeV].
struct InternalPairs {
  double emitted = 0;  // by the pairs: kinetic energy, and the two photons of the positron's end
  double photons = 0;  // of it, those photons
  double more = 0;     // than without: the beta of such a decay has less
};
InternalPairs internal_pairs(const Nuclide& nuclide);

/// What is left of the energy of a beta in such a decay, whose end point is smaller by the level's energy.
double pair_beta_share();

}  // namespace ytterby
