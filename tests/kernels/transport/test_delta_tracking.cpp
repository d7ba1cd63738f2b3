#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/transport/history.h"
#include "support/expect_statistics.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

/// Slabs along x: water, vacuum, bone, lung; wide enough that only the ends matter.
struct Slabs {
  std::vector<std::uint32_t> words;
  TransportView view;
  double thickness = 2;  // [cm]

  Slabs() {
    const auto word = [](float density, std::uint32_t material) {
      return (float_bits(density) & 0xffffff00u) | material;
    };
    words = {word(1.0f, testing::water), word(0.0f, testing::water), word(1.92f, testing::bone),
             word(0.26f, testing::lung)};
    view.physics = testing::test_tables().view();
    view.grid = {{4, 1, 1}, {2.0f, 100.0f, 100.0f}, {words.data(), 4}};
  }
  /// Linear attenuation coefficient by XCOM [1/cm].
  [[nodiscard]] double mu(std::size_t slab, double energy) const {
    const double density[] = {1.0, 0.0, 1.92, 0.26};
    const std::uint32_t material[] = {testing::water, testing::water, testing::bone, testing::lung};
    double sum = 0;
    for (const Component& c : testing::test_materials()[material[slab]].composition) {
      const Element& element = built_in_library().element(c.z);
      sum += c.mass_fraction / element.atomic_weight * 0.602214076 *
             (element.compton.at(energy) + element.rayleigh.at(energy) + element.photoelectric.at(energy) +
              element.pair.at(energy) + element.triplet.at(energy));
    }
    return sum * density[slab];
  }
};

/// Where a photon first interacts: 0 to 3, or 4 if it leaves without. Recognised by what it leaves behind.
class FirstInteraction {
 public:
  FirstInteraction(const Slabs& slabs, double energy, std::uint64_t history) {
    std::vector<std::int64_t> voxels(4);
    ThreadTally tally{voxels.data(), {}};
    WaitingList waiting;
    Electron e{};
    const auto quanta = static_cast<std::uint32_t>(energy * 1073741824.0);
    const Photon photon{{0, 50, 50}, {1, 0, 0}, to_MeV(quanta), quanta, 17, 0};
    const Stream stream = stream_of(3, history);
    const bool flying = follow_photon(photon, e, HistoryContext{slabs.view, stream, waiting, tally});
    std::int64_t found = tally.totals.escaped + tally.totals.discarded + (flying ? e.energy : 0);
    for (const std::int64_t deposit : voxels) found += deposit;
    for (std::uint32_t i = 0; i < waiting.photon_count; ++i) found += waiting.photons[i].quanta;
    for (std::uint32_t i = 0; i < waiting.electron_count; ++i) found += waiting.electrons[i].energy;
    // A pair that is under way holds its rest mass.
    const std::int64_t missing = static_cast<std::int64_t>(quanta) - found;
    balanced =
        missing == 0 || (energy > 2 * testing::electron_mass && missing == 2 * std::int64_t{electron_mass_quanta});
    untouched = tally.totals.escaped == static_cast<std::int64_t>(quanta);
    slab = 4;
    for (std::size_t v = 0; v < 4; ++v)
      if (voxels[v] > 0) slab = v;
    if (flying) slab = e.x;
  }
  bool balanced, untouched;
  std::size_t slab;
};

// Photons that interact by Compton or photoelectric effect, by slab: exp(-mu x) through different materials. Rayleigh
// scattering (a tenth at 60 keV, less above) turns photons without a trace, so energies are high enough to forget it.
TEST(DeltaTracking, AttenuatesExponentiallyThroughSlabs) {
  const Slabs slabs;
  for (const double energy : {0.3, 1.5}) {
    std::vector<std::size_t> counts(5);
    for (std::uint64_t history = 0; history < 200000; ++history) {
      const FirstInteraction first(slabs, energy, history);
      ASSERT_TRUE(first.balanced) << history;
      ++counts[first.untouched ? 4 : first.slab];
    }
    std::vector<double> probability;
    double alive = 1;
    for (std::size_t slab = 0; slab < 4; ++slab) {
      const double through = std::exp(-slabs.mu(slab, energy) * slabs.thickness);
      probability.push_back(alive * (1 - through));
      alive *= through;
    }
    probability.push_back(alive);
    ASSERT_EQ(counts[1], 0u);
    const double n = 200000;
    for (std::size_t i = 0; i < 5; ++i) {
      const double p = probability[i], error = std::sqrt(p * (1 - p) / n);
      // 0.3 %: Rayleigh at 300 keV, linear interpolation of the tables.
      EXPECT_NEAR(static_cast<double>(counts[i]) / n, p, testing::significance_in_errors * error + 0.003 * p)
          << energy << " MeV, slab " << i;
    }
  }
}

TEST(PhotonMajorant, IsNeverBelowAnyVoxel) {
  const PhysicsView physics = testing::test_tables().view();
  const float density[] = {1.0f, 1.92f, 0.26f};
  for (float k = 0.01f; k < 3.9f; k *= 1.0021f) {
    const GridPlace node = locate(energy_grid, k);
    const float majorant = max_of(physics.photon_majorant[node.index], physics.photon_majorant[node.index + 1]);
    for (std::uint32_t m = 0; m < 3; ++m) {
      const PhotonNode* p = physics.photon.data + m * (energy_grid.intervals + 1) + node.index;
      ASSERT_LE(between(p[0].mu_over_rho, p[1].mu_over_rho, node.fraction) * density[m], majorant);
    }
  }
}

TEST(LocatePoint, AgreesWithTheGrid) {
  const std::uint32_t words[24] = {};
  const GridView grid{{4, 3, 2}, {0.1f, 0.2f, 0.3f}, {words, 24}};
  GridPoint at{};
  ASSERT_TRUE(locate_point(grid, {0.35f, 0.1f, 0.45f}, at));
  EXPECT_EQ(at.x, 3u);
  EXPECT_EQ(at.y, 0u);
  EXPECT_EQ(at.z, 1u);
  EXPECT_EQ(at.voxel, 15u);
  EXPECT_NEAR(at.local.x, 0.05f, 1e-6f);
  EXPECT_NEAR(at.local.z, 0.15f, 1e-6f);
  EXPECT_TRUE(locate_point(grid, {0, 0, 0}, at));
  for (const Vec3 outside : {Vec3{-1e-6f, 0.1f, 0.1f}, Vec3{0.1f, 0.6001f, 0.1f}, Vec3{0.1f, 0.1f, 0.6001f},
                             Vec3{NAN, 0.1f, 0.1f}, Vec3{HUGE_VALF, 0.1f, 0.1f}})
    EXPECT_FALSE(locate_point(grid, outside, at));
}

TEST(FollowPhoton, LeavesAVacuum) {
  const Slabs slabs;
  TransportView view = slabs.view;
  std::vector<float> nothing(energy_grid.intervals + 1, 0.0f);
  const std::vector<std::uint32_t> empty(4, 0u);
  view.physics.photon_majorant = {nothing.data(), static_cast<std::uint32_t>(nothing.size())};
  view.grid.voxels = {empty.data(), 4};
  std::int64_t voxels[4] = {};
  ThreadTally tally{voxels, {}};
  WaitingList waiting;
  Electron e{};
  const Photon photon{{1, 50, 50}, {0, 1, 0}, 1.0f, 1u << 30, 1, 0};
  for (std::uint64_t history = 0; history < 100; ++history) {
    const Stream stream = stream_of(1, history);
    EXPECT_FALSE(follow_photon(photon, e, HistoryContext{view, stream, waiting, tally}));
  }
  EXPECT_EQ(tally.totals.escaped, std::int64_t{100} << 30);
}

}  // namespace
}  // namespace ytterby
