#pragma once
// Photons that are emitted with a beta: internal bremsstrahlung.

#include <vector>

#include "engine/physics/nuclide.h"

namespace ytterby {

/// Photons of energy k [MeV] per MeV that go with a beta that has T [MeV] to share with them:
///   alpha/(pi k) p/p' [ (W^2 + W'^2)/(W' p) ln(W + p) - 2 ],   W' = 1 + T/m, W = W' - k/m, p^2 = W^2 - 1.
/// Knipp, Uhlenbeck, Physica 3 (1936) 425; Bloch, Phys. Rev. 50 (1936) 272. For allowed decays in Born approximation;
/// forbidden ones have up to some tens of per cent more of the hardest photons.
double internal_photons_per_MeV(double T, double k);

/// Photons of at least `cutoff` [MeV] in a decay, and their energy [MeV].
struct InternalBremsstrahlung {
  double number = 0, energy = 0;
};
InternalBremsstrahlung internal_bremsstrahlung(const Nuclide& nuclide, double cutoff);

/// What kernels/transport/internal_photon.h reads: rows at T = i / rows_per_MeV, i = 0 ... rows - 1.
struct InternalPhotonTables {
  float rows_per_MeV = 0;
  std::vector<float> number;  // [row] photons above the cutoff
  std::vector<float> share;   // [row][column] k/T at equal steps of its probability
};
InternalPhotonTables internal_photon_tables(double highest, double cutoff);

}  // namespace ytterby
