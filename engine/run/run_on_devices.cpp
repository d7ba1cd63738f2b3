#include "engine/run/run_on_devices.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/device/device_run.h"
#include "engine/run/run_book.h"

namespace ytterby {
namespace {

/// What all devices have together.
BatchSums sums_of(const std::vector<std::unique_ptr<DeviceRun>>& runs) {
  BatchSums sums = runs.front()->sums();
  for (std::size_t d = 1; d < runs.size(); ++d) sums.add(runs[d]->sums());
  return sums;
}

std::string names_of(std::span<Device* const> devices) {
  const std::string first = devices.front()->name();
  return devices.size() == 1 ? first : std::to_string(devices.size()) + " x " + first;
}

}  // namespace

BatchTotals checked_totals(int batch, const DeviceTotals& t) {
  PortionTotals totals;
  totals.emitted = static_cast<std::int64_t>(t.emitted);
  totals.escaped = static_cast<std::int64_t>(t.escaped);
  totals.discarded = static_cast<std::int64_t>(t.discarded);
  totals.status = t.status;
  totals.reference_emitted = static_cast<std::int64_t>(t.reference_emitted);
  totals.reference_deposited = static_cast<std::int64_t>(t.reference_deposited);
  totals.reference_lost = static_cast<std::int64_t>(t.reference_lost);
  return {checked_ledger(batch, totals, static_cast<std::int64_t>(t.deposited)), t.segments};
}

std::size_t device_memory_needed(std::size_t voxels, std::uint64_t per_batch) {
  return voxels * (4 + in_flight * 8 + 8 + 16 + 4) + queue_bytes(per_batch) + (64u << 20);
}

void check_device_memory(const Device& device, std::size_t voxels, std::uint64_t per_batch) {
  const std::size_t needed = device_memory_needed(voxels, per_batch) + device.memory_of_launches(),
                    left = device.memory_left();
  if (needed > left)
    throw Error(Fault::device, device.name() + ": the case needs " + std::to_string(needed >> 20) +
                                   " MiB on the device, which has " + std::to_string(left >> 20) +
                                   " MiB left: use a coarser grid, fewer histories a batch, or --device cpu");
}

BatchRun run_batches_on_devices(std::span<Device* const> devices, const TransportView& view, const RunOptions& options,
                                std::uint64_t per_batch, std::span<const SparseStructure> structures,
                                const DeviceCoupling* coupling) {
  const auto count = static_cast<int>(devices.size());
  std::vector<std::unique_ptr<DeviceRun>> runs(devices.size());
  const auto set_up = [&](int d) {  // tables go to all devices at once
    const auto i = static_cast<std::size_t>(d);
    check_device_memory(*devices[i], view.grid.voxels.size, per_batch);
    runs[i] =
        std::make_unique<DeviceRun>(*devices[i], view, options.seed, per_batch, options.batches, structures, coupling);
  };
  parallel_for(count, set_up, count);
  const auto run_of = [&](int batch) -> DeviceRun& { return *runs[static_cast<std::size_t>(batch % count)]; };
  const auto slot_of = [&](int batch) { return batch / count % in_flight; };

  RunBook book(options, per_batch, devices.front()->name(), names_of(devices), view.grid.voxels.size,
               structures.size());
  const bool has_goal = options.goal_uncertainty > 0 || options.goal_voxel_uncertainty > 0;
  const auto ask_voxels = [&] {
    if (!book.voxels_due()) return;
    book.run.sums = options.resume != nullptr ? options.resume->sums : BatchSums(view.grid.voxels.size);
    for (const auto& run : runs) run->add_sums_of(options.voxels_asked, book.run.sums);
    book.ask_voxels();
  };
  if (options.resume != nullptr) ask_voxels();
  bool draining = false;
  for (int next = book.run.batches; !book.over();) {
    const int batch = book.run.batches;
    for (; next < std::min(options.batches, batch + count * in_flight) && !draining; ++next) {
      run_of(next).transport(next, slot_of(next));
      if (!has_goal) run_of(next).fold(next, slot_of(next));
    }
    DeviceRun& here = run_of(batch);
    const std::vector<double> energies = here.structure_energies(batch, slot_of(batch));
    if (has_goal) here.fold(batch, slot_of(batch));  // those behind it may never be
    book.add(checked_totals(batch, here.totals(batch, slot_of(batch))));
    book.book(energies);
    ask_voxels();
    book.report_progress();
    const auto now = RunBook::Clock::now();
    // A state holds whole batches alone: those under way are let run out first.
    draining = draining || book.asked_to_end() || book.checkpoint_due(now);
    if (book.over() || !draining || batch + 1 < next) continue;
    if (book.keeps_checkpoints()) book.keep(book.state(book.with_former(sums_of(runs))));
    book.kept(now);
    draining = false;
    if (book.run.interrupted) break;
  }
  const bool last_state = book.close();
  book.run.sums = book.with_former(sums_of(runs));
  if (last_state) book.keep_last(book.state(book.run.sums));
  return std::move(book.run);
}

}  // namespace ytterby
