#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "validation/radiobiology.h"

namespace ytterby::validation {
namespace {

TEST(Radiobiology, agrees_with_hand_worked_numbers) {
  const Tissue tumour{10, 1.5, -10};
  // q = 1.5 / (65.55 * 10) = 0.00228833 /Gy; 400 Gy: 400 + 160000 q.
  EXPECT_NEAR(bed_coefficient(tumour, 64.05), 0.002288330, 1e-9);
  EXPECT_NEAR(biologically_effective_dose(400, tumour, 64.05), 766.1327, 1e-3);
  EXPECT_NEAR(equivalent_dose_2gy(766.1327, tumour), 638.4439, 1e-3);
  const Tissue liver{2.5, 2.5, 1};
  // q = 2.5 / (66.55 * 2.5) = 1 / 66.55; 40 Gy: 40 + 1600 / 66.55.
  EXPECT_NEAR(biologically_effective_dose(40, liver, 64.05), 64.0421, 1e-3);
  EXPECT_NEAR(equivalent_dose_2gy(64.0421, liver), 35.5789, 1e-3);
}

TEST(Radiobiology, averages_doses_by_their_exponent) {
  const std::array dose{100.0, 200.0}, half{0.5, 0.5};
  EXPECT_NEAR(generalised_eud(dose, half, 1), 150, 1e-9);
  EXPECT_NEAR(generalised_eud(dose, half, 2), std::sqrt(25000.0), 1e-9);
  EXPECT_NEAR(generalised_eud(dose, half, -1), 1 / (0.5 / 100 + 0.5 / 200), 1e-9);
  EXPECT_NEAR(generalised_eud(dose, half, -200), 100 * std::pow(0.5, -1.0 / 200), 1e-6);
  const std::array cold{0.0, 200.0};
  EXPECT_EQ(generalised_eud(cold, half, -10), 0);
  EXPECT_NEAR(generalised_eud(cold, half, 1), 100, 1e-9);
}

}  // namespace
}  // namespace ytterby::validation
