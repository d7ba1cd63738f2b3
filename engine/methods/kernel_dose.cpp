// Convolution of activity with a voxel kernel.

#include "engine/methods/kernel_dose.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "engine/base/error.h"
#include "engine/methods/convolve.h"
#include "engine/methods/local_deposition.h"
#include "engine/physics/nuclide.h"

namespace ytterby {
namespace {

constexpr double longest_range = 1.13;  // CSDA range of the endpoint, 2.28 MeV, in water [g/cm2]: ESTAR

void check(const Phantom& phantom, const std::vector<double>& activity, const VoxelKernel& kernel) {
  if (activity.size() != phantom.grid.voxels()) {
    throw Error(Fault::input, "the activity has " + std::to_string(activity.size()) + " voxels, the grid has " +
                                  std::to_string(phantom.grid.voxels()));
  }
  for (std::size_t a = 0; a < 3; ++a) {
    // 1e-4 of a voxel is how well headers in float place voxels.
    if (std::abs(kernel.spacing[a] - phantom.grid.spacing[a]) <= 1e-4 * phantom.grid.spacing[a]) continue;
    throw Error(Fault::input, "the kernel's spacing along axis " + std::to_string(a) + " is " +
                                  std::to_string(kernel.spacing[a] * 10) + " mm, the dose grid's is " +
                                  std::to_string(phantom.grid.spacing[a] * 10) + " mm");
  }
}

/// Kernel voxels further off than the grid is wide meet nothing.
std::array<int, 3> reach(const VoxelKernel& kernel, const Grid& grid, double length) {
  std::array<int, 3> half{};
  for (std::size_t a = 0; a < 3; ++a) {
    const double voxels = std::ceil(length / kernel.spacing[a]);
    half[a] = std::min({kernel.half[a], grid.shape[a] - 1, voxels < 1e6 ? static_cast<int>(voxels) : 1 << 20});
  }
  return half;
}

}  // namespace

std::vector<float> kernel_validity(const Phantom& phantom, const VoxelKernel& kernel, const RunOptions& run) {
  std::vector<double> likeness(phantom.density.size());
  for (std::size_t v = 0; v < likeness.size(); ++v) {
    likeness[v] = 1 - std::min(1.0, std::abs(static_cast<double>(phantom.density[v]) / kernel.density - 1));
  }
  std::array<int, 3> half = reach(kernel, phantom.grid, longest_range / kernel.density);
  std::vector<double> weight = kernel_core(kernel, kernel.dose, half);
  // The weights sum to 1 over the whole reach, also where the grid is narrower than it.
  const double sum = std::accumulate(weight.begin(), weight.end(), 0.0);
  for (double& w : weight) w /= sum;
  const std::vector<double> mean = convolve(phantom.grid, likeness, weight, half, run.backend, run.threads);
  std::vector<float> result(mean.size());
  std::transform(mean.begin(), mean.end(), result.begin(),
                 [](double m) { return static_cast<float>(std::clamp(1 - m, 0.0, 1.0)); });
  return result;
}

DoseMap kernel_dose_map(const Phantom& phantom, const std::vector<double>& activity, const VoxelKernel& kernel,
                        DensityScaling scaling, std::span<const Structure> structures, const RunOptions& run) {
  check(phantom, activity, kernel);
  const double decays_per_becquerel = yttrium_90().decays_per_becquerel();
  std::vector<double> decays(activity);
  for (double& d : decays) d *= decays_per_becquerel;

  DoseMap map;
  map.method = scaling == DensityScaling::none ? "voxel-kernel" : "voxel-kernel-scaled";
  map.grid = phantom.grid;
  map.decays = std::accumulate(decays.begin(), decays.end(), 0.0);
  if (!(map.decays > 0)) throw Error(Fault::input, "the source has no activity, needs to be above 0 Bq");
  const auto start = std::chrono::steady_clock::now();
  const std::array<int, 3> half = reach(kernel, phantom.grid, 1e9);
  const auto convolved = [&](const std::vector<double>& kernel_values, std::string* device) {
    return convolve(phantom.grid, decays, kernel_core(kernel, kernel_values, half), half, run.backend, run.threads,
                    device);
  };
  const auto factor = [&](std::size_t v) {
    const auto density = static_cast<double>(phantom.density[v]);
    return !(density > 0) ? 0 : scaling == DensityScaling::none ? 1 : kernel.density / density;
  };
  // One after the other: the largest grids are bounded by the memory that this takes.
  const auto fill = [&](std::vector<float>& result, const std::vector<double>& values, const auto& of) {
    result.resize(values.size());
    // Rounding of the transform may leave values just below 0 where there is no dose.
    for (std::size_t v = 0; v < values.size(); ++v)
      result[v] = static_cast<float>(of(std::max(0.0, values[v])) * factor(v));
  };
  fill(map.dose, convolved(kernel.dose, &map.device), [](double dose) { return dose; });
  for (double& d : decays) d *= d;
  fill(map.uncertainty, convolved(kernel.variance, nullptr), [](double variance) { return std::sqrt(variance); });
  map.seconds_transport = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  map.structures = structure_doses(phantom, map.dose, map.uncertainty, structures);
  return map;
}

KernelDose kernel_dose(const Phantom& phantom, const std::vector<double>& activity, const VoxelKernel& kernel,
                       DensityScaling scaling, std::span<const Structure> structures, const RunOptions& run) {
  if (kernel.particles != KernelParticles::all)
    throw Error(Fault::input, "the kernel is of electrons alone, needs to have their photons too");
  return {kernel_dose_map(phantom, activity, kernel, scaling, structures, run), kernel_validity(phantom, kernel, run)};
}

}  // namespace ytterby
