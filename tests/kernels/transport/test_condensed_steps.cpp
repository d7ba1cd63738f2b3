#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/transport/history.h"
#include "support/expect_statistics.h"
#include "support/follow_electrons.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

/// Electrons that only lose energy softly and scatter, from one energy to another, through a grid of voxels.
struct SoftFlight {
  std::uint32_t material;
  float density;
  float voxel[3];
  float from, to;  // [MeV]
};

/// Scattering strength that is left, and residual range, from the formulas: independent of the tables.
class Slowing {
 public:
  explicit Slowing(std::uint32_t material) : slowing_(testing::test_slowing(material)) {}
  [[nodiscard]] double loss(double T) const {
    const StoppingPower& power = slowing_.stopping_power();
    return power.restricted_collision(T, 0.01) + power.restricted_radiative(T, 0.01);
  }
  [[nodiscard]] double strength_between(double low, double high) const {
    return testing::simpson(low, high, 20, [&](double T) { return slowing_.elastic().transport(T) / loss(T); });
  }
  /// Mean forward displacement [g/cm2]: integral of exp(-strength so far) over the path. Lewis, Phys. Rev. 78 (1950)
  /// 526.
  [[nodiscard]] double displacement(double from, double to) const {
    constexpr int parts = 100;
    double strength = 0, sum = 0;
    const double h = (from - to) / parts;
    for (int i = 0; i < parts; ++i) {
      const double T = from - (i + 0.5) * h;
      const double step = strength_between(T - h / 2, T + h / 2);
      sum += h / loss(T) * std::exp(-strength - step / 2);
      strength += step;
    }
    return sum;
  }

 private:
  const SlowingDown& slowing_;
};

void expect_lewis(const SoftFlight& flight) {
  constexpr std::uint32_t side = 60;
  std::vector<std::uint32_t> words(side * side * side, (float_bits(flight.density) & 0xffffff00u) | flight.material);
  TransportView view;
  view.physics = testing::test_tables().view();
  const std::vector<float> end(3, range_of_energy(view.physics, flight.material, flight.to));
  view.physics.range_at_cutoff = {end.data(), 3};
  view.physics.event_majorant = 1e-6f;  // no event ever comes
  const std::vector<float> no_straggling(loss_bins, 0.0f);
  view.physics.inverse_root_loss = {no_straggling.data(), loss_bins};
  view.grid = {{side, side, side},
               {flight.voxel[0], flight.voxel[1], flight.voxel[2]},
               {words.data(), static_cast<std::uint32_t>(words.size())}};
  const std::vector<float> spectrum{flight.from};
  view.source.spectrum = {spectrum.data(), 1};
  for (std::size_t i = 0; i < 3; ++i)
    view.source.segment_from[i] = view.source.segment_to[i] = flight.voxel[i] * (side * 0.5f + 0.31f);

  std::vector<std::int64_t> voxels(words.size());
  ThreadTally tally{voxels.data(), {}};
  testing::SampleMean cosine, forward;
  for (std::uint64_t history = 0; history < 150000; ++history) {
    const Stream stream = stream_of(21, history);
    WaitingList waiting;
    Electron e;
    emit_primary(e, view, stream, tally);
    enter_flight(e, view, stream);
    const Vec3 direction = e.direction, start = position_in_grid(e, view.grid);
    while (fly(e, HistoryContext{view, stream, waiting, tally})) {
    }
    cosine.add(static_cast<double>(dot(e.direction, direction)));
    forward.add(static_cast<double>(dot(position_in_grid(e, view.grid) - start, direction) * flight.density));
  }
  ASSERT_EQ(tally.totals.escaped, 0);
  const Slowing slowing(flight.material);
  const double from = static_cast<double>(flight.from), to = static_cast<double>(flight.to);
  // Within a step the direction turns at once and not bit by bit: k^2/8.
  const double step = static_cast<double>(angle_class_strength[angle_classes - 1]);
  EXPECT_MEAN_WITHIN(cosine, std::exp(-slowing.strength_between(to, from)), 0.001 + step * step / 8);
  const double displacement = slowing.displacement(from, to);
  EXPECT_MEAN_WITHIN(forward, displacement, 0.002 * displacement);
}

TEST(CondensedSteps, DirectionAndDisplacementAreLewissInWater) {
  expect_lewis({testing::water, 1.0f, {0.02f, 0.02f, 0.02f}, 0.5f, 0.2f});
}

TEST(CondensedSteps, DirectionAndDisplacementAreLewissInBone) {
  expect_lewis({testing::bone, 1.92f, {0.02f, 0.03f, 0.05f}, 1.0f, 0.5f});
}

TEST(CondensedSteps, DirectionAndDisplacementAreLewissInLung) {
  expect_lewis({testing::lung, 0.26f, {0.3f, 0.3f, 0.3f}, 1.5f, 0.6f});
}

/// Bone, lung and vacuum beside water, with the source in the middle.
struct Mixture {
  static constexpr std::uint32_t side = 9;
  std::vector<std::uint32_t> words;
  const std::vector<float> spectrum{1.5f};
  TransportView view;

  Mixture() {
    for (std::uint32_t v = 0; v < side * side * side; ++v) {
      const std::uint32_t kind = (v % side + v / side) % 4;
      const float density = kind == 0 ? 1.0f : kind == 1 ? 1.92f : kind == 2 ? 0.26f : 0.0f;
      words.push_back((float_bits(density) & 0xffffff00u) | (kind < 3 ? kind : 0));
    }
    view.physics = testing::test_tables().view();
    view.grid = {{side, side, side}, {0.3f, 0.2f, 0.25f}, {words.data(), static_cast<std::uint32_t>(words.size())}};
    view.source.spectrum = {spectrum.data(), 1};
    for (std::size_t i = 0; i < 3; ++i)
      view.source.segment_from[i] = view.source.segment_to[i] = view.grid.size[i] * (side * 0.5f + 0.1f);
  }
};

struct Flights {
  std::vector<std::int64_t> energy;
  std::uint64_t all = 0, ended_before_any_face = 0;
};

/// With `always` the faces are looked at in every flight.
Flights fly_histories(const Mixture& mixture, bool always) {
  Flights result;
  result.energy.resize(mixture.words.size());
  ThreadTally tally{result.energy.data(), {}};
  for (std::uint64_t history = 0; history < 20000; ++history) {
    const Stream stream = stream_of(3, history);
    WaitingList waiting;
    testing::follow_electrons(mixture.view, stream, waiting, tally, [&](Electron& e) {
      EXPECT_LE(e.clearance, nearest_face(e, mixture.view.grid) * 1.00001f + 1e-7f);
      if (always) e.clearance = 0;
      ++result.all;
      result.ended_before_any_face += (e.range - e.range_vertex) * e.path_per_range < 0.9999f * e.clearance;
    });
  }
  result.energy.push_back(tally.totals.escaped);
  return result;
}

TEST(Fly, LooksAtFacesOnlyWhereOneIsInReachWithoutADifference) {
  const Mixture mixture;
  const Flights quick = fly_histories(mixture, false), thorough = fly_histories(mixture, true);
  EXPECT_EQ(thorough.ended_before_any_face, 0u);
  EXPECT_GT(quick.ended_before_any_face, quick.all / 3);
  EXPECT_EQ(quick.all, thorough.all);
  EXPECT_EQ(quick.energy, thorough.energy);
}

}  // namespace
}  // namespace ytterby
