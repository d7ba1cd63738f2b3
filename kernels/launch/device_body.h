#pragma once
// What one device thread does, written against a small Device interface so that the host can run it too: the kernels in
// launch_cuda.cu are one line each around these functions, and tests run them on host threads under sanitizers.
//
// Device offers: thread() and threads() of the launch; add(pointer, value), an atomic addition that returns the old
// value, for 64-bit and 32-bit integers; set_bits(pointer, bits); shared(word), this thread's slot of the block's
// shared memory; and in the fold and the structures' sums add_from_all(pointer, value), which every thread of a block
// calls together: the block's sum is added.

#include "kernels/launch/device_fold.h"
#include "kernels/launch/device_waiting.h"
#include "kernels/transport/history.h"

namespace ytterby {

/// One launch: histories first .. first + count - 1, or the photons of a queue.
template <class View>
struct DeviceLaunchOf {
  View view;
  std::uint64_t seed = 0, first = 0, count = 0;  // count is below 2^31
  std::uint32_t portion = 1;                     // items that a thread takes at a time
  unsigned long long* next = nullptr;            // of histories, or of photons in `queue`
  unsigned long long* tally = nullptr;           // [voxel], two's complement
  DeviceTotals* totals = nullptr;
  const QueuedPhoton* queue = nullptr;         // photons to follow (photon kernel)
  const unsigned long long* queued = nullptr;  // how many were to be put there, perhaps more than it holds
  std::uint32_t queue_capacity = 0;
  QueuedPhoton* out = nullptr;  // photons that are born
  unsigned long long* out_count = nullptr;
  std::uint32_t out_capacity = 0;
  Quad* slab = nullptr;  // for a pool's waiting electrons: slab_quads_per_block for each of its blocks
};
using DeviceLaunch = DeviceLaunchOf<TransportView>;

}  // namespace ytterby

namespace ytterby::inline YTTERBY_LEVEL {

/// A persistent thread: one straight flight a trip; when its particle ends it takes what waits, else what
/// start(index, stream, e, context) begins, for the items 0 .. items - 1 that the threads share in portions.
/// `start` sets the stream and returns whether `e` flies; a photon that the thread keeps comes before the next item.
template <bool keeps, template <class> class Tally = DeviceTally, class Device, class Start>
YTTERBY_HD void follow_all(const DeviceLaunch& launch_data, Device device, unsigned long long items, Start start) {
  Tally<Device> tally{device, launch_data.tally, launch_data.totals};
  DeviceWaiting<Device, keeps> waiting{device, launch_data.out, launch_data.out_count, launch_data.out_capacity};
  Stream stream{};
  const HistoryContext context{launch_data.view, stream, waiting, tally};
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
      flying = fly(e, context);
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
    flying = start(waiting.kept ? item : item++, stream, e, context);
  }
  tally.close(segments);
}

/// A thread of the electron kernel: histories, whose photons are left to the photon kernel.
template <class Device>
YTTERBY_HD void follow_histories(const DeviceLaunch& launch_data, Device device) {
  follow_all<false>(launch_data, device, launch_data.count,
                    [&](std::uint32_t index, Stream& stream, Electron& e, const auto& context) {
                      stream = stream_of(launch_data.seed, launch_data.first + index);
                      emit_primary(e, launch_data.view, stream, context.tally);
                      shed_with_beta(e, context);
                      return set_off(e, context);
                    });
}

/// A thread of the photon kernel: follows a queued photon from interaction to interaction with the electrons it frees.
/// The photon that an interaction leaves is kept; others go to the other queue, for the next round. begun(tally,
/// stream) is called for each photon of the queue.
template <template <class> class Tally, class Device, class Begun>
YTTERBY_HD void follow_photons_of(const DeviceLaunch& launch_data, Device device, Begun begun) {
  unsigned long long photons = *launch_data.queued;
  if (photons == 0) return;  // most rounds: not even the counter is touched
  // Those that found no place were counted, too; their status bit refuses the batch.
  if (photons > launch_data.queue_capacity) photons = launch_data.queue_capacity;
  follow_all<true, Tally>(
      launch_data, device, photons, [&](std::uint32_t index, Stream& stream, Electron& e, const auto& context) {
        Photon photon;
        if (context.waiting.kept) {
          photon = context.waiting.take_kept();
        } else {
          const QueuedPhoton q = launch_data.queue[index];
          stream = {static_cast<std::uint32_t>(launch_data.seed), static_cast<std::uint32_t>(launch_data.seed >> 32),
                    q.history_low, q.history_high};
          photon = {{q.position[0], q.position[1], q.position[2]},
                    {q.direction[0], q.direction[1], q.direction[2]},
                    to_MeV(q.quanta),
                    q.quanta,
                    q.lineage,
                    q.step};
          begun(context.tally, stream);
        }
        return follow_photon(photon, e, context);
      });
}

/// The photons of histories that count once.
template <class Device>
YTTERBY_HD void follow_queued_photons(const DeviceLaunch& launch_data, Device device) {
  follow_photons_of<DeviceTally>(launch_data, device, [](const auto&, const Stream&) {});
}

}  // namespace ytterby::inline YTTERBY_LEVEL
