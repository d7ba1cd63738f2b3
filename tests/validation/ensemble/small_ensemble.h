#pragma once
// Ensembles whose answer is known: balls in a box of density 1, with a kernel of one voxel or a few.

#include <cmath>
#include <utility>
#include <vector>

#include "engine/methods/convolve.h"
#include "engine/patient/activity.h"
#include "engine/physics/nuclide.h"
#include "tests/validation/ensemble/balls.h"
#include "validation/ensemble/ensemble.h"

namespace ytterby::test {

/// A kernel that keeps its energy in 2 half + 1 voxels an axis, falling by e in 2 mm; one voxel for half = 0.
inline VoxelKernel short_kernel(const Grid& grid, int half) {
  VoxelKernel k;
  k.half = {half, half, half};
  k.spacing = grid.spacing;
  k.density = 1;
  double sum = 0;
  for (int z = -half; z <= half; ++z)
    for (int y = -half; y <= half; ++y)
      for (int x = -half; x <= half; ++x) {
        k.dose.push_back(std::exp(-std::hypot(x * grid.spacing[0], y * grid.spacing[1], z * grid.spacing[2]) / 0.2));
        sum += k.dose.back();
      }
  // 1 GBq in 1 kg, left to decay, gives k Gy.
  const double in_one_voxel =
      yttrium_90().dose_constant() / yttrium_90().decays_per_becquerel() / 1e9 / (grid.voxel_volume() / 1000);
  for (double& d : k.dose) d *= in_one_voxel / sum;
  return k;
}

inline std::vector<float> kernel_dose_of(const VoxelKernel& k, const Grid& grid, std::vector<double> activity) {
  for (double& a : activity) a *= yttrium_90().decays_per_becquerel();
  const std::vector<double> dose = KernelConvolver(grid, k.dose, k.half)(activity);
  return {dose.begin(), dose.end()};
}

/// One session in becquerels, nothing drawn.
inline validation::EnsembleInput becquerel_input(const Grid& grid, std::vector<Structure> own,
                                                 const std::vector<double>& activity, int half = 0) {
  validation::EnsembleInput in;
  in.phantom.grid = grid;
  in.phantom.density.assign(grid.voxels(), 1.0F);
  in.phantom.material.assign(grid.voxels(), 0);
  in.derived = derived_structures(own);
  in.own = std::move(own);
  in.kernel = short_kernel(grid, half);
  in.half_life_h = yttrium_90().half_life_h;
  validation::EnsembleSession s;
  s.image = activity;
  s.dose = kernel_dose_of(in.kernel, grid, activity);
  in.sessions.push_back(std::move(s));
  return in;
}

}  // namespace ytterby::test
