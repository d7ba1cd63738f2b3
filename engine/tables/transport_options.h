#pragma once
// How particles are followed: what the bits of a history depend on beside phantom, source and seed.

namespace ytterby {

struct TransportOptions {
  double electron_cutoff = 0.010;  // kinetic energy [MeV]; also the Moller production threshold
  double photon_cutoff = 0.010;    // [MeV]
  double step_fraction = 0;        // 0: the default; scattering strength of a step over a voxel side's
  bool even_emission = true;       // a batch's histories share places, directions and energies out evenly
};

}  // namespace ytterby
