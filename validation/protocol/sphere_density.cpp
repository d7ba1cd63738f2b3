#include "validation/protocol/sphere_density.h"

namespace ytterby::validation {

double spheres_per_mL(double mean_dose, double density, double dose_constant, double activity_per_sphere) {
  const double activity = mean_dose / dose_constant * density * 1e6;  // GBq/kg times g/mL, in Bq/mL
  return activity > 0 ? activity / activity_per_sphere : 0;
}

std::string_view published_of_d70(double spheres_per_mL) {
  if (spheres_per_mL >= d70_lower_below) return "no significant loss";
  return spheres_per_mL >= d70_may_matter_below ? "significantly lower, not likely to matter"
                                                : "significantly lower, may matter";
}

}  // namespace ytterby::validation
