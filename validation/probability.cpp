#include "validation/probability.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/physics/constants.h"

namespace ytterby::validation {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double normal_below(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

/// Dose relative to the one at the stated shunt.
double relative_dose(const DoseErrors& e, double shunt) {
  const double stated = e.lung_shunt_fraction, outside = std::max(0.0, 1 - shunt);
  switch (e.effect) {
    case ShuntEffect::outside_lungs:
      return outside / (1 - stated);
    case ShuntEffect::in_lungs:
      return shunt / stated;
    case ShuntEffect::beside_image:
      return outside > 0 ? shunt / outside / (stated / (1 - stated)) : infinity;
    case ShuntEffect::none:
      break;
  }
  return 1;
}

/// P(median * relative * lognormal(sigma) < limit).
double below_at(double median, double sigma, double limit) {
  if (!(median > 0)) return limit > 0 ? 1 : 0;
  if (std::isinf(median)) return 0;
  if (sigma > 0) return limit > 0 ? normal_below(std::log(limit / median) / sigma) : 0;
  return median < limit ? 1 : median > limit ? 0 : 0.5;
}

/// Integral over the shunt, standard normal in its logarithm, by Simpson's rule.
double below(double dose, double sigma, const DoseErrors& e, double limit) {
  if (std::isinf(limit)) return limit > 0 ? 1 : 0;
  const double spread = lognormal_sigma(e.shunt);
  const bool of_shunt = e.effect != ShuntEffect::none && spread > 0 && e.lung_shunt_fraction > 0;
  if (!of_shunt) return below_at(dose, sigma, limit);
  if (e.effect == ShuntEffect::in_lungs) return below_at(dose, std::hypot(sigma, spread), limit);
  constexpr int steps = 8000;  // fine enough for a dose that turns within a thousandth of the shunt's spread
  constexpr double reach = 9;
  double sum = 0;
  for (int i = 0; i <= steps; ++i) {
    const double z = reach * (2.0 * i / steps - 1);
    const double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
    const double at = relative_dose(e, e.lung_shunt_fraction * std::exp(spread * z));
    sum += weight * std::exp(-0.5 * z * z) * below_at(dose * at, sigma, limit);
  }
  return sum * (2 * reach / steps) / 3 / std::sqrt(2 * constants::pi);
}

}  // namespace

DoseErrors liver_errors(const StatedErrors& e) {
  return {e.activity, e.shunt, 0, e.lung_shunt_fraction,
          e.activity_outside_known ? ShuntEffect::none : ShuntEffect::outside_lungs};
}

DoseErrors lung_errors(const StatedErrors& e, bool partition) {
  const bool of_image = e.activity_outside_known && !partition;  // the lungs' own becquerels
  return {e.activity, e.shunt, e.lung_mass, e.lung_shunt_fraction,
          of_image                   ? ShuntEffect::none
          : e.activity_outside_known ? ShuntEffect::beside_image
                                     : ShuntEffect::in_lungs};
}

double lognormal_sigma(double relative) { return std::sqrt(std::log1p(relative * relative)); }

double probability_within(const Estimate& estimate, const DoseErrors& errors, double low, double high) {
  const double own = std::isnan(estimate.error) || !(estimate.value > 0) ? 0 : estimate.error / estimate.value;
  const double sigma =
      std::hypot(lognormal_sigma(own), lognormal_sigma(errors.activity), lognormal_sigma(errors.lung_mass));
  if (!(sigma > 0) && !errors.any()) return estimate.value >= low && estimate.value <= high ? 1 : 0;
  const double lower = std::isinf(low) || !(low > 0) ? 0 : below(estimate.value, sigma, errors, low);
  return std::max(0.0, below(estimate.value, sigma, errors, high) - lower);
}

}  // namespace ytterby::validation
