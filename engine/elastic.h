#pragma once
// Elastic scattering of electrons by atoms, and what soft collisions with atomic electrons add to it.

#include <span>
#include <vector>

#include "engine/library.h"
#include "engine/material.h"

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

/// Incoherent scattering function per electron, S/Z, from the form factor's share F/Z.
///
/// (1 - F/Z)(1 + c F/Z): exact for hydrogen with c = 1 (the 1s density); c = 0.15 else, which brings the Klein-Nishina
/// integral over it to XCOM's incoherent cross sections of C, O and Ca at 5 to 50 keV (a test holds that to 8 %).
double incoherent_share(int z, double form_factor_share);

/// Multiple-scattering moments of a material.
///
/// Nuclei: (Z - F(q))^2 of the screened field in Born approximation, with Moliere's correction to the screening angle
/// (1 + 3.33 (alpha Z/beta)^2, Z. Naturforsch. 2a (1947) 133), times McKinley and Feshbach's ratio of Mott to
/// Rutherford scattering (Phys. Rev. 74 (1948) 1759). Good for low Z; within 2 % at large angles for calcium.
/// Atomic electrons: Rutherford with incoherent_share() for transfers below the Moller
/// threshold; above it collisions are simulated one by one.
class ElasticScattering {
 public:
  /// moller_threshold: kinetic energy [MeV] above which collisions with electrons are simulated singly.
  ElasticScattering(const Material& material, const Library& library, double moller_threshold);

  /// Transport coefficient G_1 = integral (1 - cos) dsigma per mass [cm2/g] at kinetic energy T [MeV].
  [[nodiscard]] double transport(double T) const;

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
  };
  std::vector<Atom> atoms_;
  double moller_threshold_;
};

}  // namespace ytterby
