#pragma once
// Beta spectra from their formula: the check on the table that the program ships.

namespace ytterby {

/// A unique first-forbidden beta-minus decay.
struct BetaTransition {
  int daughter_z;    // atomic number of the daughter
  int mass_number;   // A
  double end_point;  // largest kinetic energy [MeV]
};

/// Fermi function F_(k-1) of a point nucleus at the radius R = 1.2 A^(1/3) fm, 1 without charge:
///   (k + gamma)/(2k) [k (2k-1)!!]^2 4^k (2pR)^(2(gamma - k)) e^(pi y) |Gamma(gamma + iy)|^2 / Gamma(1 + 2 gamma)^2,
/// gamma = sqrt(k^2 - (alpha Z)^2), y = alpha Z W/p, energies in electron masses.
/// Konopinski, Rose, in Siegbahn (ed.), Alpha-, Beta- and Gamma-Ray Spectroscopy (1965), ch. XXIII.
/// T: kinetic energy [MeV], above 0; k: 1 or 2.
double coulomb_factor(const BetaTransition& transition, int k, double T);

/// Density of the spectrum at kinetic energy T [MeV], not normalised:
/// p W q^2 (q^2 F_0 + p^2 F_1), energies in electron masses; F_1/F_0 is Konopinski's lambda_2. No atomic screening, no
/// finite nuclear size beyond the evaluation at R, no radiative correction (together below 0.5 % for 90Y under 2 MeV).
double unique_first_forbidden_density(const BetaTransition& transition, double T);

}  // namespace ytterby
