#pragma once
// How likely a dose is within limits, from the errors that a case states.

#include "validation/structure_metrics.h"

namespace ytterby::validation {

/// Relative standard errors that the case states, and the shunt L they act on.
struct StatedErrors {
  double activity = 0, shunt = 0, lung_mass = 0;
  double lung_shunt_fraction = 0;
  bool activity_outside_known = false;  // the image states becquerels: A follows from them and L
};

/// How a dose follows the lung shunt.
enum class ShuntEffect {
  none,           // becquerels as the image has them
  outside_lungs,  // A (1 - L)
  in_lungs,       // A L
  beside_image    // A L with A (1 - L) known: L / (1 - L)
};

/// What a dose follows.
struct DoseErrors {
  double activity = 0, shunt = 0, lung_mass = 0;  // relative standard errors of what it follows
  double lung_shunt_fraction = 0;
  ShuntEffect effect = ShuntEffect::none;
  [[nodiscard]] bool any() const { return activity > 0 || lung_mass > 0 || (shunt > 0 && effect != ShuntEffect::none); }
};

/// Errors of a dose to tumours or liver, and of a dose to the lungs; `partition`: by the partition model, whose lung
/// dose follows L even where the image states becquerels.
DoseErrors liver_errors(const StatedErrors& errors);
DoseErrors lung_errors(const StatedErrors& errors, bool partition);

/// Parameter of the lognormal distribution with this relative standard deviation: sqrt(ln(1 + s^2)).
double lognormal_sigma(double relative);

/// Probability that low <= D <= high.
///
/// Activity, shunt and lung mass are lognormal about their stated values as medians, independent of each other and
/// common to the sessions of a patient; so is the estimate's own error (statistical, a few per cent at most). A lung
/// dose A L / m is then lognormal itself: P(D < x) = Phi(ln(x / D) / s), s^2 the sum of the squares of the sigmas. A
/// tumour dose follows A (1 - L), which is none of the usual distributions: the integral over L is taken by Simpson's
/// rule to 1e-8. Without any error it is 1 or 0. Shunts of 1 and more in the tail count as no dose outside the lungs.
double probability_within(const Estimate& estimate, const DoseErrors& errors, double low, double high);

}  // namespace ytterby::validation
