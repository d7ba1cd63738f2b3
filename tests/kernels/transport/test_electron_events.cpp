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

/// One material in a cube of voxels, a mono-energetic point source in its middle.
struct Cube {
  std::vector<std::uint32_t> words;
  std::vector<float> spectrum;
  TransportView view;

  Cube(std::uint32_t material, float density, float voxel, std::uint32_t voxels, float energy)
      : words(voxels * voxels * voxels, (float_bits(density) & 0xffffff00u) | material), spectrum{energy} {
    view.physics = testing::test_tables().view();
    view.grid = {
        {voxels, voxels, voxels}, {voxel, voxel, voxel}, {words.data(), static_cast<std::uint32_t>(words.size())}};
    const float middle = voxel * (static_cast<float>(voxels) * 0.5f + 0.013f);
    for (std::size_t i = 0; i < 3; ++i) view.source.segment_from[i] = view.source.segment_to[i] = middle;
    view.source.spectrum = {spectrum.data(), 1};
  }
};

struct Radiation {
  testing::SampleMean photons, energy;  // per history: photons above the cutoff and their energy [MeV]
};

/// Follows electrons to their ends and takes away the photons that they radiate.
Radiation radiation_of(const Cube& cube, std::uint64_t histories) {
  std::vector<std::int64_t> voxels(cube.words.size());
  ThreadTally tally{voxels.data(), {}};
  Radiation result;
  std::int64_t radiated = 0;
  for (std::uint64_t history = 0; history < histories; ++history) {
    const Stream stream = stream_of(11, history);
    WaitingList waiting;
    testing::follow_electrons(cube.view, stream, waiting, tally, [](const Electron&) {});
    double energy = 0;
    for (std::uint32_t i = 0; i < waiting.photon_count; ++i) {
      energy += static_cast<double>(waiting.photons[i].energy);
      radiated += waiting.photons[i].quanta;
    }
    result.photons.add(waiting.photon_count);
    result.energy.add(energy);
  }
  std::int64_t deposited = 0;
  for (const std::int64_t v : voxels) deposited += v;
  EXPECT_EQ(tally.totals.emitted, deposited + radiated + tally.totals.escaped);
  EXPECT_EQ(tally.totals.escaped, 0);
  EXPECT_EQ(tally.totals.status, 0u);
  return result;
}

/// Moller's differential cross section per mass [cm2/(g MeV)]; ICRU Report 37 eq. (2.10), written in energies.
double moller_density(const StoppingPower& power, double T, double W) {
  const double total = T + electron_mass, rest = T - W, gamma = total / electron_mass;
  const double shape = 1 / (W * W) + 1 / (rest * rest) + 1 / (total * total) -
                       electron_mass * (2 * T + electron_mass) / (total * total) / (W * rest);
  return 0.1535375 * power.electrons_per_gram_over_avogadro() / (1 - 1 / (gamma * gamma)) * shape;
}

/// Photons above 10 keV and their energy from an electron and its secondaries, on average: the cascade's balance
///   L P' = n + integral m(W) (P(T-W) + P(W) - P(T)) dW + integral b(k) (P(T-k) - P(T)) dk,
/// marched up in ln T. L, m, b: restricted stopping power, Moller collisions, bremsstrahlung photons.
class Cascade {
 public:
  Cascade(std::uint32_t material, double highest) : power_(testing::test_slowing(material).stopping_power()) {
    constexpr int nodes = 300;
    step_ = std::log(highest / cutoff) / nodes;
    number_.push_back(0);
    energy_.push_back(0);
    for (int i = 0; i < nodes; ++i) {
      // Heun's rule: the slope at both ends of the interval.
      const double T0 = cutoff * std::exp(i * step_), T1 = cutoff * std::exp((i + 1) * step_);
      const auto [n0, e0] = slopes(T0);
      number_.push_back(number_.back() + n0 * (T1 - T0));
      energy_.push_back(energy_.back() + e0 * (T1 - T0));
      const auto [n1, e1] = slopes(T1);
      number_.back() += (n1 - n0) * (T1 - T0) / 2;
      energy_.back() += (e1 - e0) * (T1 - T0) / 2;
    }
  }
  [[nodiscard]] double photons() const { return number_.back(); }
  [[nodiscard]] double energy() const { return energy_.back(); }

 private:
  static constexpr double cutoff = 0.01;
  [[nodiscard]] double at(const std::vector<double>& values, double T) const {
    if (T <= cutoff) return 0;
    const double place = std::log(T / cutoff) / step_;
    const auto i = std::min(static_cast<std::size_t>(place), values.size() - 1);
    if (i + 1 >= values.size()) return values.back();
    return values[i] + (values[i + 1] - values[i]) * (place - static_cast<double>(i));
  }
  [[nodiscard]] std::pair<double, double> slopes(double T) const {
    const double loss = power_.restricted_collision(T, cutoff) + power_.restricted_radiative(T, cutoff);
    const auto slope = [&](const std::vector<double>& P, bool weighted) {
      double sum = 0;
      if (T > 2 * cutoff)
        sum += testing::log_simpson(cutoff, T / 2, 40, [&](double W) {
          return moller_density(power_, T, W) * (at(P, T - W) + at(P, W) - at(P, T));
        });
      if (T > cutoff)
        sum += testing::log_simpson(cutoff, T, 40, [&](double k) {
          return power_.bremsstrahlung_k_dsigma_dk(T, k) / k * ((weighted ? k : 1) + at(P, T - k) - at(P, T));
        });
      return sum / loss;
    };
    return {slope(number_, false), slope(energy_, true)};
  }

  const StoppingPower& power_;
  double step_ = 0;
  std::vector<double> number_, energy_;
};

void expect_yield(const Radiation& r, double energy_tolerance) {
  static const Cascade cascade(testing::bone, 2.0);
  EXPECT_MEAN_WITHIN(r.photons, cascade.photons(), 0.01 * cascade.photons());
  EXPECT_MEAN_WITHIN(r.energy, cascade.energy(), energy_tolerance * cascade.energy());
}

// Bone radiates most and so takes the fewest histories.
TEST(Bremsstrahlung, YieldIsThatOfTheCascade) {
  expect_yield(radiation_of(Cube(testing::bone, 1.92f, 0.02f, 160, 2.0f), 200000), 0.01);
}

// Electrons that cannot leave their voxel are absorbed at once; what they radiate must not depend on it.
// Here even the primary is: the photons of its secondaries are then drawn at its own energy, which makes them 4 % too
// hard. In voxels that most electrons leave it is 1 %.
TEST(Bremsstrahlung, YieldDoesNotDependOnTheVoxelSize) {
  expect_yield(radiation_of(Cube(testing::bone, 1.92f, 10.0f, 1, 2.0f), 1'000'000), 0.045);
}

// How often a tentative event is a Moller collision, and what it takes from the electron.
TEST(MeetEvent, MollerCollisionsAreAsOftenAsTheFormulaSays) {
  for (const std::uint32_t material : {testing::water, testing::bone})
    for (const double T : {0.05, 0.5, 2.0}) {
      const Cube cube(material, 1.0f, 0.05f, 40, static_cast<float>(T));
      const StoppingPower& power = testing::test_slowing(material).stopping_power();
      std::vector<std::int64_t> voxels(cube.words.size());
      ThreadTally tally{voxels.data(), {}};
      testing::SampleMean collisions, transfer;
      for (std::uint64_t history = 0; history < 150000; ++history) {
        const Stream stream = stream_of(5, history);
        WaitingList waiting;
        Electron e;
        emit_primary(e, cube.view, stream, tally);
        enter_flight(e, cube.view, stream);
        const std::uint32_t before = e.energy;
        e.energy_event = before;
        meet_event(e, HistoryContext{cube.view, stream, waiting, tally});
        const bool flies = waiting.electron_count > 0;  // the secondary, while the primary waits
        const bool collided = flies || (e.energy < before && waiting.photon_count == 0);
        collisions.add(collided ? 1 : 0);
        const std::uint32_t after = flies ? waiting.electrons[0].energy : e.energy;
        transfer.add(collided ? static_cast<double>(before - after) / 1073741824.0 : 0);
      }
      const double loss = power.restricted_collision(T, 0.01) + power.restricted_radiative(T, 0.01);
      const double per_event = 1 / (loss * static_cast<double>(cube.view.physics.event_majorant));
      const double number =
          per_event * testing::log_simpson(0.01, T / 2, 400, [&](double W) { return moller_density(power, T, W); });
      const double energy =
          per_event * testing::log_simpson(0.01, T / 2, 400, [&](double W) { return W * moller_density(power, T, W); });
      EXPECT_MEAN_WITHIN(collisions, number, 0.001 * number) << material << " " << T << " MeV";
      EXPECT_MEAN_WITHIN(transfer, energy, 0.001 * energy) << material << " " << T << " MeV";
    }
}

// How often a tentative event is a photon; bone has most, and still only a few in a hundred.
TEST(MeetEvent, PhotonsAreAsOftenAsTheFormulaSays) {
  const double T = 2.0;
  const Cube cube(testing::bone, 1.92f, 0.05f, 40, static_cast<float>(T));
  const StoppingPower& power = testing::test_slowing(testing::bone).stopping_power();
  std::vector<std::int64_t> voxels(cube.words.size());
  ThreadTally tally{voxels.data(), {}};
  Electron start;
  emit_primary(start, cube.view, stream_of(1, 0), tally);
  enter_flight(start, cube.view, stream_of(1, 0));
  start.energy_event = start.energy;
  testing::SampleMean photons;
  for (std::uint64_t history = 0; history < 12'000'000; ++history) {
    WaitingList waiting;
    Electron e = start;
    const Stream stream = stream_of(7, history);
    meet_event(e, HistoryContext{cube.view, stream, waiting, tally});
    // A secondary that is absorbed on the spot may radiate too, but does not leave the primary with its direction.
    const bool turned = dot(e.direction, start.direction) < 0.999999f;
    photons.add(waiting.photon_count > 0 && !turned ? 1 : 0);
  }
  const double loss = power.restricted_collision(T, 0.01) + power.restricted_radiative(T, 0.01);
  const double expected =
      testing::log_simpson(0.01, T, 2000, [&](double k) { return power.bremsstrahlung_k_dsigma_dk(T, k) / k; }) /
      (loss * static_cast<double>(cube.view.physics.event_majorant));
  EXPECT_GT(expected, 0.005);
  EXPECT_MEAN_WITHIN(photons, expected, 0.001 * expected);
}

TEST(ScheduleEvent, EventsPerEnergyLostAreTheMajorant) {
  const PhysicsView physics = testing::test_tables().view();
  testing::SampleMean free_loss;
  for (std::uint32_t i = 0; i < 200000; ++i) {
    Electron e{};
    e.energy = to_quanta(3.5f);
    schedule_event(e, physics, stream_of(1, i).draw(0, 0).w[0]);
    if (e.energy_event == 0) continue;  // one in e^20
    free_loss.add(3.5 - static_cast<double>(to_MeV(e.energy_event)));
  }
  EXPECT_MEAN(free_loss, 1 / static_cast<double>(physics.event_majorant));
}

// Lewis: mean forward displacement of one hinge is that of the step.
TEST(HingePlace, KeepsTheMeanDisplacement) {
  for (std::uint32_t c = 0; c < angle_classes; ++c) {
    testing::SampleMean forward;
    const double k = static_cast<double>(angle_class_strength[c]);
    for (std::uint32_t i = 0; i < 300000; ++i) {
      const double u = static_cast<double>(hinge_place(c, stream_of(2, i).draw(0, c).w[1]));
      ASSERT_GE(u, 0);
      ASSERT_LE(u, 1);
      forward.add(u + (1 - u) * std::exp(-k));
    }
    EXPECT_MEAN(forward, -std::expm1(-k) / k) << c;
  }
}

}  // namespace
}  // namespace ytterby
