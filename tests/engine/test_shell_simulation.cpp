#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/error.h"
#include "engine/shell_simulation.h"
#include "engine/simulation.h"
#include "kernels/geometry/shell_walk.h"
#include "support/expect_statistics.h"
#include "support/generators.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

const Material& water() { return testing::test_materials()[testing::water]; }

TEST(ShellWalk, StraightFlightsHaveTheChordsOfSpheres) {
  const float radii[] = {0.1f, 0.25f, 0.3f, 2.0f};
  const ShellView shells{{radii, 4}, float_bits(1.0f) & 0xffffff00u};
  testing::RandomWords rng;
  for (int ray = 0; ray < 20000; ++ray) {
    const auto direction = [&] {
      Vec3 d{};
      do {
        d = {static_cast<float>(rng.word()) * 0x1p-31f - 1, static_cast<float>(rng.word()) * 0x1p-31f - 1,
             static_cast<float>(rng.word()) * 0x1p-31f - 1};
      } while (dot(d, d) < 1e-2f);
      return d * (1 / std::sqrt(dot(d, d)));
    };
    Electron e{};
    e.position = direction() * (2.0f * static_cast<float>(rng.word()) * 0x1p-32f);
    e.direction = direction();
    GridPoint at{};
    if (!locate_point(shells, e.position, at)) continue;
    place_in_voxel(e, shells, at.voxel);
    // Length inside radius R of a line from p: by the roots of |p + s d| = R.
    const Vec3 start = e.position;
    const double b = static_cast<double>(dot(start, e.direction)), r2 = static_cast<double>(dot(start, start));
    double inside[4], found[4] = {};
    for (std::size_t i = 0; i < 4; ++i) {
      const double R = static_cast<double>(radii[i]), D = b * b - r2 + R * R;
      inside[i] = D > 0 ? std::max(0.0, -b + std::sqrt(D)) - std::max(0.0, -b - std::sqrt(D)) : 0;
    }
    int flights = 0;
    for (; flights < 100; ++flights) {
      const Face face = next_face(e, shells);
      ASSERT_GE(face.distance, 0.0f);
      found[e.x] += static_cast<double>(face.distance);
      advance(e, shells, face.distance);
      if (!cross_face(e, shells, face.axis)) break;
      enter_voxel(e, shells);
    }
    ASSERT_LT(flights, 100);
    // A grazing chord's length is uncertain by the root of the rounding.
    for (std::size_t i = 0; i < 4; ++i) ASSERT_NEAR(found[i], inside[i] - (i > 0 ? inside[i - 1] : 0), 3e-3) << ray;
  }
}

TEST(SimulateShells, EnergiesSumToTheLedger) {
  std::vector<double> radius;
  for (int i = 1; i <= 40; ++i) radius.push_back(0.025 * i);
  const ShellEnergies shells = simulate_shells(water(), 1.0, radius, Source{}, testing::run_options(50000));
  const double sum = std::accumulate(shells.energy.begin(), shells.energy.end(), 0.0);
  EXPECT_TRUE(shells.ledger.balanced());
  EXPECT_NEAR(
      sum, std::ldexp(static_cast<double>(shells.ledger.deposited), -30) / static_cast<double>(shells.histories), 1e-9);
  EXPECT_EQ(shells.histories, 50048u);
}

// The same ball in two geometries: a sphere inscribed in nothing but itself, and voxels of which a box is scored. What
// is compared is what leaves a water cube of half side 0.2 cm with what two spheres around and inside it allow.
TEST(SimulateShells, AgreesWithVoxels) {
  const std::vector<double> radius{0.2, 0.2 * std::sqrt(3.0), 20};
  Source source;
  source.mono_energy = 0.8;
  const ShellEnergies shells = simulate_shells(water(), 1.0, radius, source, testing::run_options(100000));
  Phantom phantom = testing::uniform_phantom(water(), 1.0, {41, 41, 41}, {0.4, 0.4, 0.4});
  const DoseMap map = simulate(phantom, testing::point_source({8.2, 8.2, 8.2}, 0.8), testing::run_options(100000));
  const std::size_t middle = phantom.grid.index(20, 20, 20);
  const double cube = static_cast<double>(map.dose[middle]) * 0.064 / 1.602176634e-10;
  EXPECT_GT(cube, shells.energy[0]);
  EXPECT_LT(cube, shells.energy[0] + shells.energy[1]);
}

TEST(SimulateShells, ShellsDoNotChangeWhatTheyDivide) {
  Source source;
  source.mono_energy = 1.0;
  const auto inside = [&](int parts, std::uint64_t seed) {
    std::vector<double> radius;
    for (int i = 1; i <= parts; ++i) radius.push_back(0.25 * i / parts);
    radius.push_back(10);
    const ShellEnergies shells = simulate_shells(water(), 1.0, radius, source, testing::run_options(200000, seed));
    return std::accumulate(shells.energy.begin(), shells.energy.end() - 1, 0.0);
  };
  // One electron's energy inside spreads by about 0.15 MeV.
  const double error = 0.15 * std::sqrt(2 / 2e5);
  const double whole = inside(1, 1);
  for (const int parts : {5, 25})
    EXPECT_NEAR(inside(parts, static_cast<std::uint64_t>(parts)), whole,
                testing::significance_in_errors * error + 0.001 * whole)
        << parts;
}

TEST(SimulateShells, RefusesRadiiThatDoNotAscend) {
  for (const std::vector<double>& radius :
       {std::vector<double>{0.0, 1.0}, {1.0, 1.0}, {2.0, 1.0}, {-1.0}, {std::nan("")}}) {
    try {
      simulate_shells(water(), 1.0, radius, Source{}, testing::run_options(64));
      ADD_FAILURE() << "was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::input);
    }
  }
}

}  // namespace
}  // namespace ytterby
