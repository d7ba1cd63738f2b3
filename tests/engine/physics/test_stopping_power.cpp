#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "engine/base/csv.h"
#include "engine/physics/stopping_power.h"

namespace ytterby {
namespace {

constexpr double tolerance = 0.003;  // of ESTAR, whose tables have four figures (0.05 %)

struct EstarRow {
  double T, collision, radiative, csda_range, delta;
};

struct EstarMaterial {
  Material material;
  std::vector<EstarRow> rows;  // ascending in T
};

Material material_of(const std::string& name, double density, double mean_excitation_eV) {
  static const std::map<std::string, std::string> built_in = {{"water_liquid", "water"},
                                                              {"adipose_ICRP", "adipose_icrp"},
                                                              {"air_dry", "air"},
                                                              {"bone_compact_ICRU", "bone_compact_icru"},
                                                              {"bone_cortical_ICRP", "cortical_bone_icrp"},
                                                              {"liver_ICRU1986", "liver_icru44"},
                                                              {"lung_ICRP", "lung_icrp"},
                                                              {"lung_ICRU1986", "lung_icru44"},
                                                              {"muscle_ICRP", "muscle_skeletal_icrp"},
                                                              {"soft_tissue_ICRP", "soft_tissue_icrp"},
                                                              {"soft_tissue_ICRU4", "soft_tissue_icru4"}};
  const std::string element = "element_";
  const std::vector<Component> composition =
      name.starts_with(element) ? std::vector<Component>{{atomic_number(name.substr(element.size())), 1.0}}
                                : built_in_material(built_in.at(name)).composition;
  return make_material(name, composition, density, density, mean_excitation_eV);
}

/// NIST ESTAR tables and values of its method for tissues; the file tells which.
std::vector<EstarMaterial> read_estar() {
  std::ifstream file(std::string(YTTERBY_SOURCE_DIR) + "/validation/reference/estar_electron.csv");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const CsvTable table = parse_csv("estar_electron.csv", text);
  std::map<std::string, EstarMaterial> materials;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto value = [&](const char* column) { return table.number(row, table.column(column)); };
    const std::string name(table.text(row, table.column("material")));
    EstarMaterial& entry = materials[name];
    if (entry.rows.empty()) entry.material = material_of(name, value("density_g_cm3"), value("I_eV"));
    entry.rows.push_back(
        {value("T_MeV"), value("S_col_MeV_cm2_g"), value("S_rad_MeV_cm2_g"), value("csda_g_cm2"), value("delta")});
  }
  std::vector<EstarMaterial> list;
  for (auto& [name, entry] : materials) {
    std::sort(entry.rows.begin(), entry.rows.end(), [](const EstarRow& a, const EstarRow& b) { return a.T < b.T; });
    list.push_back(entry);
  }
  return list;
}

const std::vector<EstarMaterial>& estar() {
  static const std::vector<EstarMaterial> materials = read_estar();
  return materials;
}

/// Path [g/cm2] on which an electron slows from one energy to a lower one; Simpson's rule in ln T.
double csda_path(const StoppingPower& power, double low, double high) {
  constexpr int intervals = 64;
  const double h = std::log(high / low) / intervals;
  double sum = 0;
  for (int i = 0; i <= intervals; ++i) {
    const double T = low * std::exp(h * i);
    const int weight = i == 0 || i == intervals ? 1 : 2 + 2 * (i % 2);
    sum += weight * T / (power.collision(T) + power.radiative(T));
  }
  return sum * h / 3;
}

/// Integral of f over ln x by Simpson's rule.
template <class F>
double log_integral(double low, double high, F f) {
  constexpr int intervals = 20000;
  const double h = std::log(high / low) / intervals;
  double sum = 0;
  for (int i = 0; i <= intervals; ++i) {
    const double x = low * std::exp(h * i);
    sum += (i == 0 || i == intervals ? 1 : 2 + 2 * (i % 2)) * x * f(x);
  }
  return sum * h / 3;
}

TEST(StoppingPower, EstarFileIsWhole) {
  ASSERT_EQ(estar().size(), 23U);
  for (const EstarMaterial& entry : estar()) EXPECT_GE(entry.rows.size(), 37U) << entry.material.name;
}

TEST(StoppingPower, CollisionAgreesWithEstar) {
  for (const EstarMaterial& entry : estar()) {
    const StoppingPower power(entry.material, built_in_library());
    for (const EstarRow& row : entry.rows)
      EXPECT_NEAR(power.collision(row.T) / row.collision, 1, tolerance)
          << entry.material.name << " " << row.T << " MeV";
  }
}

// Bremsstrahlung of elements is scaled to ESTAR at 18 of these 37 energies (radiative.csv): what is tested for elements
// is the interpolation, for compounds the rest too.
TEST(StoppingPower, RadiativeAgreesWithEstar) {
  for (const EstarMaterial& entry : estar()) {
    const StoppingPower power(entry.material, built_in_library());
    for (const EstarRow& row : entry.rows)
      EXPECT_NEAR(power.radiative(row.T) / row.radiative, 1, tolerance)
          << entry.material.name << " " << row.T << " MeV";
  }
}

// A difference in delta of 0.005 is 0.03 % of the stopping power.
TEST(StoppingPower, DensityEffectAgreesWithEstar) {
  for (const EstarMaterial& entry : estar()) {
    const StoppingPower power(entry.material, built_in_library());
    for (const EstarRow& row : entry.rows)
      EXPECT_NEAR(power.density_effect(row.T), row.delta, 0.005) << entry.material.name << " " << row.T << " MeV";
  }
}

// From the table's lowest energy up: below it Bethe's formula does not hold for the heavier elements.
TEST(StoppingPower, RangesAgreeWithEstar) {
  for (const EstarMaterial& entry : estar()) {
    const StoppingPower power(entry.material, built_in_library());
    double range = entry.rows.front().csda_range;
    for (std::size_t i = 1; i < entry.rows.size(); ++i) {
      range += csda_path(power, entry.rows[i - 1].T, entry.rows[i].T);
      EXPECT_NEAR(range / entry.rows[i].csda_range, 1, tolerance)
          << entry.material.name << " " << entry.rows[i].T << " MeV";
    }
  }
}

TEST(StoppingPower, DensityEffectHasAThresholdInInsulatorsOnly) {
  const StoppingPower water(built_in_material("water"), built_in_library());
  EXPECT_EQ(water.density_effect(0.5), 0);
  EXPECT_GT(water.density_effect(0.55), 0);
  EXPECT_LT(water.density_effect(0.55), 0.02);
  EXPECT_EQ(StoppingPower(built_in_material("air"), built_in_library()).density_effect(2.5), 0);
  EXPECT_GT(StoppingPower(built_in_material("titanium"), built_in_library()).density_effect(0.01), 0);
}

// Sternheimer's limit: delta + 1 -> ln of (plasma energy * beta gamma / I)^2 at the highest energies.
TEST(StoppingPower, DensityEffectReachesItsLimit) {
  const Material water = built_in_material("water");
  const double T = 1e6, gamma = 1 + T / 0.51099895, plasma_eV = 28.816 * std::sqrt(0.55508);
  EXPECT_NEAR(StoppingPower(water, built_in_library()).density_effect(T),
              2 * std::log(plasma_eV / water.mean_excitation_eV * gamma) - 1, 1e-3);
}

TEST(StoppingPower, LungAtItsTissueDensityLosesLessThanAtItsOwn) {
  const StoppingPower condensed(built_in_material("lung_icru44"), built_in_library());
  const StoppingPower dilute(make_material("lung", built_in_material("lung_icru44").composition, 0.26, 0.26),
                             built_in_library());
  EXPECT_DOUBLE_EQ(condensed.collision(0.3), dilute.collision(0.3));
  EXPECT_NEAR(dilute.collision(2) / condensed.collision(2), 1.03, 0.01);
}

// What is restricted and the Moller cross section above the cutoff add up to the whole. ICRU 37 eq. (2.10).
TEST(StoppingPower, RestrictedCollisionLeavesOutMollerEvents) {
  const StoppingPower power(built_in_material("water"), built_in_library());
  const double m = 0.51099895, cutoff = 0.01;
  for (const double T : {0.03, 0.3, 2.0}) {
    const double gamma = 1 + T / m, beta2 = 1 - 1 / (gamma * gamma);
    const double factor = 0.1535375 * power.electrons_per_gram_over_avogadro() / beta2;
    const double moller = log_integral(cutoff, T / 2, [&](double W) {
      const double rest = T - W;
      const double shape =
          1 / (W * W) + 1 / (rest * rest) + 1 / ((T + m) * (T + m)) - (2 * gamma - 1) / (gamma * gamma) / (W * rest);
      return W * shape * factor;
    });
    EXPECT_NEAR((power.restricted_collision(T, cutoff) + moller) / power.collision(T), 1, 1e-5) << T;
  }
  EXPECT_DOUBLE_EQ(power.restricted_collision(0.015, 0.01), power.collision(0.015));
}

TEST(StoppingPower, RadiativePartsAddUp) {
  const StoppingPower power(built_in_material("cortical_bone_icru44"), built_in_library());
  const double cutoff = 0.01;
  for (const double T : {0.02, 0.7, 2.2}) {
    const double hard = log_integral(cutoff, T, [&](double k) { return power.bremsstrahlung_k_dsigma_dk(T, k); });
    EXPECT_NEAR((power.restricted_radiative(T, cutoff) + hard) / power.radiative(T), 1, 1e-4) << T;
    const double number = log_integral(cutoff, T, [&](double k) { return power.bremsstrahlung_k_dsigma_dk(T, k) / k; });
    EXPECT_NEAR(power.bremsstrahlung_above(T, cutoff) / number, 1, 1e-4) << T;
  }
  EXPECT_EQ(power.bremsstrahlung_above(0.01, 0.01), 0);
  EXPECT_EQ(power.bremsstrahlung_k_dsigma_dk(0.01, 0.011), 0);
  EXPECT_DOUBLE_EQ(power.restricted_radiative(0.01, 0.02), power.radiative(0.01));
}

}  // namespace
}  // namespace ytterby
