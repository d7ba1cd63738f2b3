// How the losses below the cutoff fluctuate.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/transport/history.h"
#include "support/expect_statistics.h"
#include "support/follow_electrons.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

using testing::electron_mass;

/// Variance of the loss of an electron of T [MeV] in water to transfers below 10 keV, over the mean loss [MeV]:
/// Moller's cross section in energies (ICRU Report 37 eq. (2.10)) times W^2, and distant collisions with Sternheimer's
/// oscillators, whose binding energies are Carlson's.
double straggling_in_water(double T) {
  constexpr double cutoff = 0.01, plasma = 21.46e-6, mean_excitation = 75e-6;  // [MeV] ICRU 37, table 5.1
  const StoppingPower& power = testing::test_slowing(testing::water).stopping_power();
  const double total = T + electron_mass, gamma = total / electron_mass, beta2 = 1 - 1 / (gamma * gamma);
  const double close = testing::log_simpson(1e-7, std::min(cutoff, T / 2), 400, [&](double W) {
    const double rest = T - W;
    return 1 + W * W / (rest * rest) + W * W / (total * total) -
           electron_mass * (2 * T + electron_mass) / (total * total) * W / rest;
  });
  const std::pair<double, double> shells[] = {{0.2, 13.6e-6}, {0.2, 543.1e-6}, {0.2, 28.48e-6}, {0.4, 13.62e-6}};
  const auto resonance = [&](double factor, const auto& shell) {
    return std::sqrt(factor * factor * shell.second * shell.second + 2.0 / 3 * shell.first * plasma * plasma);
  };
  double low = 0.5, high = 8;
  for (int i = 0; i < 60; ++i) {
    double mean = 0;
    for (const auto& shell : shells) mean += shell.first * std::log(resonance(0.5 * (low + high), shell));
    (mean < std::log(mean_excitation) ? low : high) = 0.5 * (low + high);
  }
  double distant = 0;
  for (const auto& shell : shells) {
    const double W = resonance(low, shell);
    distant += shell.first * W *
               (std::log(2 * electron_mass * beta2 * gamma * gamma / W) - beta2 - power.density_effect(T) - 1);
  }
  const double loss = power.restricted_collision(T, cutoff) + power.restricted_radiative(T, cutoff);
  return 0.1535375 * power.electrons_per_gram_over_avogadro() / beta2 * (close + distant) / loss;
}

/// The loss up to the next tentative event in water, and what it would be on average.
struct Loss {
  double mean, drawn;
};

Loss loss_of(float T, std::uint32_t word) {
  const PhysicsView physics = testing::test_tables().view();
  Electron e{};
  e.material = testing::water;
  e.density = 1.0f;
  e.energy = to_quanta(T);
  schedule_event(e, physics, word);
  const double mean =
      -std::log((static_cast<double>(word >> 8) + 1) * 0x1p-24) / static_cast<double>(physics.event_majorant);
  return {mean, mean * static_cast<double>(e.loss_share)};
}

TEST(Straggling, KeepsTheMeanAndHasTheVarianceOfSoftCollisions) {
  for (const float T : {0.2f, 0.5f, 1.0f, 2.0f}) {
    const double expected = straggling_in_water(static_cast<double>(T));
    testing::SampleMean share, mean, excess;
    for (std::uint32_t i = 0; i < 400000; ++i) {
      const std::uint32_t word = stream_of(4, i).draw(0, 0).w[0];
      if (word >> 26 > 56) continue;  // of the shortest paths, on which not all of the variance finds room
      const Loss loss = loss_of(T, word);
      share.add(loss.drawn / loss.mean);
      mean.add(loss.mean);
      excess.add((loss.drawn - loss.mean) * (loss.drawn - loss.mean) - expected * loss.mean);
    }
    EXPECT_MEAN_WITHIN(share, 1, 1e-4) << T;
    EXPECT_MEAN_WITHIN(excess, 0, 0.008 * expected * mean.mean()) << T;
  }
}

TEST(Straggling, IsThatOfTheTablesInBoneAndLung) {
  const PhysicsView physics = testing::test_tables().view();
  for (const std::uint32_t material : {testing::water, testing::bone, testing::lung})
    for (const float T : {0.05f, 0.3f, 2.0f}) {
      const double expected = std::sqrt(3 * testing::test_slowing(material).straggling(static_cast<double>(T)));
      EXPECT_NEAR(static_cast<double>(straggling_of_energy(physics, material, T)), expected, 0.001 * expected);
    }
}

TEST(Straggling, NoLossTurnsRound) {
  for (std::uint32_t word = 0; word < 0x100u; ++word)  // from the longest path there is
    for (const std::uint32_t high : {0u, 0x7fffff00u, 0xffffff00u, 0xfffffe00u}) {
      const PhysicsView physics = testing::test_tables().view();
      Electron e{};
      e.density = 1.0f;
      e.energy = to_quanta(0.3f);
      schedule_event(e, physics, word | high);
      EXPECT_GT(e.loss_share, 0.1f);
      EXPECT_LT(e.loss_share, 1.9f);
      EXPECT_EQ(e.loss_share, std::floor(e.loss_share / loss_part) * loss_part);
      EXPECT_LT(e.energy_event + 1, e.energy);
    }
}

// Two media of one density and one of another, side by side.
TEST(Straggling, IsKeptThroughFaces) {
  constexpr std::uint32_t side = 9;
  std::vector<std::uint32_t> words;
  for (std::uint32_t v = 0; v < side * side * side; ++v)
    words.push_back((float_bits(v % 2 == 0 ? 1.0f : 0.26f) & 0xffffff00u) | (v % 3));
  const std::vector<float> spectrum{1.5f};
  TransportView view;
  view.physics = testing::test_tables().view();
  view.grid = {{side, side, side}, {0.2f, 0.2f, 0.2f}, {words.data(), static_cast<std::uint32_t>(words.size())}};
  view.source.spectrum = {spectrum.data(), 1};
  for (std::size_t i = 0; i < 3; ++i) view.source.segment_from[i] = view.source.segment_to[i] = 0.9f;
  std::vector<std::int64_t> voxels(words.size());
  ThreadTally tally{voxels.data(), {}};
  int faces = 0;
  for (std::uint64_t history = 0; history < 200; ++history) {
    const Stream stream = stream_of(3, history);
    WaitingList waiting;
    Electron before{};
    bool flew = false;
    testing::follow_electrons(view, stream, waiting, tally, [&](const Electron& e) {
      if (flew && e.voxel != before.voxel && e.lineage == before.lineage && e.energy_event == before.energy_event) {
        EXPECT_EQ(e.loss_share, before.loss_share);
        EXPECT_FLOAT_EQ(e.path_per_range * e.density * e.loss_share, 1.0f);
        faces += e.loss_share != 1.0f;
      }
      before = e;
      flew = true;
    });
  }
  EXPECT_GT(faces, 200);
}

}  // namespace
}  // namespace ytterby
