// Histories with weights and their second runs by pools on host threads: the CPU launcher's bits.

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "kernels/launch/device_correlated.h"
#include "kernels/launch/launch.h"
#include "support/host_threads.h"
#include "support/two_tissues.h"

namespace ytterby {
namespace {

using test::HostLane;
using test::HostThread;

/// Sources in tissue are coupled; the weights are those of their place in the source.
class DeviceCorrelated : public testing::TwoTissues {
 protected:
  static constexpr std::uint64_t seed = 7, first = 123456789012ull;
  static constexpr int rounds = 40;
  static constexpr std::uint32_t margin = 28, capacity = 4000;

  DeviceCorrelated() {
    words_[333] = (__builtin_bit_cast(std::uint32_t, 0.0012f) & 0xffffff00u) | 1u;  // gas
    for (std::uint32_t i = 0; i < view_.source.voxel.size; ++i) {
      const bool tissue = view_.source.voxel[i] % side < side / 2;
      entries_.push_back(CoupledEntry::of(tissue, i % 6));
    }
    for (int a = 0; a < 3; ++a) {
      reference_.grid.shape[a] = side + 2 * margin;
      reference_.grid.size[a] = view_.grid.size[a];
    }
    reference_.grid.pad = margin;
    reference_.grid.word = words_.front();
    reference_.coupled = {entries_.data(), static_cast<std::uint32_t>(entries_.size())};
  }

  template <class Launch>
  Launch launch_of(std::uint64_t count, std::uint32_t blocks, unsigned long long* next) {
    slab_.resize(std::size_t{blocks} * slab_quads_per_block);
    Launch launch;
    launch.coupled = reference_.coupled;
    launch.seed = seed;
    launch.first = first;
    launch.count = count;
    launch.next = next;
    launch.tally = tally_.data();
    launch.totals = &totals_;
    launch.slab = slab_.data();
    return launch;
  }
  ReferenceLaunch reference_launch(std::uint64_t count, std::uint32_t blocks) {
    auto launch = launch_of<ReferenceLaunch>(count, blocks, &counters_.back());
    launch.view = {view_.physics, reference_.grid, view_.source};
    launch.patient = view_.grid.voxels;
    return launch;
  }
  WeightedLaunch weighted_launch(std::uint64_t count, std::uint32_t blocks) {
    for (auto& queue : queue_) queue.resize(capacity);
    auto launch = launch_of<WeightedLaunch>(count, blocks, counters_.data());
    launch.view = view_;
    launch.out = queue_[0].data();
    launch.out_count = counters_.data() + 1;
    launch.queue_capacity = launch.out_capacity = capacity;
    return launch;
  }

  void follow_photons(WeightedLaunch launch) {
    unsigned long long *queued = counters_.data() + 1, *taken = queued + rounds + 1;
    for (int round = 0; round < rounds; ++round) {
      launch.next = taken + round;
      launch.queue = queue_[round % 2].data();
      launch.queued = queued + round;
      launch.out = queue_[(round + 1) % 2].data();
      launch.out_count = queued + round + 1;
      test::run_threads(1, [&](HostThread device) { follow_weighted_photons(launch, device); });
    }
    EXPECT_EQ(queued[rounds], 0u);
  }

  void expect_cpu_bits(std::uint64_t count) {
    std::vector<std::int64_t> expected(voxels, 0);
    const PortionTotals totals =
        best_cpu_launcher().run_correlated(view_, reference_, seed, first, count, expected.data());
    EXPECT_EQ(totals_.status, totals.status);
    EXPECT_EQ(totals_.emitted, static_cast<unsigned long long>(totals.emitted));
    EXPECT_EQ(totals_.escaped, static_cast<unsigned long long>(totals.escaped));
    EXPECT_EQ(totals_.discarded, static_cast<unsigned long long>(totals.discarded));
    EXPECT_EQ(totals_.reference_emitted, static_cast<unsigned long long>(totals.reference_emitted));
    EXPECT_EQ(totals_.reference_deposited, static_cast<unsigned long long>(totals.reference_deposited));
    EXPECT_EQ(totals_.reference_lost, static_cast<unsigned long long>(totals.reference_lost));
    EXPECT_EQ(totals_.segments, totals.segments);
    for (std::size_t v = 0; v < voxels; ++v) ASSERT_EQ(tally_[v], static_cast<unsigned long long>(expected[v])) << v;
  }

  ReferenceView reference_;
  std::vector<std::uint8_t> entries_;
  std::vector<unsigned long long> tally_ = std::vector<unsigned long long>(voxels, 0);
  std::vector<unsigned long long> counters_ = std::vector<unsigned long long>(2 * (rounds + 1) + 2, 0);
  std::vector<QueuedPhoton> queue_[2];
  std::vector<Quad> slab_;
  DeviceTotals totals_{};
};

TEST_F(DeviceCorrelated, GivesTheCpuLaunchersBits) {
  constexpr std::uint64_t count = 3000;
  const std::uint32_t blocks = 2 * test::block_threads;
  const ReferenceLaunch reference = reference_launch(count, blocks);
  test::run_threads(2, [&](HostThread device) { follow_reference_histories(reference, device); });
  EXPECT_GT(totals_.reference_lost, 0u);
  const WeightedLaunch weighted = weighted_launch(count, blocks);
  test::run_threads(2, [&](HostThread device) { follow_weighted_histories(weighted, device); });
  EXPECT_GT(counters_[1], 20u);  // photons there are
  follow_photons(weighted);
  expect_cpu_bits(count);
}

// A particle keeps its weight while others of the pool have theirs.
TEST_F(DeviceCorrelated, LanesAndWarpsShareTheWork) {
  constexpr std::uint64_t count = 150;
  const ReferenceLaunch reference = reference_launch(count, 2);
  test::run_blocks(2, [&](HostLane device) { follow_reference_histories(reference, device); });
  const WeightedLaunch weighted = weighted_launch(count, 2);
  test::run_blocks(2, [&](HostLane device) { follow_weighted_histories(weighted, device); });
  follow_photons(weighted);
  expect_cpu_bits(count);
}

TEST_F(DeviceCorrelated, AddsTheReferenceRunsUpWhereTheyAreAKernel) {
  constexpr std::uint64_t count = 500;
  for (std::uint8_t& entry : entries_) entry = CoupledEntry::of(CoupledEntry{entry}.twice(), 0);
  ReferenceLaunch launch = reference_launch(count, test::block_threads);
  launch.sign = ReferenceSign::added;
  launch.patient = {};
  test::run_threads(1, [&](HostThread device) { follow_reference_histories(launch, device); });
  std::vector<std::int64_t> expected(voxels, 0);
  const PortionTotals totals =
      best_cpu_launcher().run_reference(view_, reference_, seed, first, count, expected.data());
  EXPECT_EQ(totals_.reference_emitted, static_cast<unsigned long long>(totals.emitted));
  EXPECT_EQ(totals_.reference_lost, static_cast<unsigned long long>(totals.escaped));
  for (std::size_t v = 0; v < voxels; ++v) ASSERT_EQ(tally_[v], static_cast<unsigned long long>(expected[v])) << v;
}

// Sums of a batch with negative energies, and their overflow in either direction.
TEST(DeviceFoldOfDifferences, KeepsSignsAndSeesOverflow) {
  std::vector<long long> energies{-5, 7, 0, -(1ll << 40)}, sums{2, -3, 4, 5};
  std::vector<unsigned long long> tally(energies.begin(), energies.end());
  std::vector<unsigned __int128> squares(4, 1);
  std::vector<std::uint32_t> hits(4, 0);
  DeviceTotals totals{};
  const unsigned long long left = 0;
  const DeviceFold fold{tally.data(), sums.data(), squares.data(), hits.data(), 4, &totals, &left};
  const std::vector<std::uint32_t> voxel{0, 1, 3}, weight{1u << 24, 3, 1u << 20};
  DeviceStructureSum sum{};
  const DeviceStructure structure{tally.data(), voxel.data(), weight.data(), 3, &sum};
  test::run_threads(1, [&](HostThread device) { sum_structure(structure, device); });
  const __int128 exact = -5 * __int128{1 << 24} + 7 * 3 - (__int128{1} << 60);
  EXPECT_TRUE((static_cast<__int128>(static_cast<long long>(sum.high)) << 32) + sum.low == exact);
  test::run_threads(1, [&](HostThread device) { fold_voxels(fold, device); });
  EXPECT_EQ(sums, (std::vector<long long>{-3, 4, 4, 5 - (1ll << 40)}));
  EXPECT_EQ(hits, (std::vector<std::uint32_t>{1, 1, 0, 1}));
  EXPECT_TRUE(squares[0] == 26 && squares[1] == 50 && squares[2] == 1 && squares[3] == (__int128{1} << 80) + 1);
  EXPECT_EQ(static_cast<long long>(totals.deposited), 2 - (1ll << 40));
  EXPECT_EQ(totals.status, 0u);
  for (const auto& [sum_before, energy] :
       {std::pair{-(1ll << 62) - 1, -(1ll << 62)}, std::pair{1ll << 62, 1ll << 62}}) {
    sums[0] = sum_before;
    tally[0] = static_cast<unsigned long long>(energy);
    totals.status = 0;
    test::run_threads(1, [&](HostThread device) { fold_voxels(fold, device); });
    EXPECT_EQ(totals.status, std::uint32_t{status_tally_overflow}) << energy;
  }
}

}  // namespace
}  // namespace ytterby
