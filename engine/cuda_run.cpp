#include "engine/cuda_run.h"

#ifdef YTTERBY_HAS_CUDA

#include <cuda_runtime_api.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "engine/buffer.h"
#include "engine/cuda_check.h"
#include "engine/error.h"
#include "engine/stop_rule.h"
#include "kernels/launch/launch_cuda.h"

namespace ytterby {
namespace {

constexpr int photon_rounds = 96;    // Compton scatterings of one photon; more has a chance below 1e-12
constexpr int batches_per_look = 4;  // batches that are under way before the host looks at them
constexpr std::uint64_t spare_photons = 1u << 16;

/// A queue holds half a photon per history; an electron of 1 MeV radiates 0.047 in water on average.
std::uint64_t queue_capacity(std::uint64_t per_batch) {
  return std::min<std::uint64_t>(per_batch / 2 + spare_photons, 0xfffffff0u);
}

/// Copies what a view points at and points the copy at it.
class DeviceTables {
 public:
  explicit DeviceTables(const TransportView& host) : view(host) {
    PhysicsView& p = view.physics;
    keep(p.range);
    keep(p.energy);
    keep(p.range_of_strength);
    keep(p.range_at_cutoff);
    keep(p.angle);
    keep(p.bremsstrahlung);
    keep(p.photon);
    keep(p.photon_majorant);
    keep(p.rayleigh);
    keep(view.grid.voxels);
    keep(view.source.voxel);
    keep(view.source.threshold);
    keep(view.source.alias);
    keep(view.source.spectrum);
  }
  TransportView view;

 private:
  template <class T>
  void keep(View<T>& v) {
    memory_.emplace_back(static_cast<std::size_t>(v.size) * sizeof(T));
    memory_.back().copy_from(v.data, static_cast<std::size_t>(v.size) * sizeof(T));
    v.data = static_cast<const T*>(memory_.back().data());
  }
  std::vector<DeviceMemory> memory_;
};

/// One run's state on the device.
class CudaRun {
 public:
  CudaRun(const TransportView& view, const RunOptions& options, std::uint64_t per_batch,
          std::span<const SparseStructure> structures)
      : options_(options),
        per_batch_(per_batch),
        tables_(view),
        voxels_(view.grid.voxels.size),
        tally_(voxels_),
        sum_(voxels_),
        square_(voxels_),
        totals_(static_cast<std::size_t>(options.batches)),
        structure_sums_(std::max<std::size_t>(structures.size(), 1) * static_cast<std::size_t>(options.batches)),
        capacity_(queue_capacity(per_batch)),
        queue_{DeviceBuffer<QueuedPhoton>(capacity_), DeviceBuffer<QueuedPhoton>(capacity_)},
        counters_(1 + 2 * (photon_rounds + 1)),
        structures_(structures.size()) {
    cuda_check(cuda_resident_blocks(&blocks_), "ask for the kernel's occupancy");
    for (const SparseStructure& s : structures) {
      voxel_lists_.emplace_back(std::span<const std::uint32_t>(s.voxel));
      weight_lists_.emplace_back(std::span<const std::uint32_t>(s.weight));
    }
  }

  /// Puts a batch into the stream; nothing waits for it. Counters: histories, then per round photons queued and taken.
  void enqueue(int batch) {
    cuda_check(cudaMemsetAsync(counters_.data(), 0, counters_.size() * sizeof(unsigned long long), nullptr),
               "clear the counters");
    unsigned long long* queued = counters_.data() + 1;
    unsigned long long* taken = queued + photon_rounds + 1;
    DeviceLaunch launch;
    launch.view = tables_.view;
    launch.seed = options_.seed;
    launch.first = static_cast<std::uint64_t>(batch) * per_batch_;
    launch.count = per_batch_;
    launch.next = counters_.data();
    launch.tally = tally_.data();
    launch.totals = totals_.data() + batch;
    launch.out = queue_[0].data();
    launch.out_count = queued;
    launch.out_capacity = static_cast<std::uint32_t>(capacity_);
    cuda_check(cuda_launch_histories(launch, blocks_, nullptr), "launch the electron kernel");
    for (int round = 0; round < photon_rounds; ++round) {
      launch.next = taken + round;
      launch.queue = queue_[round % 2].data();
      launch.queued = queued + round;
      launch.out = queue_[(round + 1) % 2].data();
      launch.out_count = queued + round + 1;
      cuda_check(cuda_launch_photons(launch, blocks_, nullptr), "launch the photon kernel");
    }
    for (std::size_t s = 0; s < structures_; ++s) {
      const DeviceStructure structure{tally_.data(), voxel_lists_[s].data(), weight_lists_[s].data(),
                                      static_cast<std::uint32_t>(voxel_lists_[s].size()),
                                      structure_sums_.data() + static_cast<std::size_t>(batch) * structures_ + s};
      cuda_check(cuda_launch_structure(structure, nullptr), "launch a structure's sum");
    }
    const DeviceFold fold{tally_.data(),          sum_.data(),
                          square_.data(),         static_cast<std::uint32_t>(voxels_),
                          totals_.data() + batch, queued + photon_rounds};
    cuda_check(cuda_launch_fold(fold, nullptr), "launch the fold");
  }

  void wait() { cuda_check(cudaDeviceSynchronize(), "run on the device"); }

  [[nodiscard]] DeviceTotals totals(int batch) const {
    DeviceTotals t{};
    cuda_check(cudaMemcpy(&t, totals_.data() + batch, sizeof t, cudaMemcpyDeviceToHost), "copy a batch's totals");
    return t;
  }

  [[nodiscard]] double structure_energy(int batch, std::size_t s) const {
    DeviceStructureSum sum{};
    cuda_check(cudaMemcpy(&sum, structure_sums_.data() + static_cast<std::size_t>(batch) * structures_ + s, sizeof sum,
                          cudaMemcpyDeviceToHost),
               "copy a structure's sum");
    return exact_structure_energy((static_cast<__int128>(sum.high) << 32) + sum.low);
  }

  [[nodiscard]] BatchSums sums() const { return {sum_.host(), square_.host()}; }

 private:
  const RunOptions& options_;
  std::uint64_t per_batch_;
  DeviceTables tables_;
  std::size_t voxels_;
  DeviceBuffer<unsigned long long> tally_;
  DeviceBuffer<long long> sum_;
  DeviceBuffer<unsigned __int128> square_;
  DeviceBuffer<DeviceTotals> totals_;
  DeviceBuffer<DeviceStructureSum> structure_sums_;
  std::uint64_t capacity_;
  DeviceBuffer<QueuedPhoton> queue_[2];
  DeviceBuffer<unsigned long long> counters_;
  std::size_t structures_;
  std::vector<DeviceBuffer<std::uint32_t>> voxel_lists_, weight_lists_;
  int blocks_ = 0;
};

void check_memory(std::size_t voxels, std::uint64_t per_batch) {
  std::size_t left = 0, all = 0;
  cuda_check(cudaMemGetInfo(&left, &all), "ask for the device's memory");
  const std::size_t needed = cuda_memory_needed(voxels, per_batch);
  if (needed > left)
    throw Error(Fault::device, "the case needs " + std::to_string(needed >> 20) + " MiB on the device, which has " +
                                   std::to_string(left >> 20) + " MiB left: use a coarser grid, fewer histories a " +
                                   "batch, or --device cpu");
}

}  // namespace

std::size_t cuda_memory_needed(std::size_t voxels, std::uint64_t per_batch) {
  return voxels * (4 + 8 + 8 + 16) + 2 * queue_capacity(per_batch) * sizeof(QueuedPhoton) + (64u << 20);
}

BatchRun run_batches_cuda(const TransportView& view, const RunOptions& options, std::uint64_t per_batch,
                          std::span<const SparseStructure> structures, int device) {
  cuda_check(cudaSetDevice(device), "select the device");
  cudaDeviceProp properties{};
  cuda_check(cudaGetDeviceProperties(&properties, device), "ask for the device's name");
  check_memory(view.grid.voxels.size, per_batch);
  CudaRun cuda(view, options, per_batch, structures);
  BatchRun run{BatchSums(0), {}, {}, 0, true, -1, 0, 0, std::string("cuda ") + properties.name};
  run.structure_energy.resize(structures.size());
  std::optional<StopRule> stop_rule;
  if (options.goal_uncertainty > 0) stop_rule.emplace(options.goal_uncertainty);
  const auto start = std::chrono::steady_clock::now();
  bool stop = false;
  for (int first = 0; first < options.batches && !stop;) {
    // With a goal batches are looked at one by one, since those beyond it must not count.
    const int last = std::min(first + (stop_rule ? 1 : batches_per_look), options.batches);
    for (int batch = first; batch < last; ++batch) cuda.enqueue(batch);
    cuda.wait();
    for (int batch = first; batch < last; ++batch) {
      const DeviceTotals t = cuda.totals(batch);
      check_batch(batch, t.status, {t.emitted, t.deposited, t.escaped, t.discarded});
      run.ledger.emitted += t.emitted;
      run.ledger.deposited += t.deposited;
      run.ledger.escaped += t.escaped;
      run.ledger.discarded += t.discarded;
      run.segments += t.segments;
      for (std::size_t s = 0; s < structures.size(); ++s)
        run.structure_energy[s].push_back(cuda.structure_energy(batch, s));
      run.batches = batch + 1;
      if (stop_rule) {
        stop = stop_rule->add(run.structure_energy[static_cast<std::size_t>(options.goal_structure)].back());
        run.goal_reached = stop;
        run.goal_error = stop_rule->relative_error();
      }
    }
    first = last;
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (options.on_progress)
      options.on_progress({per_batch * static_cast<std::uint64_t>(run.batches),
                           per_batch * static_cast<std::uint64_t>(options.batches), run.seconds,
                           stop_rule ? stop_rule->relative_error() : -1});
  }
  run.sums = cuda.sums();
  return run;
}

}  // namespace ytterby

#endif
