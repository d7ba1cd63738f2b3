#include "validation/radiobiology.h"

#include <algorithm>
#include <cmath>

namespace ytterby::validation {

const Tissue& TissueSet::of(Role role) const {
  if (role == Role::tumour) return tumour;
  return role == Role::liver || role == Role::perfused ? liver : other;
}

double bed_coefficient(const Tissue& tissue, double half_life_h) {
  return tissue.repair_half_time / ((tissue.repair_half_time + half_life_h) * tissue.alpha_beta);
}

double biologically_effective_dose(double dose, const Tissue& tissue, double half_life_h) {
  return dose * (1 + dose * bed_coefficient(tissue, half_life_h));
}

double equivalent_dose_2gy(double bed, const Tissue& tissue) { return bed / (1 + 2 / tissue.alpha_beta); }

double generalised_eud(std::span<const double> dose, std::span<const double> weight, double exponent) {
  if (dose.empty()) return 0;
  // Relative to the dose that dominates the sum, so that no power leaves the range of double.
  double pivot = dose.front();
  for (const double d : dose) pivot = exponent < 0 ? std::min(pivot, d) : std::max(pivot, d);
  if (!(pivot > 0)) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < dose.size(); ++i) sum += weight[i] * std::pow(dose[i] / pivot, exponent);
  return pivot * std::pow(sum, 1 / exponent);
}

}  // namespace ytterby::validation
