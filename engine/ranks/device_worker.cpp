#include "engine/device/device_run.h"
#include "engine/ranks/rank_worker.h"
#include "engine/run/run_on_devices.h"

namespace ytterby {
namespace {

/// Whole batches alone; the next one is under way while the ranks exchange what they know of this one.
class DeviceWorker : public RankWorker {
 public:
  DeviceWorker(Device& device, const TransportView& view, const RunOptions& options, std::uint64_t per_batch,
               std::span<const SparseStructure> structures, const DeviceCoupling* coupling)
      : device_(device), run_(device, view, options.seed, per_batch, options.batches, structures, coupling) {}

  [[nodiscard]] std::string level() const override { return device_.name(); }
  [[nodiscard]] std::string device() const override { return device_.name(); }

  void begin(int batch, const BatchPart* /*part*/, int next) override {
    slot_ = 1 - slot_;
    batch_ = batch;
    if (under_way_ != batch) run_.transport(batch, slot_);
    if (next >= 0) run_.transport(next, 1 - slot_);
    under_way_ = next;
  }

  bool run(const std::function<bool()>& /*pause*/) override {
    energies_ = run_.structure_energies(batch_, slot_);
    return true;
  }

  [[nodiscard]] BatchPart part() override { return {}; }
  [[nodiscard]] std::vector<double> structure_energies() override { return energies_; }

  BatchTotals count() override {
    run_.fold(batch_, slot_);
    return checked_totals(batch_, run_.totals(batch_, slot_));
  }

  [[nodiscard]] BatchSums sums() override { return run_.sums(); }

 private:
  Device& device_;
  DeviceRun run_;
  int batch_ = -1, under_way_ = -1, slot_ = 1;
  std::vector<double> energies_;
};

}  // namespace

std::unique_ptr<RankWorker> device_worker(Device& device, const TransportView& view, const RunOptions& options,
                                          std::uint64_t per_batch, std::span<const SparseStructure> structures,
                                          const DeviceCoupling* coupling) {
  check_device_memory(device, view.grid.voxels.size, per_batch);
  return std::make_unique<DeviceWorker>(device, view, options, per_batch, structures, coupling);
}

}  // namespace ytterby
