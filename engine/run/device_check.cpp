#include "engine/run/device_check.h"

#include <array>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/device/cuda_device.h"
#include "engine/device/device_tables.h"
#include "engine/device/replay.h"
#include "engine/run/run_on_devices.h"
#include "engine/run/run_on_threads.h"
#include "engine/tables/transport_tables.h"
#include "kernels/transport/reference.h"

namespace ytterby {
namespace {

constexpr int side = 16;
constexpr float spacing = 0.3f;  // [cm]

/// Slabs of tissue, lung and bone of 3 mm voxels, all of them active.
Phantom small_phantom() {
  Phantom phantom;
  phantom.grid = {{side, side, side}, {spacing, spacing, spacing}, {}, {}};
  phantom.materials = {built_in_material("liver_icru44"), built_in_material("lung_icru44"),
                       built_in_material("cortical_bone_icru44")};
  for (std::size_t v = 0; v < phantom.grid.voxels(); ++v) {
    const std::size_t slab = v % side * 3 / side;
    phantom.material.push_back(static_cast<std::uint8_t>(slab));
    phantom.density.push_back(std::array{1.06f, 0.26f, 1.92f}[slab]);
  }
  return phantom;
}

/// Second runs in the tissue for the sources of that slab and the next, weights of 1, 4 and 32.
struct SmallCoupling {
  std::vector<std::uint8_t> entries;
  UniformGridView grid;

  explicit SmallCoupling(const TransportTables& tables) {
    constexpr std::array<std::uint32_t, 3> shifts{0, 2, 5};
    for (const std::uint32_t voxel : tables.emission.voxel) {
      const std::uint32_t slab = voxel % side * 3 / side;
      entries.push_back(CoupledEntry::of(slab < 2, shifts[slab]));
    }
    grid.pad = 5;  // 1.5 cm: no electron of 90Y comes farther in tissue
    for (std::size_t a = 0; a < 3; ++a) {
      grid.shape[a] = side + 2 * grid.pad;
      grid.size[a] = spacing;
    }
    grid.word = tables.words.front();
  }
  [[nodiscard]] ReferenceView view() const {
    return {grid, {entries.data(), static_cast<std::uint32_t>(entries.size())}};
  }
};

}  // namespace

BatchRun run_on_cpu(const TransportView& view, const RunOptions& options, std::uint64_t per_batch,
                    std::span<const SparseStructure> structures) {
  return run_on_threads(plain_runner(view, options.seed), options, per_batch, structures);
}

std::string DeviceAgreement::complaint() const {
  if (!balanced) return "the energy ledgers do not agree";
  if (!(rms_z < most_rms_z)) return "RMS z is " + std::to_string(rms_z) + ", needs to be below 0.02";
  if (!(diverged_share() < most_diverged))
    return std::to_string(diverged) + " of " + std::to_string(paths) + " histories diverge, needs to be below 1e-4";
  return {};
}

DeviceAgreement compare_runs(const BatchRun& device, const BatchRun& cpu) {
  DeviceAgreement result;
  result.balanced = device.ledger.balanced() && cpu.ledger.balanced() && device.ledger.emitted == cpu.ledger.emitted &&
                    device.sums.sum().size() == cpu.sums.sum().size();
  if (!result.balanced) return result;
  double squares = 0;
  for (std::size_t v = 0; v < cpu.sums.sum().size(); ++v) {
    if (cpu.sums.sum()[v] == 0 && device.sums.sum()[v] == 0) continue;
    ++result.voxels;
    if (cpu.sums.sum()[v] == device.sums.sum()[v]) continue;
    ++result.differing;
    const BatchSums::Estimate a = cpu.sums.estimate(v, cpu.batches), b = device.sums.estimate(v, device.batches);
    const double error = std::isfinite(a.error) && a.error > 0 ? a.error : b.error;
    const double z = (b.mean - a.mean) / error;
    squares += z * z;
    result.worst_z = std::max(result.worst_z, std::abs(z));
  }
  if (result.voxels > 0) result.rms_z = std::sqrt(squares / static_cast<double>(result.voxels));
  return result;
}

std::vector<std::uint64_t> device_paths(Device& device, const TransportView& view, std::uint64_t seed,
                                        std::uint32_t count) {
  const DeviceTables tables(device, view);
  const DeviceBuffer<WaitingPhoton> photons(device, std::size_t{most_path_threads} * waiting_photons);
  const DeviceBuffer<std::uint64_t> path(device, count);
  device.launch(DeviceStream::copy, PathLaunch{tables.view, seed, 0, count, photons.data(), path.data()});
  return path.host();
}

std::vector<std::uint64_t> host_paths(const TransportView& view, std::uint64_t seed, std::uint32_t count, int threads) {
  std::vector<std::uint64_t> path(count);
  constexpr std::uint32_t portion = 64;
  parallel_for(
      static_cast<int>((count + portion - 1) / portion),
      [&](int part) {
        std::vector<std::uint32_t> shared(shared_words_per_thread);
        std::vector<WaitingPhoton> photons(waiting_photons);
        const std::uint32_t first = static_cast<std::uint32_t>(part) * portion;
        hash_paths(PathLaunch{view, seed, first, std::min(portion, count - first), photons.data(), path.data() + first},
                   LoneThread{shared.data()});
      },
      threads);
  return path;
}

DeviceAgreement compare_with_cpu(Device& device, const TransportView& view, const RunOptions& options,
                                 std::uint32_t paths) {
  const std::uint64_t per_batch = histories_per_batch(options.histories, options.batches);
  Device* const devices[] = {&device};
  const BatchRun gpu = run_batches_on_devices(devices, view, options, per_batch, {});
  DeviceAgreement result = compare_runs(gpu, run_on_cpu(view, options, per_batch));
  const std::vector<std::uint64_t> a = device_paths(device, view, options.seed, paths);
  const std::vector<std::uint64_t> b = host_paths(view, options.seed, paths, options.threads);
  result.paths = paths;
  for (std::size_t i = 0; i < a.size(); ++i) result.diverged += a[i] != b[i];
  return result;
}

DeviceAgreement compare_correlated_with_cpu(Device& device, const TransportView& view, const ReferenceView& reference,
                                            const RunOptions& options) {
  const std::uint64_t per_batch = histories_per_batch(options.histories, options.batches);
  Device* const devices[] = {&device};
  const DeviceCoupling coupling{reference};
  const BatchRun gpu = run_batches_on_devices(devices, view, options, per_batch, {}, &coupling);
  return compare_runs(gpu, run_on_threads(correlated_runner(view, reference, options.seed), options, per_batch, {}));
}

std::string self_check(Device& device) {
  try {
    const Phantom phantom = small_phantom();
    Source source;
    source.voxels = VoxelSource{std::vector<double>(phantom.grid.voxels(), 1.0)};
    RunOptions options;
    options.histories = 20000;
    options.batches = 16;
    const TransportTables tables(phantom, source, options.transport);
    // 2e4 paths: a single one that diverged is within the bound, three are not.
    const std::uint64_t per_batch = histories_per_batch(options.histories, options.batches);
    const TransportView view = tables.view(per_batch);
    if (const std::string found = compare_with_cpu(device, view, options, 20000).complaint(); !found.empty())
      return found;
    const SmallCoupling coupling(tables);
    const std::string found = compare_correlated_with_cpu(device, view, coupling.view(), options).complaint();
    return found.empty() ? "" : "the correlated estimator: " + found;
  } catch (const std::exception& error) {
    return error.what();
  }
}

std::string self_check(int cuda_device) {
  try {
    return self_check(*open_cuda_device(cuda_device));
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace ytterby
