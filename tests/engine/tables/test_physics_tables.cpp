#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/base/error.h"
#include "engine/tables/physics_tables.h"
#include "kernels/geometry/particle.h"
#include "kernels/tables/lookup.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

double restricted(const StoppingPower& power, double T) {
  return power.restricted_collision(T, 0.01) + power.restricted_radiative(T, 0.01);
}

TEST(Tables, RangeIsTheIntegralOverRestrictedLosses) {
  const PhysicsView physics = testing::test_tables().view();
  for (std::uint32_t m = 0; m < 3; ++m) {
    const StoppingPower power(testing::test_materials()[m], built_in_library());
    double expected = 0, low = 0.01;
    const double first = static_cast<double>(range_of_energy(physics, m, 0.01f));
    for (const double T : {0.03, 0.3, 1.0, 2.2787}) {
      expected += testing::log_simpson(low, T, 400, [&](double E) { return 1 / restricted(power, E); });
      low = T;
      const double found = static_cast<double>(range_of_energy(physics, m, static_cast<float>(T))) - first;
      EXPECT_NEAR(found / expected, 1, 5e-4) << m << " " << T;
    }
  }
}

TEST(Tables, StrengthIsTheIntegralOfTheTransportCoefficient) {
  const PhysicsView physics = testing::test_tables().view();
  for (std::uint32_t m = 0; m < 2; ++m) {
    const StoppingPower power(testing::test_materials()[m], built_in_library());
    const ElasticScattering elastic(testing::test_materials()[m], built_in_library(), 0.01);
    const auto strength_at = [&](double T) {
      return static_cast<double>(strength_of_range(physics, m, range_of_energy(physics, m, static_cast<float>(T))));
    };
    double low = 0.02;
    for (const double T : {0.2, 1.0, 2.2}) {
      const double expected =
          testing::log_simpson(low, T, 60, [&](double E) { return elastic.transport(E) / restricted(power, E); });
      EXPECT_NEAR((strength_at(T) - strength_at(low)) / expected, 1, 1e-3) << m << " " << T;
      low = T;
    }
  }
}

TEST(Tables, EventSharesAreTheFormulasRates) {
  const PhysicsTables& tables = testing::test_tables();
  const double majorant = static_cast<double>(tables.event_majorant);
  for (std::uint32_t m = 0; m < 3; ++m) {
    const StoppingPower power(testing::test_materials()[m], built_in_library());
    for (const std::uint32_t node : {150u, 200u, 250u, 300u, 350u}) {
      const double T = static_cast<double>(grid_value(energy_grid, node)), L = restricted(power, T);
      const EnergyNode& found = tables.energy[m * (energy_grid.intervals + 1) + node];
      const double moller = moller_above(T, 0.01, power.electrons_per_gram_over_avogadro()) / L;
      EXPECT_NEAR(static_cast<double>(found.moller) * majorant, moller, 1e-3 * moller + 1e-6) << m << " " << T;
      const double photons = power.bremsstrahlung_above(T, 0.01) / L;
      EXPECT_NEAR(static_cast<double>(found.event - found.moller) * majorant, photons, 2e-3 * photons + 1e-6)
          << m << " " << T;
    }
  }
}

TEST(Tables, MajorantIsNeverExceeded) {
  const PhysicsTables& tables = testing::test_tables();
  float most = 0;
  for (const EnergyNode& node : tables.energy) {
    ASSERT_GE(node.moller, 0.0f);
    ASSERT_LE(node.moller, node.event);
    ASSERT_LT(node.event, 1.0f);
    most = std::max(most, node.event);
  }
  EXPECT_GT(most, 0.99f);  // and not wasteful
}

// Energy lost in hard events and in soft ones is all that is lost: collision and radiative stopping power (ESTAR's).
TEST(Tables, HardAndSoftLossesAddUpToTheStoppingPower) {
  const double z_over_a = 0.111894 / 1.008 + 0.888106 * 8 / 15.999;
  const StoppingPower power(testing::test_materials()[testing::water], built_in_library());
  const double estar[][2] = {{0.1, 4.115 + 0.005042}, {1.0, 1.849 + 0.01280}, {2.0, 1.824 + 0.02678}};
  for (const auto& [T, total] : estar) {
    const double tau = T / testing::electron_mass, beta2 = tau * (tau + 2) / ((tau + 1) * (tau + 1));
    const double hard = testing::log_simpson(0.01, T / 2, 400, [&, T = T](double W) {
      const double E = T + testing::electron_mass;
      return W * 0.1535375 * z_over_a / beta2 *
             (1 / (W * W) + 1 / ((T - W) * (T - W)) + 1 / (E * E) -
              testing::electron_mass * (2 * T + testing::electron_mass) / (E * E) / (W * (T - W)));
    });
    const double photons =
        testing::log_simpson(0.01, T, 400, [&, T = T](double k) { return power.bremsstrahlung_k_dsigma_dk(T, k); });
    const PhysicsView physics = testing::test_tables().view();
    const float h = 0.03f * static_cast<float>(T), t = static_cast<float>(T);
    const double soft = 2 * static_cast<double>(h) /
                        static_cast<double>(range_of_energy(physics, 0, t + h) - range_of_energy(physics, 0, t - h));
    EXPECT_NEAR((soft + hard + photons) / total, 1, 0.004) << T;
  }
}

TEST(Tables, PhotonNodesAreXcoms) {
  const PhysicsView physics = testing::test_tables().view();
  // Water, XCOM (NBSIR 87-3597), total with coherent scattering [cm2/g]; within 1 %.
  const double xcom[][2] = {{0.01, 5.329},  {0.02, 0.8096}, {0.05, 0.2269}, {0.1, 0.1707},
                            {0.5, 0.09687}, {1.0, 0.07072}, {2.0, 0.04942}};
  for (const auto& [k, mu] : xcom) {
    const GridPlace at = locate(energy_grid, static_cast<float>(k));
    const PhotonNode* node = physics.photon.data + at.index;
    EXPECT_NEAR(static_cast<double>(between(node[0].mu_over_rho, node[1].mu_over_rho, at.fraction)) / mu, 1, 0.01) << k;
  }
  for (std::uint32_t i = 0; i < physics.photon.size; ++i) {
    if (grid_value(energy_grid, i % (energy_grid.intervals + 1)) < 0.002f) continue;  // below any cutoff
    const PhotonNode& p = physics.photon[i];
    ASSERT_GT(p.compton, 0.0f);
    ASSERT_LE(p.compton, p.photoelectric);
    ASSERT_LE(p.photoelectric, p.rayleigh);
    ASSERT_LE(p.rayleigh, 1.0f);
  }
}

TEST(Tables, RefusesCutoffsItHasNoDataFor) {
  const std::vector<double> density{1.0};
  const std::vector<Material> materials{testing::test_materials()[0]};
  for (const double wrong : {0.0, 0.001, 1.5, -0.01, std::nan("")}) {
    for (const bool electron : {true, false}) {
      try {
        build_tables(materials, density, electron ? wrong : 0.01, electron ? 0.01 : wrong, built_in_library());
        ADD_FAILURE() << wrong << " was taken";
      } catch (const Error& error) {
        EXPECT_EQ(error.fault(), Fault::input);
      }
    }
  }
}

// The events of an electron of 90Y never come round to the number of an earlier one, nor do its hinges.
TEST(Tables, CountsOfEventsAndHingesSufficeAtTheLowestCutoff) {
  const std::vector<Material> materials{built_in_material("air"), built_in_material("water"),
                                        built_in_material("cortical_bone_icru44"), built_in_material("silver")};
  const std::vector<double> density{0.0012, 1, 1.92, 10.5};
  const PhysicsTables tables = build_tables(materials, density, 0.002, 0.002, built_in_library());
  constexpr double highest = 2.28;  // [MeV]
  const double events = highest * static_cast<double>(tables.event_majorant);
  EXPECT_LT(events + 6 * std::sqrt(events), event_counts) << events;
  double strength = 0;
  for (std::uint32_t m = 0; m < materials.size(); ++m) {
    const PhysicsView view = tables.view();
    const float range = range_of_energy(view, m, static_cast<float>(highest));
    strength = std::max(strength, static_cast<double>(strength_of_range(view, m, range)));
  }
  const double shortest = static_cast<double>(class_strength(angle_classes - 1));
  EXPECT_LT(strength / shortest, step_counts) << strength;
}

}  // namespace
}  // namespace ytterby
