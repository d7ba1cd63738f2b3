#include "engine/methods/local_deposition.h"

#include <limits>
#include <numeric>

#include "engine/base/error.h"
#include "engine/base/units.h"

namespace ytterby {

DoseMap local_deposition(const Phantom& phantom, const std::vector<double>& activity, const Nuclide& nuclide,
                         std::span<const Structure> structures) {
  const std::size_t voxels = phantom.grid.voxels();
  if (activity.size() != voxels || phantom.density.size() != voxels) {
    throw Error(Fault::input, "the activity has " + std::to_string(activity.size()) + " voxels, the grid has " +
                                  std::to_string(voxels));
  }
  DoseMap map;
  map.method = "local-deposition";
  map.grid = phantom.grid;
  map.decays = std::accumulate(activity.begin(), activity.end(), 0.0) * nuclide.decays_per_becquerel();
  if (!(map.decays > 0)) throw Error(Fault::input, "the source has no activity, needs to be above 0 Bq");
  const double gray_gram_per_becquerel = nuclide.decays_per_becquerel() * nuclide.mean_energy * gray_per_MeV_per_g;
  const double volume = phantom.grid.voxel_volume();
  map.dose.resize(voxels);
  for (std::size_t v = 0; v < voxels; ++v) {
    const double mass = static_cast<double>(phantom.density[v]) * volume;
    map.dose[v] = mass > 0 ? static_cast<float>(gray_gram_per_becquerel * activity[v] / mass) : 0.0F;
  }
  map.structures = structure_doses(phantom, map.dose, {}, structures);
  return map;
}

std::vector<StructureDose> structure_doses(const Phantom& phantom, const std::vector<float>& dose,
                                           const std::vector<float>& error, std::span<const Structure> structures) {
  std::vector<StructureDose> result;
  const double voxel_volume = phantom.grid.voxel_volume();
  for (const Structure& s : structures) {
    double mass = 0, volume = 0, energy = 0, spread = 0;
    for (std::size_t v = 0; v < s.fraction.size(); ++v) {
      const auto share = static_cast<double>(s.fraction[v]);
      if (!(share > 0)) continue;
      const double m = share * static_cast<double>(phantom.density[v]) * voxel_volume;
      volume += share * voxel_volume;
      mass += m;
      energy += m * static_cast<double>(dose[v]);
      if (!error.empty() && error[v] == error[v]) spread += m * static_cast<double>(error[v]);
    }
    const double none = std::numeric_limits<double>::quiet_NaN();
    result.push_back(
        {s.name, mass, volume, mass > 0 ? energy / mass : 0, error.empty() || !(mass > 0) ? none : spread / mass});
  }
  return result;
}

}  // namespace ytterby
