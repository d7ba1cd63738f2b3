// The pool of particles on host threads: same histories, same bits as the CPU launcher.

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "kernels/launch/device_pool.h"
#include "kernels/launch/launch.h"
#include "support/generators.h"
#include "support/host_threads.h"
#include "support/two_tissues.h"

namespace ytterby {
namespace {

using test::HostLane;
using test::HostThread;

/// A batch followed by pools, and its photons by the photon kernel.
class DevicePool : public testing::TwoTissues {
 protected:
  static constexpr std::uint64_t seed = 7, first = 123456789012ull;
  static constexpr int rounds = 40;

  DeviceLaunch launch_of(std::uint64_t count, std::uint32_t blocks, std::uint32_t capacity) {
    slab_.resize(std::size_t{blocks} * slab_quads_per_block);
    for (auto& queue : queue_) queue.resize(capacity);
    DeviceLaunch launch;
    launch.view = view_;
    launch.seed = seed;
    launch.first = first;
    launch.count = count;
    launch.next = counters_.data();
    launch.tally = tally_.data();
    launch.totals = &totals_;
    launch.out = queue_[0].data();
    launch.out_count = counters_.data() + 1;
    launch.queue_capacity = launch.out_capacity = capacity;
    launch.slab = slab_.data();
    return launch;
  }

  void follow_photons(DeviceLaunch launch) {
    unsigned long long *queued = counters_.data() + 1, *taken = queued + rounds + 1;
    for (int round = 0; round < rounds; ++round) {
      launch.next = taken + round;
      launch.queue = queue_[round % 2].data();
      launch.queued = queued + round;
      launch.out = queue_[(round + 1) % 2].data();
      launch.out_count = queued + round + 1;
      test::run_threads(1, [&](HostThread device) { follow_queued_photons(launch, device); });
    }
    EXPECT_EQ(queued[rounds], 0u);
  }

  void expect_cpu_bits(std::uint64_t count) {
    std::vector<std::int64_t> expected(voxels, 0);
    const PortionTotals totals = best_cpu_launcher().run(view_, seed, first, count, expected.data());
    EXPECT_EQ(totals_.status, 0u);
    EXPECT_EQ(totals_.emitted, static_cast<unsigned long long>(totals.emitted));
    EXPECT_EQ(totals_.escaped, static_cast<unsigned long long>(totals.escaped));
    EXPECT_EQ(totals_.discarded, static_cast<unsigned long long>(totals.discarded));
    EXPECT_EQ(totals_.segments, totals.segments);
    for (std::size_t v = 0; v < voxels; ++v) ASSERT_EQ(tally_[v], static_cast<unsigned long long>(expected[v])) << v;
  }

  std::vector<unsigned long long> tally_ = std::vector<unsigned long long>(voxels, 0);
  std::vector<unsigned long long> counters_ = std::vector<unsigned long long>(2 * (rounds + 1) + 1, 0);
  std::vector<QueuedPhoton> queue_[2];
  std::vector<Quad> slab_;
  DeviceTotals totals_{};
};

TEST_F(DevicePool, GivesTheCpuLaunchersBits) {
  constexpr std::uint64_t count = 3000;
  const DeviceLaunch launch = launch_of(count, 2 * test::block_threads, count);
  test::run_threads(2, [&](HostThread device) { follow_pooled_histories(launch, device); });
  EXPECT_GT(counters_[1], 20u);  // photons there are
  follow_photons(launch);
  expect_cpu_bits(count);
}

// Ranks within a queue and histories handed out together need more than one lane, turns more than one warp.
TEST_F(DevicePool, LanesAndWarpsShareTheWork) {
  constexpr std::uint64_t count = 150;
  const DeviceLaunch launch = launch_of(count, 2, count);
  test::run_blocks(2, [&](HostLane device) { follow_pooled_histories(launch, device); });
  follow_photons(launch);
  expect_cpu_bits(count);
}

TEST_F(DevicePool, FollowsFewerHistoriesThanItHolds) {
  const DeviceLaunch launch = launch_of(1, test::block_threads, 100);
  test::run_threads(1, [&](HostThread device) { follow_pooled_histories(launch, device); });
  follow_photons(launch);
  expect_cpu_bits(1);
}

TEST_F(DevicePool, RefusesAFullQueueAndKeepsTheLedger) {
  const DeviceLaunch launch = launch_of(2000, test::block_threads, 3);
  test::run_threads(1, [&](HostThread device) { follow_pooled_histories(launch, device); });
  EXPECT_TRUE(totals_.status & status_photon_queue_full);
  unsigned long long deposited = 0, waiting = 0;
  for (const unsigned long long energy : tally_) deposited += energy;
  for (const QueuedPhoton& photon : queue_[0]) waiting += photon.quanta;
  EXPECT_EQ(totals_.emitted, deposited + totals_.escaped + totals_.discarded + waiting);
}

TEST_F(DevicePool, KeepsParticlesToTheBit) {
  std::vector<Quad> memory(pool_bytes / sizeof(Quad));
  const PoolMemory pool{memory.data()};
  testing::RandomWords rng;
  const auto real = [&] { return uniform(rng.word()) * 3.0f - 1.0f; };
  std::vector<PoolParticle> particles(pool_particles);
  for (std::uint32_t slot = 0; slot < pool_particles; ++slot) {
    PoolParticle& p = particles[slot];
    p = {};
    place_in_voxel(p.e, view_.grid, static_cast<std::uint32_t>(rng.word() % voxels));
    p.e.position = {real(), real(), real()};
    p.e.direction = {real(), real(), real()};
    for (float* x : {&p.e.clearance, &p.e.range, &p.e.range_vertex, &p.e.strength_hinge, &p.e.strength_after,
                     &p.e.nominal_hinge, &p.e.range_event})
      *x = real();
    for (std::uint32_t* x : {&p.e.energy, &p.e.energy_event, &p.e.lineage, &p.history_low, &p.pending}) *x = rng.word();
    p.e.angle_class = rng.word() % angle_classes;
    p.e.vertex = static_cast<Vertex>(rng.word() % 3);
    p.e.positron = (rng.word() & 1u) != 0;
    p.e.step = rng.word() % step_counts;
    p.e.events = rng.word() % event_counts;
    p.e.loss_share = static_cast<float>(rng.word() & 255u) * loss_part;
    p.history_high = rng.word() & 0xffffu;
    p.left = rng.word() % (segment_cap + 1);
    p.electron_count = rng.word() % (waiting_electrons + 1);
    p.want = static_cast<Want>(rng.word() % (static_cast<std::uint32_t>(Want::face) + 3));
    pool.store(slot, p);
  }
  for (std::uint32_t slot = 0; slot < pool_particles; ++slot) {
    const PoolParticle &p = particles[slot], q = pool.load(slot, view_.grid);
    const auto words = [](const PoolParticle& x) {
      const Electron& e = x.e;
      std::vector<std::uint32_t> all;
      for (const float f : {e.position.x, e.position.y, e.position.z, e.direction.x, e.direction.y, e.direction.z,
                            e.density, e.path_per_range, e.clearance, e.range, e.range_vertex, e.strength_hinge,
                            e.strength_after, e.nominal_hinge, e.range_event, e.loss_share})
        all.push_back(float_bits(f));
      for (const std::uint32_t u :
           {e.x, e.y, e.z, e.voxel, e.material, e.angle_class, e.energy, e.energy_event, e.lineage, e.step, e.events,
            e.positron ? 1u : 0u, x.history_low, x.history_high, x.pending, x.left, x.electron_count})
        all.push_back(u);
      all.push_back(static_cast<std::uint32_t>(e.vertex));
      all.push_back(static_cast<std::uint32_t>(x.want));
      return all;
    };
    ASSERT_EQ(words(q), words(p)) << slot;
  }
}

/// What all threads of a block do in a trip, and how many are taken out of each queue.
struct Trip {
  static constexpr std::uint32_t threads = 32, lanes = 4;
  std::vector<PoolTurn> turns;
  PoolCounts taken{};
  explicit Trip(const PoolCounts& waiting) {
    const PoolCounts before{{5, 1000, 70, 9}};
    for (std::uint32_t t = 0; t < threads; ++t) {
      PoolCounts gone = before;
      turns.push_back(take_turn(waiting, gone, t, threads, lanes));
      for (std::uint32_t g = 0; g < pool_groups; ++g) {
        const std::uint32_t out = gone.of[g] - before.of[g];
        if (t > 0) {
          EXPECT_EQ(out, taken.of[g]);  // all threads count the same
        }
        taken.of[g] = out;
      }
    }
    // Every place that is taken is one thread's, and a warp's threads are in one group.
    std::vector<std::vector<int>> owners;
    for (std::uint32_t g = 0; g < pool_groups; ++g) owners.emplace_back(taken.of[g], 0);
    for (std::uint32_t t = 0; t < threads; ++t) {
      EXPECT_EQ(turns[t].group, turns[t / lanes * lanes].group);
      if (turns[t].active) ++owners[turns[t].group].at(turns[t].place - before.of[turns[t].group]);
    }
    for (const std::vector<int>& places : owners)
      for (const int owner : places) EXPECT_EQ(owner, 1);
  }
};

TEST(PoolTurns, OfAFullPoolGoToTheLargestGroup) {
  const Trip trip(PoolCounts{{30, 20, 3, 40}});
  EXPECT_EQ(trip.taken.of[3], 32u);
  EXPECT_EQ(trip.taken.of[0] + trip.taken.of[1] + trip.taken.of[2], 0u);
  const Trip short_trip(PoolCounts{{30, 20, 3, 10}});
  EXPECT_EQ(short_trip.taken.of[0], 30u);
  EXPECT_EQ(short_trip.taken.of[1] + short_trip.taken.of[2] + short_trip.taken.of[3], 0u);
}

TEST(PoolTurns, OfAnEmptyingPoolAreEverybodys) {
  const Trip trip(PoolCounts{{5, 2, 0, 9}});
  EXPECT_EQ(trip.taken.of[0], 5u);
  EXPECT_EQ(trip.taken.of[1], 2u);
  EXPECT_EQ(trip.taken.of[3], 9u);
  const Trip crowded(PoolCounts{{13, 1, 1, 17}});  // 17 take 5 of 8 warps, 13 want 4: 12 of them and nobody else
  EXPECT_EQ(crowded.taken.of[3], 17u);
  EXPECT_EQ(crowded.taken.of[0], 12u);
  EXPECT_EQ(crowded.taken.of[1] + crowded.taken.of[2], 0u);
  const Trip last(PoolCounts{{0, 0, 1, 0}});
  EXPECT_EQ(last.taken.of[2], 1u);
}

}  // namespace
}  // namespace ytterby
