#pragma once
// What a process does its batches with when several share a run.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/device/device_run.h"
#include "engine/run/batch_run.h"

namespace ytterby {

/// One batch at a time: begin(), run() until it says true, then count() unless the run ends before it.
class RankWorker {
 public:
  virtual ~RankWorker() = default;
  [[nodiscard]] virtual std::string level() const = 0;   // what bits depend on
  [[nodiscard]] virtual std::string device() const = 0;  // for the provenance
  /// `part`: what is done of it already, or null. `next`: the batch that comes after it if the run goes on, or -1.
  virtual void begin(int batch, const BatchPart* part, int next) = 0;
  /// True when the batch is done, false where `pause`, asked every few milliseconds by the calling thread, was true.
  virtual bool run(const std::function<bool()>& pause) = 0;
  /// Of the batch that was begun; `done` is 0 where this worker has whole batches alone.
  [[nodiscard]] virtual BatchPart part() = 0;
  /// Of a batch that is done [quanta].
  [[nodiscard]] virtual std::vector<double> structure_energies() = 0;
  /// Takes the batch into the sums. Throws Fault::internal where its ledger does not balance or a status bit is set.
  virtual BatchTotals count() = 0;
  /// Of the batches that were counted.
  [[nodiscard]] virtual BatchSums sums() = 0;
  /// The same, when nothing follows.
  [[nodiscard]] virtual BatchSums last_sums() { return sums(); }
};

/// On the host's threads.
std::unique_ptr<RankWorker> thread_worker(const PortionRunner& runner, std::uint64_t per_batch, int threads,
                                          std::span<const SparseStructure> structures);

/// On a device; throws Fault::device as run_batches_on_devices() does, and takes the same `coupling`.
std::unique_ptr<RankWorker> device_worker(Device& device, const TransportView& view, const RunOptions& options,
                                          std::uint64_t per_batch, std::span<const SparseStructure> structures,
                                          const DeviceCoupling* coupling = nullptr);

}  // namespace ytterby
