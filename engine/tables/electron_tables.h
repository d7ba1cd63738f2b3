#pragma once
// The electron half of the physics tables, one material at a time.

#include <vector>

#include "engine/physics/elastic.h"
#include "engine/physics/library.h"
#include "engine/physics/material.h"
#include "engine/physics/stopping_power.h"

namespace ytterby {

/// Slowing down of electrons in one material by restricted losses, on a fine grid in ln T.
class SlowingDown {
 public:
  SlowingDown(const Material& material, const Library& library, double electron_cutoff, double photon_cutoff);

  [[nodiscard]] double range(double T) const;           // residual range [g/cm2], from rest
  [[nodiscard]] double energy(double range) const;      // its inverse [MeV]
  [[nodiscard]] double strength(double T) const;        // scattering strength still to come [1]
  [[nodiscard]] double photons(double T) const;         // photons above the cutoff of the whole cascade [1]
  [[nodiscard]] double transport(double T) const;       // first transport coefficient [cm2/g]
  [[nodiscard]] double moller_per_MeV(double T) const;  // Moller collisions above the threshold per MeV lost
  [[nodiscard]] double photons_per_MeV(double T) const;
  [[nodiscard]] double straggling(double T) const;  // variance of the continuous loss over its mean [MeV]
  [[nodiscard]] double energy_of_strength(double strength) const;
  [[nodiscard]] const ElasticScattering& elastic() const { return elastic_; }
  [[nodiscard]] const StoppingPower& stopping_power() const { return stopping_; }

 private:
  /// Photons Y(T) that an electron and all it knocks on radiate until they stop, for electrons that are not followed:
  /// L dY/dT = n + integral of sigma_Moller(T, W) [Y(T-W) + Y(W) - Y(T)] dW, with the restricted loss L and n photons
  /// per path. The loss by hard photons themselves is left out: whoever uses Y takes it off the energy.
  [[nodiscard]] std::vector<double> cascade_photons(const std::vector<double>& loss, double moller_threshold) const;
  [[nodiscard]] double at(const std::vector<double>& values, double T) const;
  StoppingPower stopping_;
  ElasticScattering elastic_;
  std::vector<double> log_energy_, range_, strength_, photons_, transport_, moller_, radiation_, straggling_;
};

/// Moller cross section per energy W given away, per mass path [cm2/g/MeV]; ICRU Report 37 eq. (2.5).
double moller_per_energy(double T, double W, double electrons_mol_per_gram);

/// Moller cross section above the threshold, per mass path [cm2/g]; ICRU Report 37 eq. (2.5) integrated.
double moller_above(double T, double threshold, double electrons_mol_per_gram);

/// ln(k/cutoff)/ln(T/cutoff) of bremsstrahlung photons at bremsstrahlung_bins + 1 equal steps of probability.
std::vector<float> bremsstrahlung_table(const StoppingPower& stopping, double T, double cutoff);

}  // namespace ytterby
