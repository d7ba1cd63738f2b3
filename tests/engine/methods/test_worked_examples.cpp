// Worked examples that others have printed with all that goes in and comes out; tolerances are half of a last digit.
//
// [R] github.com/momomojo/Radulator at 50b60b8, docs/verification/calculators/y90-radiation-segmentectomy.md,
// "Independent
//     derivation and expected results": cases U0, U10, UR, P10, PR and P1 of a perfused volume of 1000 mL of 1.03 g/mL,
//     49.67 J/GBq, lungs of 1 kg, by the partition equation of the EANM guideline (Weber et al., Eur. J. Nucl. Med.
//     Mol. Imaging 49 (2022) 1682) and the denominators (1 - F) and (1 - R) of TheraSphere's eIFU (FDA P200029S011C).
// [T] github.com/4burakfe/SlicerRadioembolizationDosimetry at a27c358, Taranis/Testing/Python/test_lsf.py.
// [A] github.com/pharmaverse/admiral at b655336, tests/testthat/test-derive_advs_params.R: DuBois-DuBois.
// [L] nlmixr2lib, article of Larizza et al. (2018): BSA of its subject of 1.818 m and 70.7 kg, by 0.20247 h^0.725
// w^0.425.

#include <gtest/gtest.h>

#include "engine/methods/empirical_activity.h"
#include "engine/methods/partition.h"
#include "engine/physics/nuclide.h"

namespace ytterby {
namespace {

constexpr double kg_per_mL = 0.00103, joule_per_GBq = 49.67, mCi_per_GBq = 1 / 0.037;

/// One compartment, the perfused volume, and lungs of 1 kg.
PartitionModel single_compartment(double shunt) {
  return {{{"perfused", 1000 * kg_per_mL, 1}}, 0, 1, shunt, joule_per_GBq};
}

/// 200 mL of tumour in the 1000 mL.
PartitionModel two_compartments(double tumour_to_normal, double shunt) {
  return {{{"tumour", 200 * kg_per_mL, tumour_to_normal}}, 800 * kg_per_mL, 1, shunt, joule_per_GBq};
}

double activity(const PartitionModel& model, double dose) { return *activity_for(model, Compartment::tumour, dose); }

/// Of one compartment with all that it holds.
double mean_of_perfused(const PartitionModel& model, const PartitionDoses& doses) {
  const double tumour = tumour_mass(model);
  return (tumour * doses.tumour + model.normal_mass * doses.normal) / (tumour + model.normal_mass);
}

/// In the vial at administration, of which a share stays behind.
double in_vial(double injected, double residual) {
  const double half_life = yttrium_90().half_life_h;
  return draw_from_vial(injected, residual, 20, 0.6, 0, half_life).drawn;
}

TEST(WorkedExamples, GlassFormulaWithoutShunt) {  // [R] U0
  const PartitionModel model = single_compartment(0);
  EXPECT_NEAR(activity(model, 100), 2.07, 0.005);
  EXPECT_NEAR(activity(model, 100) * mCi_per_GBq, 56.0, 0.05);
  EXPECT_EQ(partition_doses(model, activity(model, 100)).lung, 0);
}

TEST(WorkedExamples, GlassFormulaWithShunt) {  // [R] U10; multiplied by 1 - F in place of divided it would be 1.87
  const PartitionModel model = single_compartment(0.1);
  const double injected = activity(model, 100);
  EXPECT_NEAR(injected, 2.30409592197, 5e-12);
  EXPECT_NEAR(injected * mCi_per_GBq, 62.3, 0.05);
  EXPECT_NEAR(partition_doses(model, injected).lung, 11.4, 0.05);
}

TEST(WorkedExamples, GlassFormulaWithResidual) {  // [R] UR: what the lungs get does not know of the residual
  const double vial = in_vial(activity(single_compartment(0.1), 100), 0.1);
  EXPECT_NEAR(vial, 2.56, 0.005);
  EXPECT_NEAR(vial * mCi_per_GBq, 69.2, 0.05);
}

TEST(WorkedExamples, PartitionModel) {  // [R] P10
  const PartitionModel model = two_compartments(3, 0.1);
  const double injected = activity(model, 300);
  EXPECT_NEAR(injected, 3.22573429076, 5e-12);
  EXPECT_NEAR(injected * mCi_per_GBq, 87.2, 0.05);
  const PartitionDoses doses = partition_doses(model, injected);
  EXPECT_NEAR(doses.normal, 100.0, 0.05);
  EXPECT_NEAR(mean_of_perfused(model, doses), 140.0, 0.05);
  EXPECT_NEAR(doses.lung, 16.0, 0.05);
}

TEST(WorkedExamples, PartitionModelWithResidual) {  // [R] PR
  const double vial = in_vial(activity(two_compartments(3, 0.1), 300), 0.1);
  EXPECT_NEAR(vial, 3.58, 0.005);
  EXPECT_NEAR(vial * mCi_per_GBq, 96.9, 0.05);
}

TEST(WorkedExamples, PartitionModelOfEvenUptakeIsTheGlassFormula) {  // [R] P1
  const PartitionModel model = two_compartments(1, 0.1);
  const double injected = activity(model, 300);
  EXPECT_NEAR(injected, 6.91, 0.005);
  EXPECT_NEAR(injected * mCi_per_GBq, 186.8, 0.05);
  EXPECT_NEAR(injected, activity(single_compartment(0.1), 300), 1e-12);
  const PartitionDoses doses = partition_doses(model, injected);
  EXPECT_NEAR(doses.normal, 300.0, 0.05);
  EXPECT_NEAR(mean_of_perfused(model, doses), 300.0, 0.05);
  EXPECT_NEAR(doses.lung, 34.3, 0.05);
}

TEST(WorkedExamples, LungDose) {  // [T]: 8 GBq and 8 %, 2 GBq and 10 % to 1 kg
  EXPECT_NEAR(partition_doses(single_compartment(0.08), 8).lung, 31.8, 0.05);
  EXPECT_NEAR(partition_doses(single_compartment(0.10), 2).lung, 9.934, 0.0005);
}

TEST(WorkedExamples, BodySurfaceArea) {
  EXPECT_NEAR(body_surface_area(1.70, 75), 1.864, 0.0005);           // [A]
  EXPECT_NEAR(body_surface_area(1.85, 90), 2.141, 0.0005);           // [A]
  EXPECT_NEAR(body_surface_area(1.818, 70.7), 1.907961, 0.0000005);  // [L]
}

}  // namespace
}  // namespace ytterby
