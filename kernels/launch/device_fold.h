#pragma once
// Scores on a device: what a thread deposits, and how a batch's tally becomes part of the run's sums. For Device see
// device_body.h.

#include "kernels/tables/tables_view.h"

namespace ytterby {

/// Totals of a batch in device memory; `next` hands out histories or photons.
struct DeviceTotals {
  unsigned long long emitted, escaped, discarded, deposited;  // [quanta]
  unsigned long long segments;
  std::uint32_t status, unused;
  unsigned long long reference_emitted, reference_deposited, reference_lost;  // as PortionTotals has them
};

/// Folding a batch: tally into sums, and the tally is zero again.
struct DeviceFold {
  unsigned long long* tally = nullptr;  // [voxel], two's complement
  long long* sum = nullptr;             // [voxel]
  unsigned __int128* square = nullptr;  // [voxel]
  std::uint32_t* hits = nullptr;        // [voxel] batches that left energy
  std::uint32_t voxels = 0;
  DeviceTotals* totals = nullptr;
  const unsigned long long* left = nullptr;  // photons that no round has followed; has to be 0
};

/// A voxel's sums over batches, for those that are fetched without the others.
struct VoxelSums {
  unsigned __int128 square;
  long long sum;
  std::uint32_t hits, unused;
};

/// Copies some voxels' sums side by side.
struct DeviceGather {
  const long long* sum = nullptr;
  const unsigned __int128* square = nullptr;
  const std::uint32_t* hits = nullptr;
  const std::uint32_t* voxel = nullptr;  // [entry]
  std::uint32_t entries = 0;
  VoxelSums* out = nullptr;  // [entry]
};

/// A structure's energy in a batch, exactly: (high * 2^32 + low) / 2^24 quanta, `high` in two's complement.
struct DeviceStructureSum {
  unsigned long long low, high;
};

struct DeviceStructure {
  const unsigned long long* tally = nullptr;
  const std::uint32_t* voxel = nullptr;   // [entry]
  const std::uint32_t* weight = nullptr;  // [entry], 2^-24
  std::uint32_t entries = 0;
  DeviceStructureSum* sum = nullptr;
};

}  // namespace ytterby

namespace ytterby::inline YTTERBY_LEVEL {

/// Deposits of one thread: merged while the voxel stays the same.
template <class Device>
struct DeviceTally {
  Device device;
  unsigned long long* voxels;
  DeviceTotals* totals_out;
  unsigned long long pending = 0, emitted = 0, escaped = 0;
  std::uint32_t voxel = 0, status = 0;

  YTTERBY_HD void flush() {
    if (pending != 0) device.add(voxels + voxel, pending);
    pending = 0;
  }
  YTTERBY_HD void deposit(std::uint32_t v, std::uint32_t quanta) {
    if (v != voxel) {
      flush();
      voxel = v;
    }
    pending += quanta;
  }
  YTTERBY_HD void emit(std::uint32_t quanta) { emitted += quanta; }
  YTTERBY_HD void escape(std::uint32_t quanta) { escaped += quanta; }
  YTTERBY_HD void discard(std::uint32_t quanta) {  // rare
    device.add(&totals_out->discarded, static_cast<unsigned long long>(quanta));
  }
  YTTERBY_HD void raise(std::uint32_t bit) { status |= bit; }
  YTTERBY_HD void close(unsigned long long segments) {
    flush();
    device.add(&totals_out->emitted, emitted);
    device.add(&totals_out->escaped, escaped);
    device.add(&totals_out->segments, segments);
    if (status != 0) device.set_bits(&totals_out->status, status);
  }
};

/// Adds a batch's tally to the run's sums and clears it; an overflow raises a status bit.
template <class Device>
YTTERBY_HD void fold_voxels(const DeviceFold& fold, Device device) {
  unsigned long long deposited = 0;
  bool overflow = false;
  for (std::uint32_t v = device.thread(); v < fold.voxels; v += device.threads()) {
    const unsigned long long energy = fold.tally[v];
    if (energy == 0) continue;
    fold.tally[v] = 0;
    deposited += energy;
    const unsigned long long old = static_cast<unsigned long long>(fold.sum[v]), sum = old + energy;
    const unsigned long long magnitude = (energy >> 63) != 0 ? 0ull - energy : energy;
    const unsigned __int128 square = static_cast<unsigned __int128>(magnitude) * magnitude;
    fold.sum[v] = static_cast<long long>(sum);
    fold.square[v] += square;
    ++fold.hits[v];
    // Two numbers of one sign whose sum has the other.
    overflow = overflow || (((old ^ sum) & (energy ^ sum)) >> 63) != 0 || fold.square[v] < square;
  }
  device.add_from_all(&fold.totals->deposited, deposited);
  if (overflow) device.set_bits(&fold.totals->status, static_cast<std::uint32_t>(status_tally_overflow));
  if (device.thread() == 0 && *fold.left != 0)
    device.set_bits(&fold.totals->status, static_cast<std::uint32_t>(status_photon_queue_full));
}

template <class Device>
YTTERBY_HD void gather_sums(const DeviceGather& gather, Device device) {
  for (std::uint32_t i = device.thread(); i < gather.entries; i += device.threads()) {
    const std::uint32_t v = gather.voxel[i];
    gather.out[i] = {gather.square[v], gather.sum[v], gather.hits[v], 0};
  }
}

/// Adds up a structure's share of a batch; run before the fold clears the tally.
template <class Device>
YTTERBY_HD void sum_structure(const DeviceStructure& structure, Device device) {
  __int128 sum = 0;
  for (std::uint32_t i = device.thread(); i < structure.entries; i += device.threads())
    sum += static_cast<__int128>(structure.weight[i]) * static_cast<long long>(structure.tally[structure.voxel[i]]);
  device.add_from_all(&structure.sum->low, static_cast<unsigned long long>(sum) & 0xffffffffull);
  device.add_from_all(&structure.sum->high, static_cast<unsigned long long>(sum >> 32));
}

}  // namespace ytterby::inline YTTERBY_LEVEL
