#include "validation/normal_quantile.h"

#include <algorithm>
#include <cmath>

#include "engine/physics/constants.h"

namespace ytterby::validation {

double normal_quantile(double p, double most) {
  const double tail = std::min(p, 1 - p);
  const auto below = [](double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); };
  if (!(tail > below(-most))) return p > 0.5 ? most : -most;
  const double t = std::sqrt(-2 * std::log(tail));
  double z = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (int i = 0; i < 3; ++i) {  // z is negative: of the lower tail
    const double density = std::exp(-0.5 * z * z) / std::sqrt(2 * constants::pi);
    z -= (below(z) - tail) / density;
  }
  return std::clamp(p > 0.5 ? -z : z, -most, most);
}

}  // namespace ytterby::validation
