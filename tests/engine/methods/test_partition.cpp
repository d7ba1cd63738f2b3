#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/error.h"
#include "engine/methods/empirical_activity.h"
#include "engine/methods/partition.h"
#include "engine/physics/nuclide.h"

namespace ytterby {
namespace {

/// A case worked by hand: k 49.39, 0.6 and 0.8 kg, T/N 3, L 0.04, 1 kg of lung.
PartitionModel hand_check() { return {{{"tumour", 0.6, 3.0}}, 0.8, 1.0, 0.04, 49.39}; }

DoseLimit lung(double dose, bool at_limit_passes = false) {
  return {"lung-dose-session", Compartment::lung, dose, at_limit_passes, false};
}
DoseLimit lung_sum(double dose) { return {"lung-dose-cumulative", Compartment::lung, dose, false, true}; }

TEST(Partition, GivesTheHandWorkedDoses) {
  const PartitionModel model = hand_check();
  const double activity = *activity_for(model, Compartment::tumour, 400);
  // By hand: f_T = 1.8 / 2.6; A = 400 * 0.6 / (49.39 * 0.96 * f_T).
  EXPECT_NEAR(activity, 400 * 0.6 / (49.39 * 0.96 * 1.8 / 2.6), 1e-9);
  EXPECT_NEAR(activity, 7.311, 5e-4);
  const PartitionDoses doses = partition_doses(model, activity);
  EXPECT_NEAR(doses.tumour, 400, 1e-9);
  EXPECT_NEAR(doses.normal, 133.3, 0.05);
  EXPECT_NEAR(doses.lung, 14.44, 0.005);
  const double at_limit = *activity_for(model, Compartment::lung, 15);
  EXPECT_NEAR(at_limit, 7.593, 5e-4);
  EXPECT_NEAR(partition_doses(model, at_limit).tumour, 415.4, 0.05);
}

TEST(Partition, SharesActivityByMassAndUptake) {
  const PartitionModel model{{{"a", 0.3, 4.0}, {"b", 0.1, 2.0}}, 0.5, 1.0, 0.1, 50.0};
  const PartitionDoses doses = partition_doses(model, 2.0);
  EXPECT_NEAR(doses.lesion[0] / doses.normal, 4, 1e-12);
  EXPECT_NEAR(doses.lesion[1] / doses.normal, 2, 1e-12);
  EXPECT_NEAR(doses.tumour, (0.3 * doses.lesion[0] + 0.1 * doses.lesion[1]) / 0.4, 1e-12);
  // All energy: k A (1 - L) = sum of D m.
  EXPECT_NEAR(doses.tumour * 0.4 + doses.normal * 0.5, 50 * 2 * 0.9, 1e-9);
  EXPECT_NEAR(doses.lung, 50 * 2 * 0.1 / 1.0, 1e-12);
  EXPECT_NEAR(pooled_tumour_to_normal(model), (0.3 * 4 + 0.1 * 2) / 0.4, 1e-12);
}

TEST(Partition, PlansOneSessionWhereTheGoalIsWithinTheLimits) {
  const TreatmentPlan plan = plan_sessions(hand_check(), {400}, SessionCount::automatic, std::vector{lung(15)});
  ASSERT_EQ(plan.sessions.size(), 1u);
  EXPECT_DOUBLE_EQ(plan.sessions[0].activity, 7.311);
  EXPECT_TRUE(plan.binding.empty());
  EXPECT_LT(plan.sessions[0].doses.tumour, 400);
  EXPECT_GT(plan.sessions[0].doses.tumour, 399.9);
}

TEST(Partition, StopsBelowTheLungLimit) {
  PartitionModel model = hand_check();
  model.lung_shunt_fraction = 0.08;
  const TreatmentPlan plan = plan_sessions(model, {400}, SessionCount::one, std::vector{lung(15)});
  ASSERT_EQ(plan.sessions.size(), 1u);
  EXPECT_EQ(plan.binding, "lung-dose-session");
  EXPECT_LT(plan.sessions[0].doses.lung, 15);
  // One step more would reach it: this is the largest tumour dose under 15 Gy.
  EXPECT_GE(partition_doses(model, plan.sessions[0].activity + 0.001).lung, 15);
}

TEST(Partition, ReachesTheGoalInTwoSessions) {
  PartitionModel model = hand_check();
  model.lung_shunt_fraction = 0.06;  // 400 Gy means 22.13 Gy to the lungs
  const TreatmentPlan plan = plan_sessions(model, {400}, SessionCount::automatic, std::vector{lung(15), lung_sum(25)});
  ASSERT_EQ(plan.sessions.size(), 2u);
  EXPECT_TRUE(plan.binding.empty());
  EXPECT_EQ(plan.sessions[0].limited_by, "lung-dose-session");
  EXPECT_GT(plan.sessions[0].doses.lung, 14.99);
  EXPECT_LT(plan.sessions[0].doses.lung, 15);
  const double sum = plan.sessions[0].doses.tumour + plan.sessions[1].doses.tumour;
  EXPECT_LE(sum, 400);
  EXPECT_GT(sum, 399.9);
}

TEST(Partition, TakesASecondSessionUpToTheCumulativeLimit) {
  PartitionModel model = hand_check();
  model.lung_shunt_fraction = 0.08;  // 400 Gy would mean 30.1 Gy to the lungs
  const TreatmentPlan plan = plan_sessions(model, {400}, SessionCount::automatic, std::vector{lung(15), lung_sum(25)});
  ASSERT_EQ(plan.sessions.size(), 2u);
  EXPECT_EQ(plan.binding, "lung-dose-cumulative");
  const double sum = plan.sessions[0].doses.lung + plan.sessions[1].doses.lung;
  EXPECT_LT(sum, 25);
  EXPECT_GT(sum, 24.99);
  EXPECT_LT(plan.sessions[0].doses.lung, 15);
  EXPECT_LT(plan.sessions[0].doses.tumour + plan.sessions[1].doses.tumour, 400);
}

TEST(Partition, TakesOneSessionWhereItReachesTheRange) {
  // k 50, masses 1 and 1 kg, T/N 4, L 0.1: 1 GBq gives the tumour 50 * 0.9 * 0.8 = 36 Gy, the lungs 5 Gy. One session
  // below 15 Gy is 2.999 GBq and 107.964 Gy; below 25 Gy in all there are 2.0 GBq and 72 Gy more (4.999 GBq).
  const PartitionModel model{{{"t", 1.0, 4.0}}, 1.0, 1.0, 0.1, 50.0};
  const std::vector limits{lung(15), lung_sum(25)};
  const TreatmentPlan one = plan_sessions(model, {200, 107.964}, SessionCount::automatic, limits);
  ASSERT_EQ(one.sessions.size(), 1u);
  EXPECT_DOUBLE_EQ(one.sessions[0].activity, 2.999);
  EXPECT_EQ(one.binding, "lung-dose-session");
  ASSERT_TRUE(one.second.has_value());
  EXPECT_DOUBLE_EQ(one.second->activity, 2.0);
  EXPECT_NEAR(one.second->doses.tumour, 72, 1e-9);
  EXPECT_EQ(one.second->limited_by, "lung-dose-cumulative");
  // A hair more is wanted than one session reaches: two.
  const TreatmentPlan two = plan_sessions(model, {200, 107.965}, SessionCount::automatic, limits);
  ASSERT_EQ(two.sessions.size(), 2u);
  EXPECT_FALSE(two.second.has_value());
  EXPECT_EQ(plan_sessions(model, {200, 0}, SessionCount::two, limits).sessions.size(), 2u);
  // Where one session reaches the goal, another adds nothing.
  EXPECT_FALSE(plan_sessions(model, {100, 80}, SessionCount::automatic, limits).second.has_value());
}

TEST(Partition, PlansTheSecondSessionBesideTheFirst) {
  // The first gave 100 Gy to the tumour and 12 Gy to the lungs. 25 Gy in all leave 13 Gy: below it 2.599 GBq, 93.564
  // Gy.
  const PartitionModel model{{{"t", 1.0, 4.0}}, 1.0, 1.0, 0.1, 50.0};
  const std::vector limits{lung(15), lung_sum(25)};
  PlanGoal goal{400, 280, {{{100}, 100, 25, 12}}};
  const TreatmentPlan plan = plan_sessions(model, goal, SessionCount::automatic, limits);
  ASSERT_EQ(plan.sessions.size(), 1u);
  EXPECT_DOUBLE_EQ(plan.sessions[0].activity, 2.599);
  EXPECT_EQ(plan.binding, "lung-dose-cumulative");
  // To 150 Gy there are 50 Gy left: 1.388 GBq.
  goal.tumour = 150;
  EXPECT_DOUBLE_EQ(plan_sessions(model, goal, SessionCount::two, limits).sessions[0].activity, 1.388);
  EXPECT_TRUE(plan_sessions(model, goal, SessionCount::two, limits).binding.empty());
  goal.tumour = 100;  // given already
  EXPECT_THROW(plan_sessions(model, goal, SessionCount::two, limits), Error);
  goal = {400, 280, {{{1}, 1, 1, 1}, {{1}, 1, 1, 1}}};  // two were given
  EXPECT_THROW(plan_sessions(model, goal, SessionCount::two, limits), Error);
}

TEST(Partition, HasTheFiguresThatAreInPrint) {
  // "In general, 1 GBq (27 mCi) of yttrium-90/kg of tissue provides the equivalent of 50 Gy" (sirtex.com, dosimetry).
  EXPECT_NEAR(yttrium_90().dose_constant(), 50, 0.5);
  // 0.9367 MeV a decay and a half-life of 64.1 h (TheraSphere package insert, USA, v12): 49.96 Gy kg/GBq, ours within 1
  // %.
  const double printed = 1e9 * 0.9367 * 1.602176634e-13 * 64.1 * 3600 / std::log(2.0);
  EXPECT_NEAR(printed, 50, 0.05);
  EXPECT_NEAR(yttrium_90().dose_constant() / printed, 1, 0.01);
  // Liver dose = 50 A (1 - F) / mass of one compartment; 0.61 GBq in lungs of 1 kg are the upper limit of one
  // administration of glass, 30 Gy (Kennedy's chapter on dose calculation, radiologykey.com/and-dose-calculation).
  const PartitionModel lungs{{{"t", 1.0, 1.0}}, 0, 1.0, 0.061, 50.0};
  EXPECT_NEAR(partition_doses(lungs, 10).lung, 30.5, 1e-9);
  const PartitionModel lobe{{{"t", 0.3, 2.5}}, 0.9, 1.0, 0.04, 50.0};
  const PartitionDoses doses = partition_doses(lobe, 3);
  EXPECT_NEAR((0.3 * doses.tumour + 0.9 * doses.normal) / 1.2, 50 * 3 * 0.96 / 1.2, 1e-9);
}

TEST(Partition, HoldsALimitThatIsMetExactly) {
  // k A L / m = 15 at A = 3 GBq exactly: 50 * 3 * 0.1 / 1.
  const PartitionModel model{{{"t", 0.5, 2.0}}, 0.5, 1.0, 0.1, 50.0};
  EXPECT_DOUBLE_EQ(plan_sessions(model, {1e4}, SessionCount::one, std::vector{lung(15, false)}).sessions[0].activity,
                   2.999);
  EXPECT_DOUBLE_EQ(plan_sessions(model, {1e4}, SessionCount::one, std::vector{lung(15, true)}).sessions[0].activity,
                   3.0);
}

TEST(Partition, RefusesWhatCannotBe) {
  PartitionModel model = hand_check();
  model.lung_shunt_fraction = 1;
  EXPECT_THROW(check_partition(model), Error);
  model = hand_check();
  model.lesions.clear();
  EXPECT_THROW(check_partition(model), Error);
  EXPECT_THROW(plan_sessions(hand_check(), {400}, SessionCount::one, std::vector{lung(1e-6)}), Error);
}

TEST(EmpiricalActivity, FollowsTheManual) {
  // 1.75 m and 75 kg: 0.20247 * 1.50040 * 6.26475 by hand.
  EXPECT_NEAR(body_surface_area(1.75, 75), 1.9031, 2e-4);
  const LiverInvolvement liver{300, 1500, 1, 0.12};
  const EmpiricalActivity bsa = bsa_activity(liver, 1.75, 75);
  EXPECT_NEAR(bsa.before_reduction, 1.9031 - 0.2 + 0.2, 2e-4);
  EXPECT_NEAR(*bsa.activity, 0.8 * 1.9031, 2e-4);
  EXPECT_DOUBLE_EQ(empirical_activity({375, 1500, 1, 0}).before_reduction, 2.0);
  EXPECT_DOUBLE_EQ(empirical_activity({376, 1500, 1, 0}).before_reduction, 2.5);
  EXPECT_DOUBLE_EQ(empirical_activity({751, 1500, 0.5, 0}).before_reduction, 1.5);
  EXPECT_FALSE(empirical_activity({300, 1500, 1, 0.21}).activity.has_value());
  // 20, 40 and 100 % where the shunt exceeds 10, 15 and 20 % (van Roekel, thesis, page 41).
  EXPECT_DOUBLE_EQ(shunt_reduction(0.11), 0.2);
  EXPECT_DOUBLE_EQ(shunt_reduction(0.16), 0.4);
  EXPECT_DOUBLE_EQ(shunt_reduction(0.21), 1);
  EXPECT_DOUBLE_EQ(shunt_reduction(0.0999), 0);
  EXPECT_DOUBLE_EQ(shunt_reduction(0.10), 0.2);
  EXPECT_DOUBLE_EQ(shunt_reduction(0.15), 0.4);
  EXPECT_DOUBLE_EQ(shunt_reduction(0.20), 0.4);
  EXPECT_THROW(bsa_activity({300, 1500, 1, 0}, 175, 75), Error);  // height in cm
}

TEST(EmpiricalActivity, TakesTheTumourShareOfTheTreatedPart) {
  // A lobe of 900 of 1500 mL with 270 of the 300 mL of tumour, BSA 1.9031 m2 as above:
  // ((1.9031 - 0.2) + 270 / 900) * 0.6 = 1.20186 GBq; the whole liver's share would give (1.7031 + 0.2) * 0.6
  // = 1.14186.
  const LiverInvolvement lobe{300, 1500, 0.6, 0, 270.0};
  EXPECT_NEAR(treated_tumour_share(lobe), 0.3, 1e-12);
  EXPECT_NEAR(*bsa_activity(lobe, 1.75, 75).activity, 1.20186, 2e-4);
  EXPECT_NEAR(*bsa_activity({300, 1500, 0.6, 0}, 1.75, 75).activity, (1.7031 + 300.0 / 900) * 0.6, 2e-4);
  EXPECT_DOUBLE_EQ(treated_tumour_share({300, 1500, 0.1, 0}), 1);
  EXPECT_THROW(bsa_activity({300, 1500, 0.6, 0, 301.0}, 1.75, 75), Error);
}

TEST(EmpiricalActivity, DrawsWhatDecaysUntilAdministration) {
  const double half_life = yttrium_90().half_life_h;
  const VialDraw draw = draw_from_vial(1.8, 0.1, 3.0, 5.0, half_life, half_life);
  EXPECT_NEAR(draw.drawn, 2.0, 1e-12);
  EXPECT_NEAR(draw.at_calibration, 4.0, 1e-12);
  EXPECT_NEAR(draw.vial_at_administration, 1.5, 1e-12);
  EXPECT_NEAR(draw.share, 4.0 / 3, 1e-12);
  EXPECT_NEAR(draw.volume, 20.0 / 3, 1e-12);
}

}  // namespace
}  // namespace ytterby
