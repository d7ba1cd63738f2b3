// The CUDA kernels' own code on host threads: same histories, same bits as the CPU launcher.

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <vector>

#include "kernels/launch/device_body.h"
#include "kernels/launch/launch.h"
#include "support/host_threads.h"
#include "support/two_tissues.h"

namespace ytterby {
namespace {

using test::HostThread;
using test::run_threads;

class DeviceBody : public testing::TwoTissues {};

TEST_F(DeviceBody, GivesTheCpuLaunchersBits) {
  constexpr std::uint64_t seed = 7, first = 123456789012ull, count = 3000;
  constexpr int rounds = 40;
  std::vector<std::int64_t> expected(voxels, 0);
  const PortionTotals totals = best_cpu_launcher().run(view_, seed, first, count, expected.data());
  ASSERT_EQ(totals.status, 0u);

  std::vector<unsigned long long> tally(voxels, 0), counters(2 * (rounds + 1) + 1, 0);
  std::vector<QueuedPhoton> queue[2];
  for (auto& q : queue) q.resize(count);
  DeviceTotals device_totals{};
  unsigned long long *queued = counters.data() + 1, *taken = queued + rounds + 1;
  DeviceLaunch launch;
  launch.view = view_;
  launch.seed = seed;
  launch.first = first;
  launch.count = count;
  launch.next = counters.data();
  launch.tally = tally.data();
  launch.totals = &device_totals;
  launch.out = queue[0].data();
  launch.out_count = queued;
  launch.queue_capacity = launch.out_capacity = count;
  run_threads(2, [&](HostThread device) { follow_histories(launch, device); });
  EXPECT_GT(queued[0], 20u);  // photons there are
  for (int round = 0; round < rounds; ++round) {
    launch.next = taken + round;
    launch.queue = queue[round % 2].data();
    launch.queued = queued + round;
    launch.out = queue[(round + 1) % 2].data();
    launch.out_count = queued + round + 1;
    run_threads(1, [&](HostThread device) { follow_queued_photons(launch, device); });
  }
  EXPECT_EQ(queued[rounds], 0u);
  EXPECT_EQ(device_totals.status, 0u);
  EXPECT_EQ(device_totals.emitted, static_cast<unsigned long long>(totals.emitted));
  EXPECT_EQ(device_totals.escaped, static_cast<unsigned long long>(totals.escaped));
  EXPECT_EQ(device_totals.discarded, static_cast<unsigned long long>(totals.discarded));
  EXPECT_EQ(device_totals.segments, totals.segments);
  for (std::size_t v = 0; v < voxels; ++v) ASSERT_EQ(tally[v], static_cast<unsigned long long>(expected[v])) << v;

  // Structure sums and the fold, exactly; afterwards the tally is clear.
  const std::vector<std::uint32_t> voxel{1, 5, 700}, weight{1u << 24, 1u << 23, 3};
  DeviceStructureSum sum{};
  const DeviceStructure structure{tally.data(), voxel.data(), weight.data(), 3, &sum};
  run_threads(2, [&](HostThread device) { sum_structure(structure, device); });
  const __int128 exact = static_cast<__int128>(expected[1]) * (1 << 24) +
                         static_cast<__int128>(expected[5]) * (1 << 23) + static_cast<__int128>(expected[700]) * 3;
  EXPECT_TRUE((static_cast<__int128>(sum.high) << 32) + sum.low == exact);

  std::vector<long long> sums(voxels, 5);
  std::vector<unsigned __int128> squares(voxels, 0);
  std::vector<std::uint32_t> hits(voxels, 2);
  const DeviceFold fold{tally.data(),   sums.data(),    squares.data(), hits.data(), static_cast<std::uint32_t>(voxels),
                        &device_totals, queued + rounds};
  run_threads(2, [&](HostThread device) { fold_voxels(fold, device); });
  EXPECT_EQ(device_totals.emitted, device_totals.deposited + device_totals.escaped + device_totals.discarded);
  for (std::size_t v = 0; v < voxels; ++v) {
    ASSERT_EQ(tally[v], 0u);
    ASSERT_EQ(sums[v], expected[v] + 5);
    ASSERT_EQ(hits[v], expected[v] != 0 ? 3u : 2u);
    ASSERT_TRUE(squares[v] ==
                static_cast<unsigned __int128>(expected[v]) * static_cast<unsigned __int128>(expected[v]));
  }
}

TEST_F(DeviceBody, RefusesAFullQueueAndKeepsTheLedger) {
  std::vector<unsigned long long> tally(voxels, 0), counters(4, 0);
  std::vector<QueuedPhoton> queue(3), next_queue(100);
  DeviceTotals totals{};
  DeviceLaunch launch;
  launch.view = view_;
  launch.seed = 7;
  launch.count = 2000;
  launch.next = counters.data();
  launch.tally = tally.data();
  launch.totals = &totals;
  launch.out = queue.data();
  launch.out_count = counters.data() + 1;
  launch.out_capacity = 3;
  run_threads(1, [&](HostThread device) { follow_histories(launch, device); });
  EXPECT_TRUE(totals.status & status_photon_queue_full);
  EXPECT_GT(counters[1], 3u);  // those without a place are counted, too
  const auto energy_of = [](std::span<const QueuedPhoton> photons) {
    unsigned long long energy = 0;
    for (const QueuedPhoton& photon : photons) energy += photon.quanta;
    return energy;
  };
  const auto booked = [&] {
    unsigned long long deposited = 0;
    for (const unsigned long long energy : tally) deposited += energy;
    return deposited + totals.escaped + totals.discarded;
  };
  EXPECT_EQ(totals.emitted, booked() + energy_of(queue));

  // The next round follows those that are there, and reads nothing beyond them.
  launch.next = counters.data() + 2;
  launch.queue = queue.data();
  launch.queued = counters.data() + 1;
  launch.queue_capacity = 3;
  launch.out = next_queue.data();
  launch.out_count = counters.data() + 3;
  launch.out_capacity = 100;
  run_threads(2, [&](HostThread device) { follow_queued_photons(launch, device); });
  EXPECT_EQ(totals.emitted, booked() + energy_of(std::span(next_queue).first(counters[3])));
  EXPECT_TRUE(totals.status & status_photon_queue_full);
}

}  // namespace
}  // namespace ytterby
