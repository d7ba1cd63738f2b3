#pragma once
// Activities of resin microspheres without dosimetry, as the manufacturer's manual prescribes them, and the vial.
//
// SIR-Spheres Y-90 microspheres package insert (Sirtex Medical; the BSA and the empirical method, and the reductions by
// lung shunt). They are what a centre falls back on, not what Ytterby recommends.

#include <optional>
#include <string>

namespace ytterby {

/// Body surface area [m2], DuBois and DuBois, Arch. Intern. Med. 17 (1916) 863: 0.20247 h^0.725 w^0.425, height h [m]
/// and weight w [kg].
double body_surface_area(double height, double weight);

/// What the methods need.
struct LiverInvolvement {
  double tumour_volume = 0;        // [mL]
  double liver_volume = 0;         // with tumour [mL]
  double treated_share = 1;        // of the liver's volume, for a lobar treatment
  double lung_shunt_fraction = 0;  // L
  // Of tumour_volume, what lies in the treated part [mL]; unset: all of it, or as much as fits.
  std::optional<double> treated_tumour_volume = std::nullopt;
};

/// Share of tumour in the treated part of the liver, 0 to 1.
double treated_tumour_share(const LiverInvolvement& liver);

/// An activity [GBq] with its reduction by shunt; empty where the shunt forbids treatment.
struct EmpiricalActivity {
  double before_reduction = 0;     // [GBq]
  double reduction = 0;            // share taken off: 0, 0.2 or 0.4; 1 where not treated
  std::optional<double> activity;  // [GBq]
};

/// The manual's reduction: none for L below 10 %, 20 % from 10 %, 40 % from 15 %, no treatment above 20 %.
double shunt_reduction(double lung_shunt_fraction);

/// Modified BSA method: (BSA - 0.2 + tumour share of the treated part) GBq, times the treated share of the liver's
/// volume; for a whole liver the plain BSA method. Throws Fault::input for volumes or a height and weight that cannot
/// be.
EmpiricalActivity bsa_activity(const LiverInvolvement& liver, double height, double weight);

/// Empirical method: 2.0 GBq up to 25 % of tumour in the liver, 2.5 GBq up to 50 %, 3.0 GBq above; times the treated
/// share.
EmpiricalActivity empirical_activity(const LiverInvolvement& liver);

/// What to draw from a vial so that `activity` reaches the patient.
struct VialDraw {
  double drawn = 0;               // activity in the syringe at administration [GBq]
  double at_calibration = 0;      // the same at the vial's calibration time [GBq]
  double vial_at_administration;  // what the vial holds then [GBq]
  double share = 0;               // of the vial; above 1: one vial is not enough
  double volume = 0;              // of the vial's content [mL]
};

/// `residual` is the share of the drawn activity that stays behind in the delivery set; `hours` from calibration to
/// administration (negative before it). Throws Fault::input for values that cannot be.
VialDraw draw_from_vial(double activity, double residual, double vial_activity, double vial_volume, double hours,
                        double half_life_h);

}  // namespace ytterby
