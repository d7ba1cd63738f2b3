#pragma once
// Elastic scattering of electrons by atoms, and what soft collisions with atomic electrons add to it.

#include <span>
#include <vector>

#include "engine/physics/library.h"
#include "engine/physics/material.h"

namespace ytterby {

/// Screening function of a neutral atom: phi(r) = sum A_i exp(-alpha_i r), alpha in inverse Bohr radii.
/// Salvat, Martinez, Mayol, Parellada, Phys. Rev. A 36 (1987) 467.
struct Screening {
  double strength[3];
  double alpha[3];
};

/// Throws Fault::internal for an element without data.
const Screening& screening_of(int z);

/// Atomic form factor over Z at momentum transfer q (in mc): 1 at q = 0. Uses the screening function's Poisson charge.
double form_factor_share(const Screening& screening, double q);

/// Incoherent scattering function per electron, S/Z, from the form factor's share F/Z: (1 - F/Z)(1 + c F/Z).
/// c = 1 is exact for hydrogen; other elements take it from incoherent_coefficient().
inline double incoherent_share(double c, double form_factor_share) {
  return (1 - form_factor_share) * (1 + c * form_factor_share);
}

/// The c for which the Klein-Nishina integral over S gives XCOM's incoherent cross section, averaged over 2, 5 and
/// 10 keV; 0.1 to 0.4 for C, N, O and Ca. S is then within 10 % of XCOM from 2 to 50 keV.
double incoherent_coefficient(const Element& element);

/// Multiple-scattering moments of a material.
///
/// Nuclei: (Z - F(q))^2 of the screened field in Born approximation, with the Coulomb correction to the squared
/// screening angle (1 + 2.40 (alpha Z/beta)^2; Kuraev, Voskresenskaya, Tarasov, Phys. Rev. D 89 (2014) 116016, where
/// Moliere's fit has 3.33), times McKinley and Feshbach's ratio of Mott to
/// Rutherford scattering (Phys. Rev. 74 (1948) 1759). Good for low Z; within 2 % at large angles for calcium.
/// Atomic electrons: Rutherford with incoherent_share() for transfers below the Moller
/// threshold; above it collisions are simulated one by one.
class ElasticScattering {
 public:
  /// moller_threshold: kinetic energy [MeV] above which collisions with electrons are simulated singly.
  ElasticScattering(const Material& material, const Library& library, double moller_threshold);

  /// Transport coefficient G_1 = integral (1 - cos) dsigma per mass [cm2/g] at kinetic energy T [MeV].
  [[nodiscard]] double transport(double T) const;

  /// The nuclei's part of it alone: what partial-wave calculations of atoms give.
  [[nodiscard]] double nuclear_transport(double T) const;

  struct Moments {
    double total;                // collisions per mass path [cm2/g]
    std::vector<double> moment;  // G_l = integral (1 - P_l) dsigma per mass [cm2/g], l = 0 .. count
  };
  [[nodiscard]] Moments moments(double T, int count) const;

 private:
  struct Atom {
    int z;
    double atoms_per_gram;
    Screening screening;
    double incoherent;  // coefficient of incoherent_share()
  };
  /// Sum over the atoms of (Z - F)^2 times the Mott ratio per mass [1/g].
  [[nodiscard]] double nuclear_strength(double momentum2, double beta2, double mu) const;

  std::vector<Atom> atoms_;
  double moller_threshold_;
};

}  // namespace ytterby
