#include "engine/tables/photon_tables.h"

#include <cmath>

#include "engine/physics/constants.h"
#include "engine/physics/elastic.h"
#include "kernels/tables/lookup.h"

namespace ytterby {

PhotonNode photon_node(const Material& material, const Library& library, double energy) {
  double compton = 0, photoelectric = 0, rayleigh = 0, pair = 0;
  for (const Component& component : material.composition) {
    const Element& element = library.element(component.z);
    constexpr double cm2_per_barn = 1e-24;
    const double atoms = component.mass_fraction * constants::avogadro / element.atomic_weight * cm2_per_barn;
    compton += atoms * element.compton.at(energy);
    photoelectric += atoms * element.photoelectric.at(energy);
    rayleigh += atoms * element.rayleigh.at(energy);
    pair += atoms * (element.pair.at(energy) + element.triplet.at(energy));
  }
  const double total = compton + photoelectric + rayleigh + pair;
  if (!(total > 0)) return {0.0f, 1.0f, 1.0f, 1.0f};  // below the data, and below every cutoff
  return {static_cast<float>(total), static_cast<float>(compton / total),
          static_cast<float>((compton + photoelectric) / total),
          static_cast<float>((compton + photoelectric + rayleigh) / total)};
}

std::vector<float> rayleigh_integral(const Material& material, const Library& library) {
  std::vector<float> result;
  double sum = 0, below = 0;
  for (std::uint32_t node = 0; node <= momentum_grid.intervals; ++node) {
    const double q2 = static_cast<double>(grid_value<momentum_grid>(node));
    double density = 0;
    for (const Component& component : material.composition) {
      const double f = component.z * form_factor_share(screening_of(component.z), std::sqrt(0.5 * (q2 + below)));
      density += component.mass_fraction / library.element(component.z).atomic_weight * f * f;
    }
    sum += density * (q2 - below);
    below = q2;
    result.push_back(static_cast<float>(sum));
  }
  return result;
}

}  // namespace ytterby
