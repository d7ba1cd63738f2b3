#pragma once
// A run's batches on one device.

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/device/device.h"
#include "engine/device/device_tables.h"
#include "engine/dose/statistics.h"

namespace ytterby {

// A round follows its photons to their ends, and the next one those that they gave rise to beside their own scattered
// successors: below 1e-3 a photon, so that a thirteenth round has a chance below 1e-30 (and is refused if it is met).
inline constexpr int photon_rounds = 12;
inline constexpr int full_rounds = 2;  // rounds with all threads; next to no photons are left after them
// Batches under way on a device: the first blocks of the next one's electrons go where the last of this one's leave
// room, and those of the one after it wait behind them while the photons of this one go first.
inline constexpr int in_flight = static_cast<int>(electron_streams);
inline constexpr std::uint64_t spare_photons = 1u << 15;

/// The electrons' photons: half a photon per history; an electron of 1 MeV radiates 0.047 in water on average.
inline std::uint64_t queue_capacity(std::uint64_t per_batch) {
  return std::min<std::uint64_t>(per_batch / 2 + spare_photons, 0xfffffff0u);
}
/// What photons give rise to beside their own successors: below 1e-3 a photon, room for an eighth.
inline std::uint64_t second_queue_capacity(std::uint64_t per_batch) {
  return std::min<std::uint64_t>(per_batch / 16 + spare_photons, 0xfffffff0u);
}
/// Both queues of all batches under way [bytes].
inline std::uint64_t queue_bytes(std::uint64_t per_batch) {
  return in_flight * (queue_capacity(per_batch) + second_queue_capacity(per_batch)) * sizeof(QueuedPhoton);
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
        tables_(device, view),
        sum_(device, view.grid.voxels.size),
        square_(device, view.grid.voxels.size),
        hits_(device, view.grid.voxels.size),
        totals_(device, static_cast<std::size_t>(batches)),
        structure_sums_(device, structures.size() * static_cast<std::size_t>(batches)) {
    for (Slot& slot : slots_) {
      slot.tally = {device, sum_.size()};
      slot.counters = {device, 1 + 2 * (photon_rounds + 1)};
      slot.queue[0] = {device, queue_capacity(per_batch)};
      slot.queue[1] = {device, second_queue_capacity(per_batch)};
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
  /// then per round photons queued and taken. `slot` was folded before, or is new.
  void transport(int batch, int slot) {
    const DeviceStream stream = electrons_of(slot), finish = finish_of(slot);
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
    launch.out = s.queue[0].data();
    launch.out_count = queued;
    launch.out_capacity = static_cast<std::uint32_t>(s.queue[0].size());
    device_.launch(stream, DeviceKernel::histories, launch);
    device_.record(stream, flown(slot));
    device_.wait(finish, flown(slot));
    for (int round = 0; round < photon_rounds; ++round) {
      const auto &from = s.queue[round % 2], &to = s.queue[(round + 1) % 2];
      launch.next = taken + round;
      launch.queue = from.data();
      launch.queued = queued + round;
      launch.queue_capacity = static_cast<std::uint32_t>(from.size());
      launch.out = to.data();
      launch.out_count = queued + round + 1;
      launch.out_capacity = static_cast<std::uint32_t>(to.size());
      device_.launch(finish, round < full_rounds ? DeviceKernel::photons : DeviceKernel::last_photons, launch);
    }
    for (std::size_t i = 0; i < structures_; ++i)
      device_.launch(finish,
                     DeviceStructure{s.tally.data(), voxel_lists_[i].data(), weight_lists_[i].data(),
                                     static_cast<std::uint32_t>(voxel_lists_[i].size()),
                                     structure_sums_.data() + static_cast<std::size_t>(batch) * structures_ + i});
    device_.record(finish, summed(slot));
  }

  /// Behind the batch's sums and behind the fold before it: both add to the same sums.
  void fold(int batch, int slot) {
    const Slot& s = slots_[static_cast<std::size_t>(slot)];
    device_.wait(finish_of(slot), folded((slot + in_flight - 1) % in_flight));
    device_.launch(finish_of(slot), DeviceFold{s.tally.data(), sum_.data(), square_.data(), hits_.data(),
                                               static_cast<std::uint32_t>(sum_.size()), totals_.data() + batch,
                                               s.counters.data() + 1 + photon_rounds});
    device_.record(finish_of(slot), folded(slot));
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

  [[nodiscard]] BatchSums sums() const {
    const std::vector<std::uint32_t> hits = hits_.host();
    std::vector<std::uint16_t> counted(hits.size());
    std::transform(hits.begin(), hits.end(), counted.begin(), counted_hits);
    return {sum_.host(), square_.host(), std::move(counted)};
  }

 private:
  struct Slot {
    DeviceBuffer<unsigned long long> tally, counters;
    DeviceBuffer<QueuedPhoton> queue[2];
  };
  static int flown(int slot) { return slot; }
  static int summed(int slot) { return in_flight + slot; }
  static int folded(int slot) { return 2 * in_flight + slot; }

  Device& device_;
  std::uint64_t seed_, per_batch_;
  std::size_t structures_;
  DeviceTables tables_;
  Slot slots_[in_flight];
  DeviceBuffer<long long> sum_;
  DeviceBuffer<unsigned __int128> square_;
  DeviceBuffer<std::uint32_t> hits_;
  DeviceBuffer<DeviceTotals> totals_;
  DeviceBuffer<DeviceStructureSum> structure_sums_;
  std::vector<DeviceBuffer<std::uint32_t>> voxel_lists_, weight_lists_;
};

}  // namespace ytterby
