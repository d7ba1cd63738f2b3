// A history's events: they are the history that a run has, on the host and by the device's code.

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <set>

#include "engine/device/replay.h"
#include "engine/tables/transport_tables.h"
#include "kernels/launch/launch.h"
#include "support/host_device.h"

namespace ytterby {
namespace {

/// Bone beside lung in 1 mm voxels: secondaries, photons and material changes.
class Replays : public ::testing::Test {
 protected:
  static constexpr int side = 30;

  static Phantom make_phantom() {
    Phantom phantom;
    phantom.grid = {{side, side, side}, {0.1, 0.1, 0.1}, {}, {}};
    phantom.materials = {built_in_material("water"), built_in_material("cortical_bone_icru44"),
                         built_in_material("lung_icru44")};
    for (std::size_t v = 0; v < phantom.grid.voxels(); ++v) {
      const bool lung = v % side >= side / 2;
      phantom.material.push_back(lung ? 2 : 1);
      phantom.density.push_back(lung ? 0.26f : 1.92f);
    }
    return phantom;
  }
  static Source make_source() {
    Source source;
    source.segment = SegmentSource{{1.45, 1.5, 1.5}, {1.55, 1.5, 1.5}};
    source.mono_energy = 2.0;
    return source;
  }
  Phantom phantom = make_phantom();
  TransportTables tables{phantom, make_source(), {}};
  TransportView view = tables.view();
};

TEST_F(Replays, AreTheHistoriesOfARun) {
  constexpr std::uint64_t seed = 5, first = 1000, count = 2000;
  std::vector<std::int64_t> tally(phantom.grid.voxels(), 0);
  const PortionTotals totals = best_cpu_launcher().run(view, seed, first, count, tally.data());
  std::int64_t deposited = 0, escaped = 0;
  std::set<ReplayKind> kinds;
  for (std::uint64_t h = first; h < first + count; ++h) {
    const std::vector<ReplayEvent> events = replay(view, seed, h);
    ASSERT_EQ(events.front().kind, ReplayKind::emitted);
    for (const ReplayEvent& e : events) {
      kinds.insert(e.kind);
      deposited += e.deposited;
      if (e.kind == ReplayKind::escaped) escaped += e.energy;
      if (e.kind == ReplayKind::escaped && e.particle != 2) {
        const float face = 0.1f * side;
        const auto outermost = [&](float x) { return x < 1e-5f || x > face - 1e-5f; };
        EXPECT_TRUE(outermost(e.position[0]) || outermost(e.position[1]) || outermost(e.position[2]));
      }
      if (e.particle == 2) continue;
      ASSERT_LT(e.voxel, phantom.grid.voxels());
      EXPECT_EQ(e.material, e.voxel % side >= side / 2 ? 1u : 0u);
      EXPECT_LE(e.energy, events.front().energy);
    }
  }
  EXPECT_EQ(deposited, std::accumulate(tally.begin(), tally.end(), std::int64_t{0}));
  EXPECT_EQ(escaped, totals.escaped);
  EXPECT_EQ(kinds.size(), 13u);  // every kind occurs
}

TEST_F(Replays, AreTheSameByTheDevicesCode) {
  HostDevice device;
  for (std::uint64_t h = 0; h < 20; ++h) {
    const std::vector<ReplayEvent> host = replay(view, 7, h), other = replay_on(device, view, 7, h);
    ASSERT_EQ(host.size(), other.size());
    EXPECT_EQ(std::memcmp(host.data(), other.data(), host.size() * sizeof(ReplayEvent)), 0) << h;
  }
}

}  // namespace
}  // namespace ytterby
