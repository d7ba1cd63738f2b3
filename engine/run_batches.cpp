#include "engine/run_batches.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/error.h"
#include "engine/device/cuda_device.h"
#include "engine/ranks/run_on_ranks.h"
#include "engine/run/run_on_devices.h"
#include "engine/run/run_on_threads.h"

namespace ytterby {
namespace {

BatchRun run_on_cuda(std::span<const int> indices, const TransportView& view, const RunOptions& options,
                     std::uint64_t per_batch, std::span<const SparseStructure> structures,
                     const DeviceCoupling* coupling) {
  if (options.ranks != nullptr) {
    const auto local = static_cast<std::size_t>(options.ranks->local_rank());
    const std::unique_ptr<Device> device = open_cuda_device(indices[local % indices.size()]);
    const auto worker = device_worker(*device, view, options, per_batch, structures, coupling);
    return run_batches_on_ranks(*worker, options, per_batch, view.grid.voxels.size, structures.size());
  }
  const std::vector<std::unique_ptr<Device>> devices = open_cuda_devices(indices);
  std::vector<Device*> pointers;
  for (const auto& device : devices) pointers.push_back(device.get());
  return run_batches_on_devices(pointers, view, options, per_batch, structures, coupling);
}

/// On the GPUs chosen; none where there are none, or where one that was chosen for the user failed, with a note.
std::optional<BatchRun> try_cuda(BackendChoice& choice, const TransportView& view, const RunOptions& options,
                                 std::uint64_t per_batch, std::span<const SparseStructure> structures,
                                 const DeviceCoupling* coupling) {
  if (choice.cuda_devices.empty()) return {};
  try {
    return run_on_cuda(choice.cuda_devices, view, options, per_batch, structures, coupling);
  } catch (const Error& error) {
    // Ranks stay where they are: on different devices they would give different bits.
    if (options.backend != Backend::automatic || error.fault() != Fault::device || options.ranks != nullptr) throw;
    choice.note = std::string("running on the CPU: ") + error.what();
    return {};
  }
}

}  // namespace

BatchRun run_batches(const PortionRunner& runner, const RunOptions& options, std::uint64_t per_batch,
                     std::span<const SparseStructure> structures) {
  if (options.ranks == nullptr) return run_on_threads(runner, options, per_batch, structures);
  const int threads = options.threads > 0 ? options.threads : options.ranks->threads();
  const auto worker = thread_worker(runner, per_batch, threads, structures);
  return run_batches_on_ranks(*worker, options, per_batch, runner.voxels, structures.size());
}

BatchRun run_batches(BackendChoice& choice, const TransportView& view, const RunOptions& options,
                     std::uint64_t per_batch, std::span<const SparseStructure> structures) {
  if (auto run = try_cuda(choice, view, options, per_batch, structures, nullptr)) return *std::move(run);
  return run_batches(plain_runner(view, options.seed), options, per_batch, structures);
}

BatchRun run_correlated_batches(BackendChoice& choice, const TransportView& view, const ReferenceView& reference,
                                const RunOptions& options, std::uint64_t per_batch,
                                std::span<const SparseStructure> structures, std::vector<double> known) {
  const DeviceCoupling coupling{reference, known};
  if (auto run = try_cuda(choice, view, options, per_batch, structures, &coupling)) return *std::move(run);
  return run_batches(correlated_runner(view, reference, options.seed, std::move(known)), options, per_batch,
                     structures);
}

BatchRun run_reference_batches(BackendChoice& choice, const TransportView& view, const ReferenceView& reference,
                               const RunOptions& options, std::uint64_t per_batch,
                               std::span<const SparseStructure> structures) {
  const DeviceCoupling alone{reference, {}, true};
  if (auto run = try_cuda(choice, view, options, per_batch, structures, &alone)) return *std::move(run);
  const CpuLauncher launcher = best_cpu_launcher();
  const PortionRunner runner{[&](std::uint64_t first, std::uint64_t count, std::int64_t* tally) {
                               return launcher.run_reference(view, reference, options.seed, first, count, tally);
                             },
                             view.grid.voxels.size, launcher.level};
  return run_batches(runner, options, per_batch, structures);
}

}  // namespace ytterby
