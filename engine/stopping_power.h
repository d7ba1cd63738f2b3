#pragma once
// Electron stopping powers of a material, in double, for building tables.

#include <vector>

#include "engine/library.h"
#include "engine/material.h"

namespace ytterby {

/// Stopping powers of electrons by the method of ICRU Report 37: Bethe with Sternheimer's density effect for
/// collisions, Seltzer-Berger cross sections for bremsstrahlung. Valid 1 keV to 10 MeV (radiative: to 4 MeV).
class StoppingPower {
 public:
  StoppingPower(const Material& material, const Library& library);

  /// Density-effect correction delta at kinetic energy T [MeV]. Sternheimer, Phys. Rev. 88 (1952) 851;
  /// Sternheimer, Berger, Seltzer, At. Data Nucl. Data Tables 30 (1984) 261.
  [[nodiscard]] double density_effect(double T) const;
  /// Unrestricted mass collision stopping power [MeV cm2/g]. ICRU 37 eq. (2.15).
  [[nodiscard]] double collision(double T) const;
  /// Restricted: energy transfers below `cutoff` [MeV] alone (equals the unrestricted one for cutoff >= T/2).
  [[nodiscard]] double restricted_collision(double T, double cutoff) const;
  /// Mass radiative stopping power [MeV cm2/g].
  [[nodiscard]] double radiative(double T) const;
  /// Restricted: photons below `cutoff` [MeV] alone.
  [[nodiscard]] double restricted_radiative(double T, double cutoff) const;
  /// k dsigma/dk per mass [cm2/g] of bremsstrahlung photons of energy k at T [MeV].
  [[nodiscard]] double bremsstrahlung_k_dsigma_dk(double T, double k) const;
  /// Number of photons above `cutoff` per mass path [cm2/g].
  [[nodiscard]] double bremsstrahlung_above(double T, double cutoff) const;

  [[nodiscard]] double electrons_per_gram_over_avogadro() const { return z_over_a_; }  // <Z/A> [mol/g]

 private:
  double z_over_a_ = 0;
  double mean_excitation_ = 0;  // [MeV]
  double plasma_energy_ = 0;    // at the condensed density [MeV]
  double sternheimer_factor_ = 1;
  struct Oscillator {
    double strength, energy;  // share of the electrons; binding energy / plasma energy
  };
  std::vector<Oscillator> oscillators_;
  std::vector<double> brems_energy_, brems_kappa_, brems_per_mass_;  // k dsigma/dk * beta^2 [cm2/g], [energy][kappa]
};

}  // namespace ytterby
