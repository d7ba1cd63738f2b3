#pragma once
// The radionuclide: half-life, energy per decay, beta spectrum.

#include <string>
#include <vector>

namespace ytterby {

/// A beta emitter; one half-life and one mean energy serve all methods.
struct Nuclide {
  std::string name;
  std::string variant;          // what sets it apart from the default: "ddep", "glass"; empty without
  double half_life_h = 0;       // [h]
  double mean_energy = 0;       // mean beta energy per decay [MeV]
  std::vector<double> energy;   // spectrum nodes [MeV], ascending
  std::vector<double> density;  // probability density at the nodes [1/MeV], linear between; integral 1

  /// Decays of 1 Bq left to decay completely: T1/2 / ln 2 [s].
  [[nodiscard]] double decays_per_becquerel() const;
  /// Dose constant k: dose in 1 kg from complete absorption of 1 GBq [Gy kg/GBq].
  [[nodiscard]] double dose_constant() const;
};

/// Which evaluation of the spectrum. first_forbidden: the formula's, mean 0.93247 MeV. ddep: with the mean energy of
/// DDEP/LNHB (2015), 0.9267(8) MeV; its shape is the formula's times 1 + a T, a chosen for that mean: 1 - 0.0105 W
/// where 1 - 0.0114 W was measured (Flothmann et al., Z. Phys. A 272 (1975) 219).
enum class BetaSpectrum { first_forbidden, ddep };

/// 90Y: T1/2 = 64.05 h, unique first-forbidden spectrum, mean 0.93247 MeV.
const Nuclide& yttrium_90();
const Nuclide& yttrium_90(BetaSpectrum spectrum);

}  // namespace ytterby
