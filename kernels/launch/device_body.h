#pragma once
// What one device thread does, written against a small Device interface so that the host can run it too: the kernels in
// launch_cuda.cu are one line each around these functions, and tests run them on host threads under sanitizers.
//
// Device offers: thread() and threads() of the launch; add(pointer, value), an atomic addition that returns the old
// value, for 64-bit and 32-bit integers; set_bits(pointer, bits); shared(word), this thread's slot of the block's
// shared memory.

#include "kernels/transport/history.h"

namespace ytterby {

/// A photon in the queue between kernels: 48 bytes.
struct QueuedPhoton {
  float position[3];
  float direction[3];
  std::uint32_t quanta;
  std::uint32_t lineage, step;
  std::uint32_t history_low, history_high;
  std::uint32_t unused;
};
static_assert(sizeof(QueuedPhoton) == 48);

/// Totals of a batch in device memory; `next` hands out histories or photons.
struct DeviceTotals {
  unsigned long long emitted, escaped, discarded, deposited;  // [quanta]
  unsigned long long segments;
  std::uint32_t status, unused;
};

/// One launch: histories first .. first + count - 1, or the photons of a queue.
struct DeviceLaunch {
  TransportView view;
  std::uint64_t seed = 0, first = 0, count = 0;  // count is below 2^31
  std::uint32_t portion = 1;                     // items that a thread takes at a time
  unsigned long long* next = nullptr;            // of histories, or of photons in `queue`
  unsigned long long* tally = nullptr;           // [voxel], two's complement
  DeviceTotals* totals = nullptr;
  const QueuedPhoton* queue = nullptr;         // photons to follow (photon kernel)
  const unsigned long long* queued = nullptr;  // how many
  QueuedPhoton* out = nullptr;                 // photons that are born
  unsigned long long* out_count = nullptr;
  std::uint32_t out_capacity = 0;
};

/// Folding a batch: tally into sums, and the tally is zero again.
struct DeviceFold {
  unsigned long long* tally = nullptr;  // [voxel]
  long long* sum = nullptr;             // [voxel]
  unsigned __int128* square = nullptr;  // [voxel]
  std::uint32_t voxels = 0;
  DeviceTotals* totals = nullptr;
  const unsigned long long* left = nullptr;  // photons that no round has followed; has to be 0
};

/// A structure's energy in a batch, exactly: (high * 2^32 + low) / 2^24 quanta.
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

inline constexpr std::uint32_t shared_words_per_thread = 8 * 8;       // waiting_electrons entries of 8 words
inline constexpr std::uint32_t shared_words_with_photon = 8 * 8 + 9;  // in the photon kernel: the photon kept, too

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

/// Electrons wait in the block's shared memory, photons go to a queue in device memory; but where the thread follows
/// photons (`keeps`), one photon waits in shared memory for the thread itself.
template <class Device, bool keeps = false>
struct DeviceWaiting {
  Device device;
  QueuedPhoton* out;
  unsigned long long* out_count;
  std::uint32_t out_capacity;
  std::uint32_t electron_count = 0;
  bool kept = false;  // a photon waits for this thread

  YTTERBY_HD bool push_electron(const WaitingElectron& w) {
    if (electron_count >= waiting_electrons) return false;
    const std::uint32_t base = electron_count++ * 8;
    device.shared(base + 0) = w.voxel;
    device.shared(base + 1) = w.energy;
    device.shared(base + 2) = w.lineage;
    device.shared(base + 3) = float_bits(w.strength_to_hinge);
    device.shared(base + 4) = w.step | (static_cast<std::uint32_t>(w.hinge) << 16);
    device.shared(base + 5) = w.position[0] | (static_cast<std::uint32_t>(w.position[1]) << 16);
    device.shared(base + 6) =
        w.position[2] | (static_cast<std::uint32_t>(static_cast<std::uint16_t>(w.direction[0])) << 16);
    device.shared(base + 7) = static_cast<std::uint16_t>(w.direction[1]) |
                              (static_cast<std::uint32_t>(static_cast<std::uint16_t>(w.direction[2])) << 16);
    return true;
  }

  YTTERBY_HD bool pop_electron(WaitingElectron& w) {
    if (electron_count == 0) return false;
    const std::uint32_t base = --electron_count * 8;
    const auto low = [](std::uint32_t word) { return static_cast<std::uint16_t>(word); };
    const auto high = [](std::uint32_t word) { return static_cast<std::uint16_t>(word >> 16); };
    w.voxel = device.shared(base + 0);
    w.energy = device.shared(base + 1);
    w.lineage = device.shared(base + 2);
    w.strength_to_hinge = bits_float(device.shared(base + 3));
    const std::uint32_t a = device.shared(base + 4), b = device.shared(base + 5);
    const std::uint32_t c = device.shared(base + 6), d = device.shared(base + 7);
    w.step = low(a);
    w.hinge = high(a);
    w.position[0] = low(b);
    w.position[1] = high(b);
    w.position[2] = low(c);
    w.direction[0] = static_cast<std::int16_t>(high(c));
    w.direction[1] = static_cast<std::int16_t>(low(d));
    w.direction[2] = static_cast<std::int16_t>(high(d));
    return true;
  }

  YTTERBY_HD void keep(const Photon& p) {
    constexpr std::uint32_t base = shared_words_per_thread;
    kept = true;
    device.shared(base + 0) = float_bits(p.position.x);
    device.shared(base + 1) = float_bits(p.position.y);
    device.shared(base + 2) = float_bits(p.position.z);
    device.shared(base + 3) = float_bits(p.direction.x);
    device.shared(base + 4) = float_bits(p.direction.y);
    device.shared(base + 5) = float_bits(p.direction.z);
    device.shared(base + 6) = p.quanta;
    device.shared(base + 7) = p.lineage;
    device.shared(base + 8) = p.step;
  }

  YTTERBY_HD Photon take_kept() {
    constexpr std::uint32_t base = shared_words_per_thread;
    const auto value = [this](std::uint32_t word) { return bits_float(device.shared(base + word)); };
    kept = false;
    const std::uint32_t quanta = device.shared(base + 6);
    return {{value(0), value(1), value(2)}, {value(3), value(4), value(5)}, to_MeV(quanta), quanta,
            device.shared(base + 7),        device.shared(base + 8)};
  }

  YTTERBY_HD bool push_photon(const Stream& stream, const Photon& p) {
    if constexpr (keeps) {
      if (!kept) {
        keep(p);
        return true;
      }
    }
    const unsigned long long slot = device.add(out_count, 1ull);
    if (slot >= out_capacity) return false;
    out[slot] = {{p.position.x, p.position.y, p.position.z},
                 {p.direction.x, p.direction.y, p.direction.z},
                 p.quanta,
                 p.lineage,
                 p.step,
                 stream.history_low,
                 stream.history_high,
                 0};
    return true;
  }
};

/// A persistent thread: one straight flight a trip; when its particle ends it takes what waits, else what
/// start(index, stream, e, waiting, tally) begins, for the items 0 .. items - 1 that the threads share in portions.
/// `start` sets the stream and returns whether `e` flies; a photon that the thread keeps comes before the next item.
template <bool keeps, class Device, class Start>
YTTERBY_HD void follow_all(const DeviceLaunch& launch_data, Device device, unsigned long long items, Start start) {
  DeviceTally<Device> tally{device, launch_data.tally, launch_data.totals};
  DeviceWaiting<Device, keeps> waiting{device, launch_data.out, launch_data.out_count, launch_data.out_capacity};
  Stream stream{};
  Electron e{};
  bool flying = false;
  unsigned long long segments = 0;
  std::uint32_t left = 0;           // flights before the cap of this history
  std::uint32_t item = 0, end = 0;  // of the portion in hand
  while (true) {
    if (flying) {
      ++segments;
      if (left == 0) {
        tally.raise(status_step_cap);
        tally.discard(e.energy);
        flying = false;
        continue;
      }
      --left;
      flying = fly(e, launch_data.view, stream, waiting, tally);
      continue;
    }
    WaitingElectron next;
    if (waiting.pop_electron(next)) {
      resume_waiting(e, launch_data.view, stream, next);
      flying = true;
      continue;
    }
    if (!waiting.kept && item == end) {
      const unsigned long long from = device.add(launch_data.next, launch_data.portion);
      if (from >= items) break;
      item = static_cast<std::uint32_t>(from);
      end = static_cast<std::uint32_t>(items - from < launch_data.portion ? items : from + launch_data.portion);
    }
    if (!waiting.kept) left = segment_cap;
    flying = start(waiting.kept ? item : item++, stream, e, waiting, tally);
  }
  tally.close(segments);
}

/// A thread of the electron kernel: histories, whose photons are left to the photon kernel.
template <class Device>
YTTERBY_HD void follow_histories(const DeviceLaunch& launch_data, Device device) {
  follow_all<false>(launch_data, device, launch_data.count,
                    [&](std::uint32_t index, Stream& stream, Electron& e, auto& waiting, auto& tally) {
                      stream = stream_of(launch_data.seed, launch_data.first + index);
                      emit_primary(e, launch_data.view, stream, tally);
                      return launch(e, launch_data.view, stream, waiting, tally);
                    });
}

/// A thread of the photon kernel: follows a queued photon from interaction to interaction with the electrons it frees.
/// The photon that an interaction leaves is kept; others go to the other queue, for the next round.
template <class Device>
YTTERBY_HD void follow_queued_photons(const DeviceLaunch& launch_data, Device device) {
  const unsigned long long photons = *launch_data.queued;
  if (photons == 0) return;  // most rounds: not even the counter is touched
  follow_all<true>(launch_data, device, photons,
                   [&](std::uint32_t index, Stream& stream, Electron& e, auto& waiting, auto& tally) {
                     Photon photon;
                     if (waiting.kept) {
                       photon = waiting.take_kept();
                     } else {
                       const QueuedPhoton q = launch_data.queue[index];
                       stream = {static_cast<std::uint32_t>(launch_data.seed),
                                 static_cast<std::uint32_t>(launch_data.seed >> 32), q.history_low, q.history_high};
                       photon = {{q.position[0], q.position[1], q.position[2]},
                                 {q.direction[0], q.direction[1], q.direction[2]},
                                 to_MeV(q.quanta),
                                 q.quanta,
                                 q.lineage,
                                 q.step};
                     }
                     return follow_photon(photon, e, launch_data.view, stream, waiting, tally);
                   });
}

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
    const unsigned long long sum = static_cast<unsigned long long>(fold.sum[v]) + energy;
    const unsigned __int128 square = static_cast<unsigned __int128>(energy) * energy;
    fold.sum[v] = static_cast<long long>(sum);
    fold.square[v] += square;
    overflow = overflow || (sum >> 63) != 0 || fold.square[v] < square;
  }
  if (deposited != 0) device.add(&fold.totals->deposited, deposited);
  if (overflow) device.set_bits(&fold.totals->status, static_cast<std::uint32_t>(status_tally_overflow));
  if (device.thread() == 0 && *fold.left != 0)
    device.set_bits(&fold.totals->status, static_cast<std::uint32_t>(status_photon_queue_full));
}

/// Adds up a structure's share of a batch; run before the fold clears the tally.
template <class Device>
YTTERBY_HD void sum_structure(const DeviceStructure& structure, Device device) {
  unsigned __int128 sum = 0;
  for (std::uint32_t i = device.thread(); i < structure.entries; i += device.threads())
    sum += static_cast<unsigned __int128>(structure.weight[i]) * structure.tally[structure.voxel[i]];
  if (sum == 0) return;
  device.add(&structure.sum->low, static_cast<unsigned long long>(sum) & 0xffffffffull);
  device.add(&structure.sum->high, static_cast<unsigned long long>(sum >> 32));
}

}  // namespace ytterby::inline YTTERBY_LEVEL
