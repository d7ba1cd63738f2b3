#pragma once
// Dose by convolving an activity map with a voxel kernel.

#include <span>
#include <vector>

#include "engine/dose/dose_map.h"
#include "engine/methods/voxel_kernel.h"
#include "engine/patient/phantom.h"
#include "engine/patient/structures.h"
#include "engine/run/run_options.h"

namespace ytterby {

enum class DensityScaling { none, local };

/// A convolved dose and where its kernel does not fit.
struct KernelDose {
  DoseMap map;                  // method voxel-kernel or voxel-kernel-scaled
  std::vector<float> validity;  // per voxel: mean of |rho / rho_kernel - 1| (at most 1) over the kernel's reach of
                                // electrons, weighted by the kernel; 1 beyond the grid
};

/// Dose by convolving the activity [Bq] with the kernel, by FFT or, for small kernels, as a sum. `local` multiplies by
/// rho_kernel / rho of the voxel. `uncertainty` comes from the kernel's variances: exact where the activity is smooth
/// over the kernel, since mirrored voxels share one value. A structure's error is an upper bound (all voxels off
/// together). Throws Fault::input where the kernel's spacing is not the grid's.
KernelDose kernel_dose(const Phantom& phantom, const std::vector<double>& activity, const VoxelKernel& kernel,
                       DensityScaling scaling, std::span<const Structure> structures, const RunOptions& run);

/// KernelDose::validity of a phantom.
std::vector<float> kernel_validity(const Phantom& phantom, const VoxelKernel& kernel, const RunOptions& run = {});

/// The dose of kernel_dose() alone.
DoseMap kernel_dose_map(const Phantom& phantom, const std::vector<double>& activity, const VoxelKernel& kernel,
                        DensityScaling scaling, std::span<const Structure> structures, const RunOptions& run);

}  // namespace ytterby
