#include <gtest/gtest.h>

#include <cmath>

#include "engine/physics/internal_bremsstrahlung.h"
#include "engine/physics/nuclide.h"

namespace ytterby {
namespace {

// 90Y by this theory: 7e-3 photons a decay above 50 keV, 2.0 keV in all.
TEST(InternalBremsstrahlung, HasTheNumberAndTheEnergyOf90Y) {
  EXPECT_NEAR(internal_bremsstrahlung(yttrium_90(), 0.05).number, 7.1e-3, 0.1e-3);
  EXPECT_NEAR(internal_bremsstrahlung(yttrium_90(), 0.001).energy, 2.03e-3, 0.02e-3);
}

// By hand at T = 0.511 MeV (W' = 2, p' = sqrt 3), k = 0.0511 MeV (W = 1.9, p = 1.615549):
// alpha/(pi k) p/p' [(3.61 + 4)/(2 x 1.615549) ln 3.515549 - 2] = 0.0023228/0.0511 x 0.932738 x 0.961022.
TEST(InternalBremsstrahlung, IsTheFormulaByHand) {
  EXPECT_NEAR(internal_photons_per_MeV(0.51099895, 0.051099895), 0.00232282 / 0.0510999 * 0.932738 * 0.961022, 1e-5);
  EXPECT_EQ(internal_photons_per_MeV(0.1, 0.1), 0);
  EXPECT_EQ(internal_photons_per_MeV(0.1, 0.2), 0);
}

TEST(InternalBremsstrahlung, TablesHaveItsNumbersAndShares) {
  const double highest = 2.2787, cutoff = 0.01;
  const InternalPhotonTables tables = internal_photon_tables(highest, cutoff);
  const std::size_t columns = tables.share.size() / tables.number.size(), row = 128;
  const double T = static_cast<double>(row) / static_cast<double>(tables.rows_per_MeV);
  double number = 0, mean = 0;
  for (double k = cutoff; k < T; k *= 1.0005) {
    const double n = internal_photons_per_MeV(T, k * 1.00025) * k * 0.0005;
    number += n;
    mean += n * k * 1.00025;
  }
  EXPECT_NEAR(static_cast<double>(tables.number[row]) / number, 1, 2e-3);
  double of_table = 0;
  for (std::size_t c = 0; c + 1 < columns; ++c)
    of_table += T * static_cast<double>(tables.share[row * columns + c] + tables.share[row * columns + c + 1]) / 2 /
                static_cast<double>(columns - 1);
  EXPECT_NEAR(of_table / (mean / number), 1, 5e-3);
  EXPECT_EQ(tables.number[0], 0);
  EXPECT_NEAR(static_cast<double>(tables.share[row * columns]) * T, cutoff, 1e-6);
}

}  // namespace
}  // namespace ytterby
