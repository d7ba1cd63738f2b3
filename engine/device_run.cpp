#include "engine/device_run.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "engine/device_tables.h"
#include "engine/error.h"
#include "engine/stop_rule.h"

namespace ytterby {
namespace {

// A round follows its photons to their ends, and the next one those that they gave rise to beside their own scattered
// successors: below 1e-3 a photon, so that a thirteenth round has a chance below 1e-30 (and is refused if it is met).
constexpr int photon_rounds = 12;
constexpr int full_rounds = 2;  // rounds with all threads; next to no photons are left after them
constexpr int in_flight = 2;    // batches under way on a device: one transported, one folded
constexpr std::uint64_t spare_photons = 1u << 16;

/// A queue holds half a photon per history; an electron of 1 MeV radiates 0.047 in water on average.
std::uint64_t queue_capacity(std::uint64_t per_batch) {
  return std::min<std::uint64_t>(per_batch / 2 + spare_photons, 0xfffffff0u);
}

/// A run's state on one device.
class DeviceRun {
 public:
  DeviceRun(Device& device, const TransportView& view, std::uint64_t seed, std::uint64_t per_batch, int batches,
            std::span<const SparseStructure> structures)
      : device_(device),
        seed_(seed),
        per_batch_(per_batch),
        structures_(structures.size()),
        capacity_(queue_capacity(per_batch)),
        tables_(device, view),
        sum_(device, view.grid.voxels.size),
        square_(device, view.grid.voxels.size),
        totals_(device, static_cast<std::size_t>(batches)),
        structure_sums_(device, structures.size() * static_cast<std::size_t>(batches)),
        queue_{DeviceBuffer<QueuedPhoton>(device, capacity_), DeviceBuffer<QueuedPhoton>(device, capacity_)} {
    for (Slot& slot : slots_) {
      slot.tally = {device, sum_.size()};
      slot.counters = {device, 1 + 2 * (photon_rounds + 1)};
    }
    for (const SparseStructure& s : structures) {
      voxel_lists_.emplace_back(device, std::span<const std::uint32_t>(s.voxel));
      weight_lists_.emplace_back(device, std::span<const std::uint32_t>(s.weight));
    }
  }
  DeviceRun(const DeviceRun&) = delete;
  DeviceRun& operator=(const DeviceRun&) = delete;
  ~DeviceRun() { device_.drain(); }  // nothing may run on memory that is about to go

  /// Puts a batch's transport and structure sums into the streams; nothing waits on the host. Counters: histories,
  /// then per round photons queued and taken. `slot` 0 or 1 was folded before, or is new.
  void transport(int batch, int slot) {
    constexpr auto stream = DeviceStream::transport;
    const Slot& s = slots_[static_cast<std::size_t>(slot)];
    device_.wait(stream, folded(slot));
    device_.clear(stream, s.counters.data(), s.counters.size() * sizeof(unsigned long long));
    unsigned long long* queued = s.counters.data() + 1;
    unsigned long long* taken = queued + photon_rounds + 1;
    DeviceLaunch launch;
    launch.view = tables_.view;
    launch.seed = seed_;
    launch.first = static_cast<std::uint64_t>(batch) * per_batch_;
    launch.count = per_batch_;
    launch.next = s.counters.data();
    launch.tally = s.tally.data();
    launch.totals = totals_.data() + batch;
    launch.out = queue_[0].data();
    launch.out_count = queued;
    launch.out_capacity = static_cast<std::uint32_t>(capacity_);
    device_.launch(stream, DeviceKernel::histories, launch);
    for (int round = 0; round < photon_rounds; ++round) {
      launch.next = taken + round;
      launch.queue = queue_[round % 2].data();
      launch.queued = queued + round;
      launch.out = queue_[(round + 1) % 2].data();
      launch.out_count = queued + round + 1;
      device_.launch(stream, round < full_rounds ? DeviceKernel::photons : DeviceKernel::last_photons, launch);
    }
    device_.record(stream, transported(slot));
    device_.wait(DeviceStream::fold, transported(slot));
    for (std::size_t i = 0; i < structures_; ++i)
      device_.launch(DeviceStream::fold,
                     DeviceStructure{s.tally.data(), voxel_lists_[i].data(), weight_lists_[i].data(),
                                     static_cast<std::uint32_t>(voxel_lists_[i].size()),
                                     structure_sums_.data() + static_cast<std::size_t>(batch) * structures_ + i});
    device_.record(DeviceStream::fold, summed(slot));
  }

  void fold(int batch, int slot) {
    const Slot& s = slots_[static_cast<std::size_t>(slot)];
    device_.launch(DeviceStream::fold,
                   DeviceFold{s.tally.data(), sum_.data(), square_.data(), static_cast<std::uint32_t>(sum_.size()),
                              totals_.data() + batch, s.counters.data() + 1 + photon_rounds});
    device_.record(DeviceStream::fold, folded(slot));
  }

  [[nodiscard]] std::vector<double> structure_energies(int batch, int slot) const {
    device_.wait_on_host(summed(slot));
    std::vector<double> energies;
    for (const DeviceStructureSum& sum :
         structure_sums_.host(static_cast<std::size_t>(batch) * structures_, structures_))
      energies.push_back(exact_structure_energy((static_cast<__int128>(sum.high) << 32) + sum.low));
    return energies;
  }

  [[nodiscard]] DeviceTotals totals(int batch, int slot) const {
    device_.wait_on_host(folded(slot));
    return totals_.host(static_cast<std::size_t>(batch), 1).front();
  }

  [[nodiscard]] std::vector<long long> sum() const { return sum_.host(); }
  [[nodiscard]] std::vector<unsigned __int128> square() const { return square_.host(); }

 private:
  struct Slot {
    DeviceBuffer<unsigned long long> tally, counters;
  };
  static int transported(int slot) { return slot; }
  static int summed(int slot) { return in_flight + slot; }
  static int folded(int slot) { return 2 * in_flight + slot; }

  Device& device_;
  std::uint64_t seed_, per_batch_;
  std::size_t structures_;
  std::uint64_t capacity_;
  DeviceTables tables_;
  Slot slots_[in_flight];
  DeviceBuffer<long long> sum_;
  DeviceBuffer<unsigned __int128> square_;
  DeviceBuffer<DeviceTotals> totals_;
  DeviceBuffer<DeviceStructureSum> structure_sums_;
  DeviceBuffer<QueuedPhoton> queue_[2];
  std::vector<DeviceBuffer<std::uint32_t>> voxel_lists_, weight_lists_;
};

/// What all devices have together.
BatchSums sums_of(const std::vector<std::unique_ptr<DeviceRun>>& runs) {
  BatchSums sums(runs.front()->sum(), runs.front()->square());
  for (std::size_t d = 1; d < runs.size(); ++d) sums.add(BatchSums(runs[d]->sum(), runs[d]->square()));
  return sums;
}

/// Goes on after the whole batches of a state; the part of a batch is done again. Its sums are added at the end.
void take_up(const RunState& s, BatchRun& run) {
  run.batches = s.batches;
  run.ledger = s.ledger;
  run.structure_energy = s.structure_energy;
  run.segments = s.segments;
  run.seconds = s.seconds;
}

void book(BatchRun& run, int batch, const DeviceTotals& t) {
  check_batch(batch, t.status, {t.emitted, t.deposited, t.escaped, t.discarded});
  run.ledger.emitted += t.emitted;
  run.ledger.deposited += t.deposited;
  run.ledger.escaped += t.escaped;
  run.ledger.discarded += t.discarded;
  run.segments += t.segments;
  run.batches = batch + 1;
}

std::string names_of(std::span<Device* const> devices) {
  const std::string first = devices.front()->name();
  return devices.size() == 1 ? first : std::to_string(devices.size()) + " x " + first;
}

}  // namespace

std::size_t device_memory_needed(std::size_t voxels, std::uint64_t per_batch) {
  return voxels * (4 + in_flight * 8 + 8 + 16) + 2 * queue_capacity(per_batch) * sizeof(QueuedPhoton) + (64u << 20);
}

void check_device_memory(const Device& device, std::size_t voxels, std::uint64_t per_batch) {
  const std::size_t needed = device_memory_needed(voxels, per_batch), left = device.memory_left();
  if (needed > left)
    throw Error(Fault::device, device.name() + ": the case needs " + std::to_string(needed >> 20) +
                                   " MiB on the device, which has " + std::to_string(left >> 20) +
                                   " MiB left: use a coarser grid, fewer histories a batch, or --device cpu");
}

BatchRun run_batches_on_devices(std::span<Device* const> devices, const TransportView& view, const RunOptions& options,
                                std::uint64_t per_batch, std::span<const SparseStructure> structures) {
  const auto count = static_cast<int>(devices.size());
  std::vector<std::unique_ptr<DeviceRun>> runs;
  for (Device* device : devices) {
    check_device_memory(*device, view.grid.voxels.size, per_batch);
    runs.push_back(std::make_unique<DeviceRun>(*device, view, options.seed, per_batch, options.batches, structures));
  }
  const auto run_of = [&](int batch) -> DeviceRun& { return *runs[static_cast<std::size_t>(batch % count)]; };
  const auto slot_of = [&](int batch) { return batch / count % in_flight; };

  BatchRun run{BatchSums(0), {}, {}, 0, true, false, -1, 0, 0, names_of(devices)};
  run.structure_energy.resize(structures.size());
  std::optional<StopRule> stop_rule;
  if (options.goal_uncertainty > 0) stop_rule.emplace(options.goal_uncertainty);
  const double before = options.resume != nullptr ? options.resume->seconds : 0;
  const auto start = std::chrono::steady_clock::now();
  bool stop = false, draining = false;
  if (options.resume != nullptr) {
    check_resume(*options.resume, options, per_batch, view.grid.voxels.size, structures.size(),
                 devices.front()->name());
    take_up(*options.resume, run);
    for (int b = 0; stop_rule && b < run.batches && !stop; ++b) {
      stop = stop_rule->add(
          run.structure_energy[static_cast<std::size_t>(options.goal_structure)][static_cast<std::size_t>(b)]);
      run.goal_reached = stop;
      run.goal_error = stop_rule->relative_error();
    }
  }
  const auto state = [&] {
    RunState s;
    s.seed = options.seed;
    s.per_batch = per_batch;
    s.level = devices.front()->name();
    s.batches = run.batches;
    s.sums = sums_of(runs);
    s.ledger = run.ledger;
    s.structure_energy = run.structure_energy;
    s.segments = run.segments;
    s.seconds = run.seconds;
    if (options.resume != nullptr) s.sums.add(options.resume->sums);
    return s;
  };
  auto checkpoint = start;
  for (int batch = run.batches, next = batch; batch < options.batches && !stop; ++batch) {
    for (; next < std::min(options.batches, batch + count * in_flight) && !draining; ++next) {
      run_of(next).transport(next, slot_of(next));
      if (!stop_rule) run_of(next).fold(next, slot_of(next));
    }
    DeviceRun& here = run_of(batch);
    const std::vector<double> energies = here.structure_energies(batch, slot_of(batch));
    for (std::size_t s = 0; s < energies.size(); ++s) run.structure_energy[s].push_back(energies[s]);
    if (stop_rule) {
      here.fold(batch, slot_of(batch));  // those behind it may never be
      stop = stop_rule->add(energies[static_cast<std::size_t>(options.goal_structure)]);
      run.goal_reached = stop;
      run.goal_error = stop_rule->relative_error();
    }
    book(run, batch, here.totals(batch, slot_of(batch)));
    const auto now = std::chrono::steady_clock::now();
    run.seconds = before + std::chrono::duration<double>(now - start).count();
    if (options.on_progress)
      options.on_progress({per_batch * static_cast<std::uint64_t>(run.batches),
                           per_batch * static_cast<std::uint64_t>(options.batches), run.seconds, run.goal_error});
    run.interrupted = run.interrupted || (options.interrupted && options.interrupted());
    const bool due = std::chrono::duration<double>(now - checkpoint).count() >= options.checkpoint_seconds;
    // A state holds whole batches alone: those under way are let run out first.
    draining = run.interrupted || (due && options.on_checkpoint);
    if (!draining || batch + 1 < next) continue;
    if (options.on_checkpoint) options.on_checkpoint(state());
    checkpoint = now;
    draining = false;
    if (run.interrupted) break;
  }
  if (options.on_checkpoint && !run.interrupted) {
    RunState last = state();
    last.complete = true;
    options.on_checkpoint(std::move(last));
  }
  run.sums = sums_of(runs);
  if (options.resume != nullptr) run.sums.add(options.resume->sums);
  return run;
}

}  // namespace ytterby
