#pragma once
// Whether a device does what the CPU does: bounds for the self-check and for tools/gpu-check.

#include <cstdint>
#include <string>

#include "engine/device/device.h"
#include "engine/run/batch_run.h"

namespace ytterby {

/// Differences between a device and the CPU on the same histories.
struct DeviceAgreement {
  double rms_z = 0;             // root mean square over voxels of (device - CPU) / the CPU's standard error
  double worst_z = 0;           // largest of those
  std::uint64_t differing = 0;  // voxels whose energy differs at all
  std::uint64_t voxels = 0;     // voxels with energy
  std::uint64_t paths = 0;      // histories whose paths were compared
  std::uint64_t diverged = 0;   // those that took another path
  bool balanced = false;        // both ledgers balance, and both emitted the same

  static constexpr double most_rms_z = 0.02, most_diverged = 1e-4;
  [[nodiscard]] double diverged_share() const {
    return paths > 0 ? static_cast<double>(diverged) / static_cast<double>(paths) : 0;
  }
  /// Empty where all bounds hold, else what does not.
  [[nodiscard]] std::string complaint() const;
};

/// `options.histories` on the host's threads.
BatchRun run_on_cpu(const TransportView& view, const RunOptions& options, std::uint64_t per_batch,
                    std::span<const SparseStructure> structures = {});

/// Compares two runs of the same histories.
DeviceAgreement compare_runs(const BatchRun& device, const BatchRun& cpu);

/// Paths of histories 0 .. count - 1, a number each, by one device.
std::vector<std::uint64_t> device_paths(Device& device, const TransportView& view, std::uint64_t seed,
                                        std::uint32_t count);
/// The same on the host, on `threads` threads.
std::vector<std::uint64_t> host_paths(const TransportView& view, std::uint64_t seed, std::uint32_t count, int threads);

/// Runs `options.histories` on the device and on the CPU and compares energies; compares the paths of the first
/// `paths` histories.
DeviceAgreement compare_with_cpu(Device& device, const TransportView& view, const RunOptions& options,
                                 std::uint32_t paths);

/// The same energies of the correlated estimator; no paths.
DeviceAgreement compare_correlated_with_cpu(Device& device, const TransportView& view, const ReferenceView& reference,
                                            const RunOptions& options);

/// Follows 2e4 histories in a small phantom of tissue, lung and bone on a CUDA device and on the CPU, with each
/// estimator. Empty where they agree, else one line; never throws.
std::string self_check(int cuda_device);

/// The same on any device.
std::string self_check(Device& device);

}  // namespace ytterby
