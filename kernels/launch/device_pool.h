#pragma once
// Histories by a pool of particles a block: all its warps run the state that most particles are in. So the lanes of a
// warp do the same, where a thread that follows its own particle waits for its neighbours' hinges and events; and the
// warps do it together, so that what one of them fetches of the program serves the others.
//
// Device offers, beside what device_body.h says: lanes of a warp; lane() in it; ballot(bool), a bit for each lane;
// from_lane(value, lane), what that lane has; sync_warp(); and of a block: block(), block_thread(), block_size(),
// sync_block(), and pool(), its pool_bytes of shared memory, aligned to 16.

#include "kernels/launch/device_body.h"
#include "kernels/launch/pool_particle.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Deposits of a trip: those of a particle are merged until it leaves its voxel or ends. A history's fit 32 bits.
template <class Device>
struct PoolTally {
  Device device;
  unsigned long long* voxels;
  DeviceTotals* totals_out;
  unsigned long long emitted = 0, escaped = 0;
  std::uint32_t pending = 0, status = 0;

  YTTERBY_HD void flush(std::uint32_t voxel) {
    if (pending != 0) device.add(voxels + voxel, static_cast<unsigned long long>(pending));
    pending = 0;
  }
  YTTERBY_HD void deposit(std::uint32_t, std::uint32_t quanta) { pending += quanta; }
  YTTERBY_HD void emit(std::uint32_t quanta) { emitted += quanta; }
  YTTERBY_HD void escape(std::uint32_t quanta) { escaped += quanta; }
  YTTERBY_HD void discard(std::uint32_t quanta) {  // rare
    device.add(&totals_out->discarded, static_cast<unsigned long long>(quanta));
  }
  YTTERBY_HD void raise(std::uint32_t bit) { status |= bit; }
};

/// A particle's waiting electrons lie in global memory, which is touched 0.28 times a history; photons go to the queue.
template <class Device>
struct PoolWaiting {
  Device device;
  Quad* electrons;
  QueuedPhoton* out;
  unsigned long long* out_count;
  std::uint32_t out_capacity;
  std::uint32_t electron_count = 0;

  YTTERBY_HD bool push_electron(const WaitingElectron& w) {
    if (electron_count >= waiting_electrons) return false;
    Quad* to = electrons + 2 * electron_count++;
    const WaitingWords words = words_of(w);
    to[0] = {words.w[0], words.w[1], words.w[2], words.w[3]};
    to[1] = {words.w[4], words.w[5], words.w[6], words.w[7]};
    return true;
  }
  YTTERBY_HD WaitingElectron pop_electron() {
    const Quad* from = electrons + 2 * --electron_count;
    const Quad a = from[0], b = from[1];
    return electron_of({{a.a, a.b, a.c, a.d, b.a, b.b, b.c, b.d}});
  }
  YTTERBY_HD bool push_photon(const Stream& stream, const Photon& p) {
    return queue_photon(device, out, out_count, out_capacity, stream, p);
  }
};

/// Histories as they come: what a pool follows. Others, with the same members, are in device_correlated.h.
template <class Device>
struct PlainHistories {
  using Launch = DeviceLaunch;
  using Tally = PoolTally<Device>;
  using Waiting = PoolWaiting<Device>;
  static constexpr bool weighted = false, in_reference = false;
  static constexpr auto emitted = &DeviceTotals::emitted, escaped = &DeviceTotals::escaped;

  /// The primary of a stream's history; false where it is not to be followed.
  YTTERBY_HD static bool emit(const Launch& launch_data, Electron& e, const Stream& stream, Tally& tally) {
    emit_primary(e, launch_data.view, stream, tally);
    return true;
  }
};

/// The start group: ends what has ended, then takes what waits, else the next history; false where none is left or the
/// new electron stays where it is born. All lanes of the warp come here, `active` ones with a particle.
template <class Histories, class Device>
YTTERBY_HD bool start_particle(const typename Histories::Launch& launch_data, Device device, bool active,
                               PoolParticle& p, Stream& stream, const auto& context, bool& nothing_left) {
  const auto& view = launch_data.view;
  Electron& e = p.e;
  auto& tally = context.tally;
  const bool born = p.want == Want::begin;
  if (active && (p.want == Want::end || p.want == Want::end_at_birth))
    absorb(e, p.want == Want::end ? energy_now(e, view.physics) : e.energy, context);
  if (active && !born) tally.flush(e.voxel);
  const bool wants_history = active && !born && context.waiting.electron_count == 0;
  const std::uint32_t wanting = device.ballot(wants_history);
  unsigned long long next = 0;
  if (wanting != 0) {
    if (device.lane() == 0) next = device.add(launch_data.next, static_cast<unsigned long long>(count_bits(wanting)));
    next = device.from_lane(next, 0) + count_bits(wanting & ((1u << device.lane()) - 1u));
  }
  if (!active) return false;
  float to_hinge = 0.0f;
  const bool resumes = !born && !wants_history;
  if (wants_history) {
    nothing_left = next >= launch_data.count;
    if (nothing_left) return false;
    stream = stream_of(launch_data.seed, launch_data.first + next);
    p.left = segment_cap;
    if (!Histories::emit(launch_data, e, stream, tally)) {
      p.want = Want::next;
      return false;
    }
    shed_with_beta(e, context);
    if (ends_at_birth(e, view)) {
      p.want = Want::end_at_birth;
      return false;
    }
  } else if (resumes) {
    to_hinge = unpacked(e, view.grid, context.waiting.pop_electron());
  }
  enter_flight(e, view, stream, resumes, to_hinge);
  return true;
}

/// Adds what all lanes of a warp have.
template <class Device>
YTTERBY_HD void add_from_warp(Device device, unsigned long long* to, unsigned long long value) {
  for (std::uint32_t offset = Device::lanes / 2; offset > 0; offset /= 2)
    value += device.from_lane(value, device.lane() ^ offset);
  if (device.lane() == 0) device.add(to, value);
}

/// The next place of group `to`'s queue for each lane of a warp that `stays`; others get none.
template <class Device>
YTTERBY_HD std::uint32_t place_in_queue(Device device, const PoolMemory& pool, bool stays, std::uint32_t to) {
  device.sync_warp();  // so that the compiler need not provide for ballots of a warp that is not together
  const std::uint32_t lane = device.lane(), before = (1u << lane) - 1u;
  std::uint32_t place = 0, others = 0, counted = 0;  // the lanes that go to the same queue; how many to number `lane`
  YTTERBY_UNROLL
  for (std::uint32_t g = 0; g < pool_groups; ++g) {
    const std::uint32_t mask = device.ballot(stays && to == g);
    if constexpr (Device::lanes >= pool_groups) {
      if (lane == g) counted = count_bits(mask);
      if (to == g) others = mask;
    } else {  // on a host
      const std::uint32_t first = device.from_lane(lane == 0 ? device.add(&pool.put(g), count_bits(mask)) : 0u, 0);
      if (to == g) place = first + count_bits(mask & before);
    }
  }
  if constexpr (Device::lanes < pool_groups) return place;
  if (lane < pool_groups && counted != 0) place = device.add(&pool.put(lane), counted);
  return device.from_lane(place, to) + count_bits(others & before);
}

/// A block of an electron kernel: histories of a kind, whose photons are left to the photon kernel.
template <class Histories, class Device>
YTTERBY_HD void follow_pool(const typename Histories::Launch& launch_data, Device device) {
  const auto& view = launch_data.view;
  const std::uint32_t thread = device.block_thread(), threads = device.block_size();
  Quad* const slab = launch_data.slab + static_cast<std::size_t>(device.block()) * slab_quads_per_block;
  const PoolMemory pool{device.pool()};
  PoolParticle none{};
  none.want = Want::next;
  for (std::uint32_t slot = thread; slot < pool_particles; slot += threads) {
    pool.store(slot, none);
    pool.entry(group_of(Want::next), pool_count_start + slot) = static_cast<std::uint16_t>(slot);
  }
  PoolCounts gone{};  // the same in all threads
  YTTERBY_UNROLL
  for (std::uint32_t g = 0; g < pool_groups; ++g) {
    gone.of[g] = pool_count_start;
    if (thread == 0) pool.put(g) = pool_count_start + (g == group_of(Want::next) ? pool_particles : 0u);
  }
  typename Histories::Tally tally{device, launch_data.tally, launch_data.totals};
  if constexpr (Histories::in_reference) tally.launch = &launch_data;
  unsigned long long segments = 0;

  while (true) {
    device.sync_block();  // what the last trip put into the queues is there
    PoolCounts here{};
    std::uint32_t all = 0;
    YTTERBY_UNROLL
    for (std::uint32_t g = 0; g < pool_groups; ++g) all += here.of[g] = pool.put(g) - gone.of[g];
    if (all == 0) break;
    const PoolTurn turn = take_turn(here, gone, thread, threads, Device::lanes);
    const std::uint32_t group = turn.group, slot = pool.entry(group, turn.place);
    const bool active = turn.active;
    device.sync_block();  // all have seen the queues
    YTTERBY_UNROLL
    for (std::uint32_t g = 0; g < pool_groups; ++g) {
      if (gone.of[g] < pool_count_limit) continue;
      gone.of[g] -= pool_count_limit;
      if (thread == 0) device.add(&pool.put(g), 0u - pool_count_limit);
    }
    if (device.ballot(active) == 0) continue;
    PoolParticle p = none;
    if (active) p = pool.load(slot, view.grid);  // another thread may be storing what idle lanes would read
    Electron& e = p.e;
    Stream stream{static_cast<std::uint32_t>(launch_data.seed), static_cast<std::uint32_t>(launch_data.seed >> 32),
                  p.history_low, p.history_high};
    typename Histories::Waiting waiting{device,
                                        slab + static_cast<std::size_t>(slot) * (2 * waiting_electrons),
                                        launch_data.out,
                                        launch_data.out_count,
                                        launch_data.out_capacity,
                                        p.electron_count};
    tally.pending = p.pending;
    if constexpr (Histories::in_reference) waiting.tally = &tally;
    if constexpr (Histories::weighted)
      if (active) tally.shift = pool.shift(slot);
    const HistoryContext context{view, stream, waiting, tally};

    bool flies = false, nothing_left = false;
    if (group == 0) {
      if (active) {
        flies = turn_at_hinge(e, context);
        p.want = Want::end;
      }
    } else if (group == 1) {
      if (active) {
        flies = meet_event(e, context);
        p.want = Want::begin;
      }
    } else if (group == 3) {
      if (active) {
        const std::uint32_t voxel = e.voxel;
        flies = through_face(e, static_cast<std::uint32_t>(p.want) - static_cast<std::uint32_t>(Want::face), context);
        tally.flush(voxel);
        p.want = Want::next;
      }
    } else {
      flies = start_particle<Histories>(launch_data, device, active, p, stream, context, nothing_left);
    }
    if (flies) {
      ++segments;
      if (p.left == 0) {
        tally.raise(status_step_cap);
        tally.discard(e.energy);
        p.want = Want::next;
      } else {
        --p.left;
        std::uint32_t axis = 0;
        const Met met = flight(e, view, axis);
        p.want = met == Met::face ? static_cast<Want>(static_cast<std::uint32_t>(Want::face) + axis)
                                  : static_cast<Want>(met);
      }
    }
    const bool stays = active && !nothing_left;
    if (stays) {
      p.history_low = stream.history_low;
      p.history_high = stream.history_high;
      p.pending = tally.pending;
      p.electron_count = waiting.electron_count;
      pool.store(slot, p);
      if constexpr (Histories::weighted) pool.shift(slot) = static_cast<std::uint8_t>(tally.shift);
    }
    const std::uint32_t to = group_of(p.want), place = place_in_queue(device, pool, stays, to);
    if (stays) pool.entry(to, place) = static_cast<std::uint16_t>(slot);
  }
  add_from_warp(device, &(launch_data.totals->*Histories::emitted), tally.emitted);
  add_from_warp(device, &(launch_data.totals->*Histories::escaped), tally.escaped);
  add_from_warp(device, &launch_data.totals->segments, segments);
  if constexpr (Histories::in_reference)
    add_from_warp(device, &launch_data.totals->reference_deposited, tally.deposited);
  if (tally.status != 0) device.set_bits(&launch_data.totals->status, tally.status);
}

/// A block of the electron kernel: histories as they come.
template <class Device>
YTTERBY_HD void follow_pooled_histories(const DeviceLaunch& launch_data, Device device) {
  follow_pool<PlainHistories<Device>>(launch_data, device);
}

}  // namespace ytterby::inline YTTERBY_LEVEL
