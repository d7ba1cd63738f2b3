#include "engine/dose/dose_to_water.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/physics/library.h"
#include "engine/physics/stopping_power.h"

namespace ytterby {
namespace {

constexpr double lowest = 0.01;  // [MeV]: what is below is 1 % of the energy

/// Mean dose to water over mean dose to medium of a structure: both weighted by mass.
double ratio_in(const Structure& s, const DoseMap& to_medium, const Phantom& phantom,
                const std::vector<double>& ratio) {
  double medium = 0, water = 0;
  for (std::size_t v = 0; v < s.fraction.size(); ++v) {
    if (!(s.fraction[v] > 0)) continue;
    const double energy = static_cast<double>(s.fraction[v]) * static_cast<double>(phantom.density[v]) *
                          static_cast<double>(to_medium.dose[v]);
    medium += energy;
    water += energy * ratio[phantom.material[v]];
  }
  return medium != 0 ? water / medium : 1;
}

}  // namespace

double water_over_medium(const Material& medium, const Nuclide& nuclide) {
  const StoppingPower of_medium(medium, built_in_library()), of_water(built_in_material("water"), built_in_library());
  // Betas that start above the middle of each segment, from the end point down.
  double above = 0, weighted = 0, sum = 0;
  for (std::size_t i = nuclide.energy.size() - 1; i > 0; --i) {
    const double low = nuclide.energy[i - 1], high = nuclide.energy[i], T = (low + high) / 2;
    const double number = (high - low) * (nuclide.density[i - 1] + nuclide.density[i]) / 2;
    above += number / 2;
    if (T < lowest) break;
    weighted += above * (high - low) * of_water.collision(T) / of_medium.collision(T);
    sum += above * (high - low);
    above += number / 2;
  }
  return weighted / sum;
}

void convert_to_water(DoseMap& map, const Phantom& phantom, const Nuclide& nuclide,
                      std::span<const Structure> structures) {
  if (map.dose.empty()) return;  // of a rank that gathers nothing
  if (map.structures.size() != structures.size())
    throw Error(Fault::internal, "a dose with other structures is turned into dose to water");
  std::vector<double> ratio(phantom.materials.size(), 0.0);
  for (const std::uint8_t m : phantom.material)
    if (ratio[m] == 0) ratio[m] = water_over_medium(phantom.materials[m], nuclide);
  for (std::size_t s = 0; s < structures.size(); ++s) {
    const double factor = ratio_in(structures[s], map, phantom, ratio);
    map.structures[s].mean *= factor;
    map.structures[s].mean_error *= factor;
    map.structures[s].kernel_error *= factor;
  }
  const auto scale = [&](std::vector<float>& values) {
    for (std::size_t v = 0; v < values.size(); ++v)
      values[v] = static_cast<float>(static_cast<double>(values[v]) * ratio[phantom.material[v]]);
  };
  scale(map.dose);
  scale(map.uncertainty);
  if (map.correlated) scale(map.correlated->kernel_error);
}

}  // namespace ytterby
