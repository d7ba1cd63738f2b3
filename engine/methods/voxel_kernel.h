#pragma once
// Voxel dose kernels: the dose around one decaying voxel in a uniform medium, made by this engine, and their
// convolution with an activity map.

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/dose/dose_map.h"
#include "engine/patient/phantom.h"
#include "engine/physics/material.h"
#include "engine/run/run_options.h"

namespace ytterby {

/// What a kernel follows: electrons and photons, or electrons alone, without bounds; what these radiate is dropped
/// (the correlated estimator's kernel, see correlated.h).
enum class KernelParticles { all, electrons };

/// An electron's residual range by restricted losses, up to the endpoint of 90Y, in soft tissue and at cutoffs up to
/// 100 keV, is below this [g/cm2].
inline constexpr double longest_restricted_range = 1.35;

/// What a kernel is made for.
struct KernelOptions {
  KernelParticles particles = KernelParticles::all;
  Material medium;
  double density = 0;              // of the medium [g/cm3]
  Vector3 spacing{0.3, 0.3, 0.3};  // of the voxels [cm]
  double extent = 5;               // at least this far from the source voxel's centre along each axis [cm]
  std::uint64_t histories = 20'000'000;
  RunOptions run;  // seed, cutoffs, threads, backend and progress; histories and goals are not read
};

/// Dose per decay in 2 half + 1 voxels an axis, x fastest, the source voxel in the middle.
struct VoxelKernel {
  KernelParticles particles = KernelParticles::all;
  std::array<int, 3> half{};
  Vector3 spacing{};
  Material medium;
  double density = 0;            // [g/cm3]
  std::vector<double> dose;      // [Gy per decay], averaged over the symmetries of the voxel
  std::vector<double> variance;  // [Gy2], of a voxel before that average: see kernel_dose()
  double energy_fraction = 0;    // of the emitted energy that lies inside
  double relative_error = 0;     // one standard error of that energy over its value
  std::uint64_t histories = 0;
  std::uint64_t seed = 0;
  double electron_cutoff = 0, photon_cutoff = 0;  // [MeV]
  double seconds = 0;

  [[nodiscard]] int size(std::size_t axis) const { return 2 * half[axis] + 1; }
};

/// Simulates a decaying voxel in the middle of a uniform block with vacuum outside; what would be scattered back from
/// beyond `extent` is missing (photons alone). Throws Fault::input for a density, spacing or extent that cannot be, or
/// a block of more than 2^28 voxels.
VoxelKernel make_voxel_kernel(const KernelOptions& options);

/// The liver's mean medium: mean density [g/cm3] and the composition by mass of all its voxels, rounded to 0.001 g/cm3
/// and 1e-4 so that cached kernels serve again. `fraction` is the structure's; voxels in gas are left out. Throws
/// Fault::input where nothing is left.
struct MeanMedium {
  Material material;
  double density = 0;
};
MeanMedium mean_medium(const Phantom& phantom, const std::vector<float>& fraction);

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

/// The dose of kernel_dose() alone.
DoseMap kernel_dose_map(const Phantom& phantom, const std::vector<double>& activity, const VoxelKernel& kernel,
                        DensityScaling scaling, std::span<const Structure> structures, const RunOptions& run);

}  // namespace ytterby
