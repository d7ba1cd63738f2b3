#include <gtest/gtest.h>

#include <vector>

#include "engine/tables/source_tables.h"
#include "kernels/transport/history.h"
#include "support/expect_statistics.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

constexpr double level = 1.7607, end_point = 2.2787;  // [MeV]: Nucl. Data Sheets 82 (1997) 379, ICRP 107

/// Water in one voxel of the given side [cm], which decays.
struct PairDecay {
  SourceTables tables;
  std::vector<std::uint32_t> words{float_bits(1.0f) & 0xffffff00u};
  TransportView view;

  explicit PairDecay(bool pairs, double side = 1) {
    const Phantom phantom = testing::uniform_phantom(testing::test_materials()[0], 1.0, {1, 1, 1}, {side, side, side});
    Source source = testing::voxel_source(phantom.grid, 0);
    source.internal_pairs = pairs;
    tables = build_source_tables(source, phantom.grid);
    view.physics = testing::test_tables().view();
    for (std::size_t i = 0; i < 3; ++i) {
      view.grid.shape[i] = 1;
      view.grid.size[i] = static_cast<float>(side);
    }
    view.grid.voxels = {words.data(), 1};
    view.source = tables.view();
  }
};

// 3.19e-5 pairs a decay (DDEP; Selwyn et al. 2007) of 1760.7 keV: 0.056 keV a decay.
TEST(InternalPair, NumberAndEnergyAreThoseOf90Y) {
  const SourceView source = PairDecay(true).view.source;
  const double chance = source.pair_chance * 0x1p-32;
  EXPECT_NEAR(chance, 3.19e-5, 0.01 * 3.19e-5);
  EXPECT_NEAR(1000 * chance * static_cast<double>(to_MeV(source.pair_quanta)), 0.0562, 0.01 * 0.0562);
  EXPECT_NEAR(source.pair_beta_share * 0x1p-32, (end_point - level) / end_point, 1e-6);
  EXPECT_EQ(PairDecay(false).view.source.pair_chance, 0u);
}

// As often as asked for (a thousand times what it is), and a decay then has the beta of the branch and the level.
TEST(InternalPair, TakesTheLevelOffTheBetasEndPoint) {
  PairDecay decay(true);
  decay.view.source.pair_chance *= 1000;
  const double chance = decay.view.source.pair_chance * 0x1p-32;
  testing::SampleMean number;
  for (std::uint64_t history = 0; history < 3'000'000; ++history) {
    const Stream stream = stream_of(5, history);
    ThreadTally tally{nullptr, {}};
    WaitingList waiting;
    Electron e;
    emit_primary(e, decay.view, stream, tally);
    const double born = static_cast<double>(to_MeV(e.energy));
    const std::int64_t without = tally.totals.emitted;
    shed_pair(e, HistoryContext{decay.view, stream, waiting, tally});
    number.add(waiting.photon_count);
    if (waiting.photon_count == 0) {
      ASSERT_EQ(tally.totals.emitted, without);
      continue;
    }
    ASSERT_EQ(tally.totals.emitted, std::int64_t{e.energy} + waiting.photons[0].quanta);
    ASSERT_NEAR(static_cast<double>(to_MeV(e.energy)), born * (end_point - level) / end_point, 1e-6);
    ASSERT_NEAR(static_cast<double>(waiting.photons[0].energy), level, 1e-6);
  }
  EXPECT_MEAN(number, chance);
}

// Electron and positron share 738.7 keV where the decay was, in next to nothing as in water; the rest is that of two
// photons of 511 keV.
TEST(InternalPair, BecomesElectronAndPositronOnTheSpot) {
  PairDecay decay(true, 0.02);
  decay.view.source.pair_chance = ~0u;
  for (const float density : {1.0f, 1e-6f}) {
    decay.words[0] = float_bits(density) & 0xffffff00u;
    testing::SampleMean positron;
    for (std::uint64_t history = 0; history < 4000; ++history) {
      const Stream stream = stream_of(6, history);
      std::int64_t deposited = 0;
      ThreadTally tally{&deposited, {}};
      WaitingList waiting;
      Electron e, electron{};
      emit_primary(e, decay.view, stream, tally);
      const HistoryContext context{decay.view, stream, waiting, tally};
      shed_pair(e, context);
      ASSERT_EQ(waiting.photon_count, 1u);
      const Photon of_level = waiting.photons[--waiting.photon_count];
      const bool flying = follow_photon(of_level, electron, context);
      if (!flying || waiting.electron_count == 0) continue;  // one of the two cannot leave the voxel
      const WaitingElectron& other = waiting.electrons[0];
      ASSERT_TRUE((other.hinge & 4u) != 0);
      ASSERT_EQ(electron.energy + other.energy + 2 * electron_mass_quanta, of_level.quanta);
      ASSERT_NEAR(static_cast<double>(to_MeV(electron.energy + other.energy)), 0.7387, 1e-4);
      ASSERT_NEAR(electron.position.x, e.position.x, 1e-6f);
      ASSERT_NEAR(electron.position.z, e.position.z, 1e-6f);
      positron.add(static_cast<double>(to_MeV(other.energy)));
    }
    EXPECT_GT(positron.count(), 2000u);
    if (density < 0.5f) {
      EXPECT_MEAN(positron, 0.7387 / 2);  // of all above the cutoff
    }
  }
}

// Whole histories: every quantum is found again. Of 1 mm nearly all of what the annihilation photons have leaves,
// 1.022 MeV; of 30 m it leaves beside the faces alone.
TEST(InternalPair, LedgerClosesToTheLastQuantum) {
  for (const double side : {3000.0, 0.1}) {
    PairDecay decay(true, side);
    decay.view.source.pair_chance = ~0u;
    testing::SampleMean escaped;
    for (std::uint64_t history = 0; history < 3000; ++history) {
      std::int64_t deposited = 0;
      ThreadTally tally{&deposited, {}};
      run_history(decay.view, 7, history, tally);
      ASSERT_EQ(tally.totals.emitted, deposited + tally.totals.escaped + tally.totals.discarded) << history;
      ASSERT_EQ(tally.totals.status | static_cast<std::uint32_t>(tally.totals.discarded), 0u);
      ASSERT_GE(tally.totals.emitted, std::int64_t{decay.view.source.pair_quanta});
      escaped.add(static_cast<double>(tally.totals.escaped) * static_cast<double>(MeV_per_quantum));
    }
    if (side > 1) {
      EXPECT_LT(escaped.mean(), 0.05);
    } else {
      EXPECT_GT(escaped.mean(), 1.0);
    }
  }
}

TEST(InternalPair, IsOffUnlessAskedFor) {
  const PairDecay decay(false);
  const Stream stream = stream_of(3, 0);
  ThreadTally tally{nullptr, {}};
  WaitingList waiting;
  Electron e;
  emit_primary(e, decay.view, stream, tally);
  const std::uint32_t born = e.energy;
  shed_with_beta(e, HistoryContext{decay.view, stream, waiting, tally});
  EXPECT_EQ(e.energy, born);
  EXPECT_EQ(waiting.photon_count, 0u);
}

}  // namespace
}  // namespace ytterby
