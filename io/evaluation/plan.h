#pragma once
// The partition model of a case, forward and backward, within its protocol's limits.

#include <optional>
#include <string>
#include <vector>

#include "io/case/case_file.h"
#include "io/prepare/partition_case.h"
#include "io/prepare/prepare.h"
#include "validation/protocol/protocol.h"

namespace ytterby::io {

/// A limit and the single-session activity at which it is reached.
struct ReachedLimit {
  std::string rule;
  double dose = 0;                 // [Gy] of the limit
  std::optional<double> activity;  // [GBq]; empty: no activity reaches it
  std::optional<double> tumour;    // [Gy] at that activity
};

/// A session that was given before.
struct GivenSession {
  std::string name;
  double activity = 0;  // [GBq]
  PartitionDoses doses;
};

/// Everything a plan says.
struct PlanResult {
  std::string case_name;
  validation::Protocol protocol;
  PartitionCase partition;
  double goal = 0;                    // tumour dose [Gy]
  double goal_activity = 0;           // [GBq] that would reach it without limits
  std::vector<std::string> excluded;  // rules that keep the patient out; the plan then has no session
  std::vector<GivenSession> given;    // sessions before the one that is planned
  TreatmentPlan plan;
  std::vector<ReachedLimit> limits;
  std::optional<double> screening_tumour;  // [Gy], from the protocol
  double screening_lung = 0;               // [Gy] at that tumour dose
  std::optional<PartitionDoses> administered;
  ManualActivities manual;
  std::optional<MeasuredFunction> function;  // where the case has [function]; without its weights
  std::optional<double> treated_function;    // share of the normal liver's function that the model's normal dose hits
  std::vector<VialDraw> vials;               // one for each planned session; empty where no vial is given
  Warnings warnings;                         // of the case, and of counts outside liver and lungs
};

/// The plan of a prepared case: of its last session, those before it are given. Throws Fault::input.
PlanResult plan_prepared(const PreparedCase& prepared);
/// The plan of a case that has [partition] in place of images. Throws Fault::input.
PlanResult plan_of_numbers(const CaseFile& c);

std::string plan_table(const PlanResult& result);
std::string plan_json(const PlanResult& result);

}  // namespace ytterby::io
