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

/// What the correlated estimator's histories have beside plain ones.
struct DeviceCoupling {
  ReferenceView reference;
  std::vector<double> known = {};  // [structure] energy of a batch that needs no histories [quanta]; or empty
  /// True: the runs in the reference medium by themselves, added up, which a kernel is made of.
  bool alone = false;
};

/// A run's state on one device.
class DeviceRun {
 public:
  /// `coupling`: null for plain histories.
  DeviceRun(Device& device, const TransportView& view, std::uint64_t seed, std::uint64_t per_batch, int batches,
            std::span<const SparseStructure> structures, const DeviceCoupling* coupling = nullptr)
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
      slot.counters = {device, 2 + 2 * (photon_rounds + 1)};
      slot.queue[0] = {device, queue_capacity(per_batch)};
      slot.queue[1] = {device, second_queue_capacity(per_batch)};
    }
    for (const SparseStructure& s : structures) {
      voxel_lists_.emplace_back(device, std::span<const std::uint32_t>(s.voxel));
      weight_lists_.emplace_back(device, std::span<const std::uint32_t>(s.weight));
    }
    if (coupling == nullptr) return;
    kind_ = coupling->alone ? Kind::reference : Kind::correlated;
    reference_grid_ = coupling->reference.grid;
    known_ = coupling->known;
    const View<std::uint8_t> entries = coupling->reference.coupled;
    coupled_ = {device, std::span(entries.data, entries.size)};
  }
  DeviceRun(const DeviceRun&) = delete;
  DeviceRun& operator=(const DeviceRun&) = delete;
  ~DeviceRun() { device_.drain(); }  // nothing may run on memory that is about to go

  /// Puts a batch's transport and structure sums into the streams; nothing waits on the host. Counters: histories,
  /// then per round photons queued and taken, and last the histories in the reference medium. `slot` was folded before,
  /// or is new.
  void transport(int batch, int slot) {
    const DeviceStream stream = electrons_of(slot), finish = finish_of(slot);
    const Slot& s = slots_[static_cast<std::size_t>(slot)];
    device_.wait(stream, folded(slot));
    device_.clear(stream, s.counters.data(), s.counters.size() * sizeof(unsigned long long));
    unsigned long long* queued = s.counters.data() + 1;
    unsigned long long* taken = queued + photon_rounds + 1;
    WeightedLaunch launch;
    launch.view = tables_.view;
    launch.coupled = coupled();
    launch.seed = seed_;
    launch.first = static_cast<std::uint64_t>(batch) * per_batch_;
    launch.count = per_batch_;
    launch.next = s.counters.data();
    launch.tally = s.tally.data();
    launch.totals = totals_.data() + batch;
    launch.out = s.queue[0].data();
    launch.out_count = queued;
    launch.out_capacity = static_cast<std::uint32_t>(s.queue[0].size());
    if (kind_ != Kind::plain) follow_in_reference(launch, stream, s);
    follow(launch, stream, DeviceKernel::histories);
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
      follow(launch, finish, round < full_rounds ? DeviceKernel::photons : DeviceKernel::last_photons);
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
      energies.push_back(
          exact_structure_energy((static_cast<__int128>(static_cast<std::int64_t>(sum.high)) << 32) + sum.low));
    for (std::size_t s = 0; s < known_.size(); ++s) energies[s] += known_[s];
    return energies;
  }

  /// Of a batch that fold() was called for. Runs in the reference medium by themselves have a batch's own ledger.
  [[nodiscard]] DeviceTotals totals(int batch, int slot) const {
    device_.wait_on_host(folded(slot));
    DeviceTotals t = totals_.host(static_cast<std::size_t>(batch), 1).front();
    if (kind_ == Kind::reference) {
      t.emitted = std::exchange(t.reference_emitted, 0);
      t.escaped = std::exchange(t.reference_lost, 0);
      t.reference_deposited = 0;
    }
    return t;
  }

  /// Adds the sums of some voxels, which lie side by side on the device first: a small part of the grid is fetched.
  void add_sums_of(const std::vector<std::uint32_t>& voxels, BatchSums& to) {
    if (asked_.size() != voxels.size()) {
      asked_ = {device_, std::span<const std::uint32_t>(voxels)};
      gathered_ = {device_, voxels.size()};
    }
    device_.launch(DeviceStream::copy, DeviceGather{sum_.data(), square_.data(), hits_.data(), asked_.data(),
                                                    static_cast<std::uint32_t>(asked_.size()), gathered_.data()});
    const std::vector<VoxelSums> sums = gathered_.host();
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const std::uint32_t v = voxels[i];
      to.sum_in_place()[v] += sums[i].sum;
      to.square_in_place()[v] += sums[i].square;
      to.hits_in_place()[v] = counted_hits(std::uint64_t{to.hits()[v]} + sums[i].hits);
    }
  }

  [[nodiscard]] BatchSums sums() const {
    const std::vector<std::uint32_t> hits = hits_.host();
    std::vector<std::uint16_t> counted(hits.size());
    std::transform(hits.begin(), hits.end(), counted.begin(), counted_hits);
    return {sum_.host(), square_.host(), std::move(counted)};
  }

 private:
  enum class Kind { plain, correlated, reference };
  struct Slot {
    DeviceBuffer<unsigned long long> tally, counters;
    DeviceBuffer<QueuedPhoton> queue[2];
  };
  static int flown(int slot) { return slot; }
  static int summed(int slot) { return in_flight + slot; }
  static int folded(int slot) { return 2 * in_flight + slot; }

  [[nodiscard]] View<std::uint8_t> coupled() const {
    return {coupled_.data(), static_cast<std::uint32_t>(coupled_.size())};
  }

  void follow(const WeightedLaunch& launch, DeviceStream stream, DeviceKernel kernel) {
    if (kind_ == Kind::plain) device_.launch(stream, kernel, static_cast<const DeviceLaunch&>(launch));
    if (kind_ == Kind::correlated) device_.launch(stream, kernel, launch);
  }

  /// The second runs of a batch's histories.
  void follow_in_reference(const WeightedLaunch& of, DeviceStream stream, const Slot& slot) {
    ReferenceLaunch launch;
    launch.view = {of.view.physics, reference_grid_, of.view.source};
    launch.coupled = of.coupled;
    if (kind_ == Kind::correlated) {
      launch.patient = of.view.grid.voxels;
    } else {
      launch.sign = ReferenceSign::added;
    }
    launch.seed = of.seed;
    launch.first = of.first;
    launch.count = of.count;
    launch.next = slot.counters.data() + slot.counters.size() - 1;
    launch.tally = of.tally;
    launch.totals = of.totals;
    device_.launch(stream, launch);
  }

  Device& device_;
  std::uint64_t seed_, per_batch_;
  std::size_t structures_;
  DeviceTables tables_;
  Kind kind_ = Kind::plain;
  UniformGridView reference_grid_;
  std::vector<double> known_;
  DeviceBuffer<std::uint8_t> coupled_;
  Slot slots_[in_flight];
  DeviceBuffer<long long> sum_;
  DeviceBuffer<unsigned __int128> square_;
  DeviceBuffer<std::uint32_t> hits_;
  DeviceBuffer<DeviceTotals> totals_;
  DeviceBuffer<DeviceStructureSum> structure_sums_;
  std::vector<DeviceBuffer<std::uint32_t>> voxel_lists_, weight_lists_;
  DeviceBuffer<std::uint32_t> asked_;
  DeviceBuffer<VoxelSums> gathered_;
};

}  // namespace ytterby
