#include <gtest/gtest.h>

#include "engine/base/csv.h"
#include "engine/base/embedded_data.h"
#include "engine/base/error.h"
#include "engine/physics/constants.h"
#include "engine/physics/library.h"
#include "engine/physics/material.h"

namespace ytterby {
namespace {

/// Total mass attenuation coefficient with coherent scattering [cm2/g].
double mu_over_rho(const Material& material, double energy) {
  constexpr double cm2_per_barn = 1e-24;
  double sum = 0;
  for (const Component& component : material.composition) {
    const Element& element = built_in_library().element(component.z);
    const double barn = element.compton.at(energy) + element.rayleigh.at(energy) + element.photoelectric.at(energy) +
                        element.pair.at(energy) + element.triplet.at(energy);
    sum += component.mass_fraction * constants::avogadro / element.atomic_weight * barn * cm2_per_barn;
  }
  return sum;
}

TEST(Library, HoldsCompleteElements) {
  const Library& library = built_in_library();
  ASSERT_EQ(library.elements.size(), 29U);
  for (std::size_t i = 0; i < library.elements.size(); ++i) {
    const Element& element = library.elements[i];
    SCOPED_TRACE(element.symbol);
    EXPECT_TRUE(i == 0 || element.z > library.elements[i - 1].z);
    int electrons = 0;
    for (const Shell& shell : element.shells) electrons += shell.electrons;
    EXPECT_EQ(electrons, element.z);
    for (const PhotonCurve* curve :
         {&element.compton, &element.rayleigh, &element.photoelectric, &element.pair, &element.triplet}) {
      ASSERT_GT(curve->energy.size(), 10U);
      EXPECT_EQ(curve->energy.size(), curve->barn.size());
    }
    EXPECT_EQ(element.brems_scaled_mb.size(), element.brems_energy.size() * element.brems_kappa.size());
    EXPECT_DOUBLE_EQ(element.brems_kappa.front(), 0);
    EXPECT_DOUBLE_EQ(element.brems_kappa.back(), 1);
  }
}

// Hubbell, Seltzer, NISTIR 5632 (1995), Table 4 (water, liver is not tabulated: ICRU-44 soft tissue, cortical bone).
// Its totals come from an earlier evaluation than our table and lie up to 0.25 % above it.
TEST(Library, AttenuationAgreesWithNistWithinOnePercent) {
  struct Row {
    const char* material;
    double energy, mu_over_rho;
  };
  constexpr Row rows[] = {
      {"water", 0.01, 5.329},
      {"water", 0.1, 0.1707},
      {"water", 0.5, 0.09687},
      {"water", 1.0, 0.07072},
      {"water", 2.0, 0.04942},
      {"cortical_bone_icru44", 0.1, 0.1855},
      {"soft_tissue_icru44", 0.1, 0.1693},
      {"soft_tissue_icru44", 1.0, 0.07006},
      {"aluminium", 0.1, 0.1704},
      {"aluminium", 1.0, 0.06146},
      {"gold", 0.1, 5.158},
  };
  for (const Row& row : rows)
    EXPECT_NEAR(mu_over_rho(built_in_material(row.material), row.energy) / row.mu_over_rho, 1, 0.01)
        << row.material << " at " << row.energy << " MeV";
}

TEST(Library, TakesTheUpperValueAtAnEdge) {
  const PhotonCurve& calcium = built_in_library().element(20).photoelectric;
  const double k_edge = 0.0040381;
  EXPECT_NEAR(calcium.at(k_edge), 67969.9, 1e-6);
  EXPECT_NEAR(calcium.at(k_edge * (1 - 1e-12)), 7762.97, 1e-3);
}

TEST(Library, InterpolatesLogLogAndIsZeroBelowThreshold) {
  const PhotonCurve curve{{1, 4}, {100, 25}};
  EXPECT_NEAR(curve.at(2), 50, 1e-12);
  EXPECT_DOUBLE_EQ(curve.at(0.999), 0);
  EXPECT_DOUBLE_EQ(curve.at(1), 100);
  EXPECT_DOUBLE_EQ(curve.at(4), 25);
  EXPECT_DOUBLE_EQ(PhotonCurve{}.at(1), 0);
  EXPECT_DOUBLE_EQ(built_in_library().element(8).pair.at(1.0), 0);
}

TEST(Library, NamesAnElementItLacks) {
  try {
    (void)built_in_library().element(92);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    EXPECT_NE(std::string(error.what()).find("92"), std::string::npos);
  }
}

TEST(Csv, PointsAtTheLineThatIsWrong) {
  const CsvTable table = parse_csv("t.csv", "# comment\na,b\n1,x\r\n3,\n");
  ASSERT_EQ(table.rows(), 2U);
  EXPECT_DOUBLE_EQ(table.number(0, table.column("a")), 1);
  EXPECT_EQ(table.text(1, 1), "");
  const auto message = [](auto&& action) -> std::string {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_EQ(message([&] { (void)table.number(0, 1); }), "t.csv:3: b is 'x', needs to be a number");
  EXPECT_EQ(message([] { parse_csv("t.csv", "a,b\n1\n"); }), "t.csv:2: 1 cells, needs 2 as in the header");
  EXPECT_NE(message([] { (void)embedded_file("nothing.csv"); }), "");
}

}  // namespace
}  // namespace ytterby
