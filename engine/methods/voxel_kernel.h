#pragma once
// Voxel dose kernels: the dose around one decaying voxel in a uniform medium. kernel_simulation.h makes them,
// methods/kernel_dose.h convolves an activity map with them.

#include <array>
#include <cstdint>
#include <vector>

#include "engine/patient/phantom.h"
#include "engine/physics/material.h"
#include "engine/physics/nuclide.h"
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
  Nuclide nuclide = yttrium_90();
  bool internal_bremsstrahlung = false, internal_pairs = false;
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
  double mean_energy = yttrium_90().mean_energy;  // of the spectrum [MeV per decay]
  double seconds = 0;

  [[nodiscard]] int size(std::size_t axis) const { return 2 * half[axis] + 1; }
};

/// Values of a kernel (its `dose` or `variance`) within `half` voxels of its centre, at most its own.
std::vector<double> kernel_core(const VoxelKernel& kernel, const std::vector<double>& values,
                                const std::array<int, 3>& half);

/// The liver's mean medium: mean density [g/cm3] and the composition by mass of all its voxels, rounded to 0.001 g/cm3
/// and 1e-4 so that cached kernels serve again. `fraction` is the structure's; voxels in gas are left out. Throws
/// Fault::input where nothing is left.
struct MeanMedium {
  Material material;
  double density = 0;
};
MeanMedium mean_medium(const Phantom& phantom, const std::vector<float>& fraction);

}  // namespace ytterby
