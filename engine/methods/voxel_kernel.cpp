#include "engine/methods/voxel_kernel.h"

#include <cmath>
#include <map>
#include <utility>

#include "engine/base/error.h"
#include "engine/patient/activity.h"

namespace ytterby {

std::vector<double> kernel_core(const VoxelKernel& kernel, const std::vector<double>& values,
                                const std::array<int, 3>& half) {
  std::vector<double> result;
  for (int z = -half[2]; z <= half[2]; ++z) {
    for (int y = -half[1]; y <= half[1]; ++y) {
      const auto row = static_cast<std::size_t>(
          ((z + kernel.half[2]) * kernel.size(1) + y + kernel.half[1]) * kernel.size(0) + kernel.half[0] - half[0]);
      const auto first = values.begin() + static_cast<std::ptrdiff_t>(row);
      result.insert(result.end(), first, first + 2 * half[0] + 1);
    }
  }
  return result;
}

MeanMedium mean_medium(const Phantom& phantom, const std::vector<float>& fraction) {
  double volume = 0, mass = 0;
  std::vector<double> by_material(phantom.materials.size());
  for (std::size_t v = 0; v < fraction.size(); ++v) {
    if (!(fraction[v] > 0) || phantom.density[v] < gas_density) continue;
    const double m = static_cast<double>(fraction[v]) * static_cast<double>(phantom.density[v]);
    volume += static_cast<double>(fraction[v]);
    mass += m;
    by_material[phantom.material[v]] += m;
  }
  if (!(mass > 0)) throw Error(Fault::input, "a kernel's medium is asked for of a structure without matter");
  std::map<int, double> share;
  for (std::size_t m = 0; m < by_material.size(); ++m) {
    for (const Component& c : phantom.materials[m].composition) share[c.z] += by_material[m] / mass * c.mass_fraction;
  }
  std::vector<Component> composition;
  for (const auto& [z, w] : share) {
    const double rounded = std::round(w * 1e4) / 1e4;
    if (rounded > 0) composition.push_back({z, rounded});
  }
  MeanMedium result;
  result.density = std::round(mass / volume * 1000) / 1000;
  result.material = make_material("mean-liver", std::move(composition), result.density);
  return result;
}

}  // namespace ytterby
