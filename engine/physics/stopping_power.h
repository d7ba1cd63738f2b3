#pragma once
// Electron stopping powers of a material, in double, for building tables.

#include <vector>

#include "engine/physics/bremsstrahlung_data.h"
#include "engine/physics/library.h"
#include "engine/physics/material.h"

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
  /// Variance per mass path of what collisions with transfers below `cutoff` [MeV] take [MeV2 cm2/g]: that of Moller's
  /// cross section, and of distant collisions with the oscillators of the density effect, which add 16 % to it in water
  /// at 10 keV and 0.5 MeV. The model of D. Liljequist, J. Phys. D 16 (1983) 1567, as in F. Salvat, PENELOPE-2018,
  /// NEA/MBDAV/R(2019)1, section 3.2, for resonances far below T.
  [[nodiscard]] double restricted_straggling(double T, double cutoff) const;
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
  double plasma_energy_ = 0;    // [MeV]
  BremsstrahlungData bremsstrahlung_;

  /// A share of the electrons that responds like one oscillator; energies in units of the plasma energy, squared.
  struct Oscillator {
    double strength;
    double resonance2;  // Sternheimer factor times binding energy: where the electrons resonate; 0 for conduction
    double effective2;  // l^2: the same with the Lorentz-Lorenz correction
  };
  std::vector<Oscillator> oscillators_;
  double static_response_ = 0;  // sum of strength over resonance2; delta is 0 below; infinite for a conductor
};

}  // namespace ytterby
