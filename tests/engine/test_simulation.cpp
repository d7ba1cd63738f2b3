#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/base/error.h"
#include "engine/base/units.h"
#include "engine/simulation.h"
#include "support/expect_statistics.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

using testing::run_options;
using testing::uniform_phantom;
using testing::voxel_source;

const Material& water() { return testing::test_materials()[testing::water]; }

/// Water with bone, lung and vacuum in it: every branch of the transport.
Phantom mixed_phantom() {
  Phantom phantom = uniform_phantom(water(), 1.0, {8, 7, 6}, {0.2, 0.25, 0.3});
  phantom.materials = testing::test_materials();
  for (std::size_t v = 0; v < phantom.density.size(); ++v) {
    const std::size_t kind = v % 8;
    phantom.material[v] = kind == 1 ? 1 : (kind == 4 ? 2 : 0);
    phantom.density[v] = kind == 1 ? 1.92f : (kind == 4 ? 0.26f : (kind == 6 ? 0.0f : 1.0f));
  }
  return phantom;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Energy per history in a voxel [MeV], from its dose.
double energy_in(const DoseMap& map, const Phantom& phantom, std::size_t voxel) {
  return static_cast<double>(map.dose[voxel]) * static_cast<double>(phantom.density[voxel]) *
         phantom.grid.voxel_volume() / gray_per_MeV_per_g / map.decays;
}

TEST(Simulate, HasTheSameBitsForAnyNumberOfThreads) {
  const Phantom phantom = mixed_phantom();
  const Source source = voxel_source(phantom.grid, 170);
  const DoseMap one = simulate(phantom, source, run_options(40000));
  for (const int threads : {2, 3}) {
    const DoseMap map = simulate(phantom, source, run_options(40000, 1, threads));
    EXPECT_TRUE(same_bits(one.dose, map.dose)) << threads;
    EXPECT_TRUE(same_bits(one.uncertainty, map.uncertainty)) << threads;
    EXPECT_TRUE(one.ledger.emitted == map.ledger.emitted && one.ledger.escaped == map.ledger.escaped);
  }
  EXPECT_FALSE(same_bits(one.dose, simulate(phantom, source, run_options(40000, 2)).dose));
}

TEST(Simulate, BalancesItsLedger) {
  const Phantom phantom = mixed_phantom();
  const DoseMap map = simulate(phantom, voxel_source(phantom.grid, 170), run_options(100000));
  EXPECT_TRUE(map.ledger.balanced());
  EXPECT_TRUE(map.ledger.emitted == map.ledger.deposited + map.ledger.escaped + map.ledger.discarded);
  EXPECT_GT(static_cast<double>(map.ledger.escaped), 0);
  // Emitted: the mean energy of the spectrum, 0.65 MeV wide.
  const double mean = std::ldexp(static_cast<double>(map.ledger.emitted), -30) / static_cast<double>(map.histories);
  EXPECT_NEAR(mean, 0.93247, testing::significance_in_errors * 0.65 / std::sqrt(1e5));
  double deposited = 0;
  for (std::size_t v = 0; v < map.dose.size(); ++v) deposited += energy_in(map, phantom, v);
  EXPECT_NEAR(
      deposited / (std::ldexp(static_cast<double>(map.ledger.deposited), -30) / static_cast<double>(map.histories)), 1,
      1e-5);
}

// In a large body all energy but the photons' escape stays; nothing is created.
TEST(Simulate, ConservesEnergyThroughPhotons) {
  const Phantom phantom = uniform_phantom(water(), 1.0, {5, 5, 5}, {20, 20, 20});
  const DoseMap map = simulate(phantom, testing::point_source({50.01, 50.02, 50.03}, 3.5), run_options(50000));
  EXPECT_TRUE(map.ledger.balanced());
  EXPECT_TRUE(map.ledger.discarded == 0);
  EXPECT_TRUE(map.ledger.emitted ==
              __int128{static_cast<std::int64_t>(3.5 * 1073741824)} * static_cast<__int128>(map.histories));
  EXPECT_LT(static_cast<double>(map.ledger.escaped), 0.002 * static_cast<double>(map.ledger.emitted));
}

TEST(Simulate, RoundsHistoriesUpToWholeBatches) {
  const Phantom phantom = uniform_phantom(water(), 1.0, {1, 1, 1}, {0.3, 0.3, 0.3});
  RunOptions options = run_options(1001);
  options.batches = 10;
  const DoseMap map = simulate(phantom, voxel_source(phantom.grid, 0), options);
  EXPECT_EQ(map.histories, 1010u);
  EXPECT_EQ(map.batches, 10);
  EXPECT_EQ(simulate(phantom, voxel_source(phantom.grid, 0), run_options(1)).histories, 64u);
}

TEST(Simulate, GivesNoDoseToVacuum) {
  const Phantom phantom = mixed_phantom();
  const DoseMap map = simulate(phantom, voxel_source(phantom.grid, 170), run_options(20000));
  for (std::size_t v = 0; v < phantom.density.size(); ++v) {
    if (phantom.density[v] > 0) continue;
    EXPECT_EQ(map.dose[v], 0.0f);
    EXPECT_TRUE(std::isnan(map.uncertainty[v]));
  }
}

TEST(Simulate, LetsASourceInVacuumGo) {
  Phantom phantom = uniform_phantom(water(), 0.0, {3, 3, 3}, {0.3, 0.3, 0.3});
  DoseMap map = simulate(phantom, voxel_source(phantom.grid, 13), run_options(10000));
  EXPECT_TRUE(map.ledger.escaped + map.ledger.discarded == map.ledger.emitted);
  EXPECT_LT(static_cast<double>(map.ledger.discarded), 1e-3 * static_cast<double>(map.ledger.emitted));
  // A shell of water around a hole: what leaves the hole enters the water.
  for (std::size_t v = 0; v < 27; ++v) phantom.density[v] = v == 13 ? 0.0f : 1.0f;
  map = simulate(phantom, voxel_source(phantom.grid, 13), run_options(10000));
  EXPECT_TRUE(map.ledger.balanced());
  EXPECT_EQ(map.dose[13], 0.0f);
  for (const std::size_t face : {4u, 10u, 12u, 14u, 16u, 22u}) EXPECT_GT(map.dose[face], map.dose[0]);
}

TEST(Simulate, StructureDoseIsEnergyOverMass) {
  const Phantom phantom = mixed_phantom();
  Structure whole{"whole", Role::other, std::vector<float>(phantom.density.size(), 1.0f)};
  Structure half{"half", Role::other, std::vector<float>(phantom.density.size(), 0.5f)};
  const std::vector<Structure> structures{whole, half};
  const DoseMap map = simulate(phantom, voxel_source(phantom.grid, 170), run_options(20000), structures);
  const double energy = std::ldexp(static_cast<double>(map.ledger.deposited), -30) / static_cast<double>(map.histories);
  EXPECT_NEAR(map.structures[0].mean * map.structures[0].mass / (energy * map.decays * gray_per_MeV_per_g), 1, 1e-9);
  EXPECT_NEAR(map.structures[1].mean / map.structures[0].mean, 1, 1e-12);
  EXPECT_GT(map.structures[0].mean_error, 0);
}

template <class Change>
void expect_refused(Fault fault, Change change) {
  Phantom phantom = uniform_phantom(water(), 1.0, {2, 1, 1}, {0.3, 0.3, 0.3});
  Source source = voxel_source(phantom.grid, 0);
  RunOptions options = run_options(64);
  std::vector<Structure> structures{{"all", Role::other, {1.0f, 1.0f}}};
  change(phantom, source, options, structures);
  try {
    simulate(phantom, source, options, structures);
    ADD_FAILURE() << "was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), fault) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
}

TEST(Simulate, RefusesWhatDoesNotFit) {
  expect_refused(Fault::input, [](Phantom& p, auto&, auto&, auto&) { p.density.pop_back(); });
  expect_refused(Fault::input, [](Phantom& p, auto&, auto&, auto&) { p.material.push_back(0); });
  expect_refused(Fault::input, [](Phantom& p, auto&, auto&, auto&) { p.material[1] = 1; });
  for (const float wrong : {-0.1f, NAN, HUGE_VALF, 1000.0f})
    expect_refused(Fault::input, [&](Phantom& p, auto&, auto&, auto&) { p.density[1] = wrong; });
  expect_refused(Fault::input, [](auto&, Source& s, auto&, auto&) { s.voxels->activity = {0, 0}; });
  expect_refused(Fault::input, [](auto&, Source& s, auto&, auto&) { s.voxels->activity = {1, -1}; });
  expect_refused(Fault::input, [](auto&, auto&, auto&, auto& s) { s[0].fraction.pop_back(); });
  expect_refused(Fault::input, [](auto&, auto&, RunOptions& o, auto&) { o.transport.electron_cutoff = 0.0001; });
  expect_refused(Fault::input, [](auto&, auto&, RunOptions& o, auto&) { o.transport.photon_cutoff = 2; });
  expect_refused(Fault::usage, [](auto&, auto&, RunOptions& o, auto&) { o.histories = 0; });
  expect_refused(Fault::usage, [](auto&, auto&, RunOptions& o, auto&) { o.batches = 1; });
  expect_refused(Fault::usage, [](auto&, auto&, RunOptions& o, auto&) { o.histories = std::uint64_t{1} << 40; });
  expect_refused(Fault::device, [](auto&, auto&, RunOptions& o, auto&) { o.backend = Backend::cuda; });
}

TEST(Simulate, PassesOnWhatACallbackThrows) {
  const Phantom phantom = uniform_phantom(water(), 1.0, {2, 2, 2}, {0.3, 0.3, 0.3});
  RunOptions options = run_options(1000, 1, 2);
  options.on_progress = [](const Progress&) { throw Error(Fault::usage, "stop"); };
  EXPECT_THROW(simulate(phantom, voxel_source(phantom.grid, 0), options), Error);
}

TEST(Simulate, ReportsProgressInOrder) {
  const Phantom phantom = uniform_phantom(water(), 1.0, {2, 2, 2}, {0.3, 0.3, 0.3});
  RunOptions options = run_options(640, 1, 2);
  std::uint64_t last = 0, calls = 0;
  options.on_progress = [&](const Progress& p) {
    EXPECT_EQ(p.histories_done, last + 10);
    EXPECT_EQ(p.histories_total, 640u);
    last = p.histories_done;
    ++calls;
  };
  simulate(phantom, voxel_source(phantom.grid, 0), options);
  EXPECT_EQ(calls, 64u);
}

}  // namespace
}  // namespace ytterby
