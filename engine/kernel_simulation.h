#pragma once
// Makes voxel dose kernels.

#include <exception>

#include "engine/methods/voxel_kernel.h"

namespace ytterby {

/// Names what electrons and photons do, for whoever keeps kernels: another one makes other doses of the same options.
inline constexpr const char* transport_physics = "soft losses straggle";

class KernelStopped : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "stopped while a kernel was made"; }
};

/// Simulates a decaying voxel in the middle of a uniform block with vacuum outside; what would be scattered back from
/// beyond `extent` is missing (photons alone). Throws Fault::input for a density, spacing or extent that cannot be, or
/// a block of more than 2^28 voxels, and KernelStopped where options.run.interrupted ended it.
VoxelKernel make_voxel_kernel(const KernelOptions& options);

}  // namespace ytterby
