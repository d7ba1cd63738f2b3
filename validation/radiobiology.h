#pragma once
// From absorbed dose to effect: BED, EQD2 and gEUD.

#include <span>

#include "engine/patient/phantom.h"
#include "engine/patient/structures.h"

namespace ytterby::validation {

/// What a tissue answers with. The defaults are those of 90Y radioembolization in Cremonesi et al., Int. J. Radiat.
/// Oncol. Biol. Phys. 70 (2008) 1204: alpha/beta 10 Gy and repair 1.5 h for tumours, 2.5 Gy and 2.5 h for the liver;
/// other tissues are taken as 3 Gy and 1.5 h. gEUD exponents: -10 for tumours (cold spots decide), 1 otherwise (a liver
/// answers to its mean: n = 0.97 in Dawson et al., Int. J. Radiat. Oncol. Biol. Phys. 53 (2002) 810).
struct Tissue {
  double alpha_beta = 3;          // [Gy]
  double repair_half_time = 1.5;  // [h]
  double geud_exponent = 1;
};

/// Tissues by what a structure is; liver also for perfused volumes.
struct TissueSet {
  Tissue tumour{10, 1.5, -10};
  Tissue liver{2.5, 2.5, 1};
  Tissue other{};
  [[nodiscard]] const Tissue& of(Role role) const;
};

/// Quadratic coefficient of BED = D + q D^2 [1/Gy] for a dose that is given by complete decay in place:
/// q = T_rep / ((T_rep + T_eff) alpha/beta). Dale, Br. J. Radiol. 58 (1985) 515. Microspheres stay where they are, so
/// that the effective half-life is the physical one [h].
double bed_coefficient(const Tissue& tissue, double half_life_h);

/// BED [Gy].
double biologically_effective_dose(double dose, const Tissue& tissue, double half_life_h);

/// The dose in fractions of 2 Gy that has this BED [Gy].
double equivalent_dose_2gy(double bed, const Tissue& tissue);

/// Generalised equivalent uniform dose [Gy]: (sum w D^a)^(1/a); weights add up to 1. 0 where a < 0 and a voxel with
/// weight has no dose. Niemierko, Med. Phys. 26 (1999) 1100.
double generalised_eud(std::span<const double> dose, std::span<const double> weight, double exponent);

}  // namespace ytterby::validation
