#include "engine/run/run_on_devices.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "engine/base/error.h"
#include "engine/device/device_run.h"
#include "engine/run/checkpoint_pace.h"
#include "engine/run/stop_rule.h"

namespace ytterby {
namespace {

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
  CheckpointPace pace(options, start);
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
    // A state holds whole batches alone: those under way are let run out first.
    draining = draining || run.interrupted || pace.due(now);
    if (!draining || batch + 1 < next) continue;
    if (options.on_checkpoint) options.on_checkpoint(state());
    pace.taken(now);
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
