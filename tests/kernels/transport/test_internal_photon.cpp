#include <gtest/gtest.h>

#include <vector>

#include "engine/physics/internal_bremsstrahlung.h"
#include "engine/tables/source_tables.h"
#include "kernels/transport/history.h"
#include "support/expect_statistics.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

/// One voxel of water that decays.
struct Decay {
  SourceTables tables;
  std::vector<std::uint32_t> words{float_bits(1.0f) & 0xffffff00u};
  TransportView view;

  explicit Decay(bool internal) {
    const Phantom phantom = testing::uniform_phantom(testing::test_materials()[0], 1.0, {1, 1, 1}, {1, 1, 1});
    Source source = testing::voxel_source(phantom.grid, 0);
    source.internal_bremsstrahlung = internal;
    tables = build_source_tables(source, phantom.grid);
    view.physics = testing::test_tables().view();
    for (std::size_t i = 0; i < 3; ++i) {
      view.grid.shape[i] = 1;
      view.grid.size[i] = 1;
    }
    view.grid.voxels = {words.data(), 1};
    view.source = tables.view();
  }
};

// Number and energy of the photons are the theory's integrals over the spectrum, and no energy is made or lost.
TEST(ShedPhoton, NumberAndEnergyAreTheIntegralsOfTheTheory) {
  const Decay decay(true);
  testing::SampleMean number, energy;
  for (std::uint64_t history = 0; history < 12'000'000; ++history) {
    const Stream stream = stream_of(3, history);
    ThreadTally tally{nullptr, {}};
    WaitingList waiting;
    Electron e;
    emit_primary(e, decay.view, stream, tally);
    const std::uint32_t born = e.energy;
    shed_photon(e, HistoryContext{decay.view, stream, waiting, tally});
    const std::uint32_t taken = waiting.photon_count > 0 ? waiting.photons[0].quanta : 0;
    ASSERT_EQ(e.energy + taken, born);
    number.add(waiting.photon_count);
    energy.add(static_cast<double>(to_MeV(taken)));
    if (taken > 0) {
      ASSERT_GE(waiting.photons[0].energy, 0.01f);
    }
  }
  const InternalBremsstrahlung theory = internal_bremsstrahlung(yttrium_90(), 0.01);
  EXPECT_MEAN_WITHIN(number, theory.number, 0.002 * theory.number);
  EXPECT_MEAN_WITHIN(energy, theory.energy, 0.003 * theory.energy);
}

TEST(ShedPhoton, IsOffUnlessAskedFor) {
  const Decay decay(false);
  const Stream stream = stream_of(3, 0);
  ThreadTally tally{nullptr, {}};
  WaitingList waiting;
  Electron e;
  emit_primary(e, decay.view, stream, tally);
  const std::uint32_t born = e.energy;
  shed_photon(e, HistoryContext{decay.view, stream, waiting, tally});
  EXPECT_EQ(e.energy, born);
  EXPECT_EQ(waiting.photon_count, 0u);
}

}  // namespace
}  // namespace ytterby
