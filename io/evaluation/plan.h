#pragma once
// The partition model of a case, forward and backward, within its protocol's limits.

#include <optional>
#include <string>
#include <vector>

#include "io/case/case_file.h"
#include "io/prepare/partition_case.h"
#include "io/prepare/prepare.h"
#include "validation/protocol.h"

namespace ytterby::cli {

/// A limit and the single-session activity at which it is reached.
struct ReachedLimit {
  std::string rule;
  double dose = 0;                 // [Gy] of the limit
  std::optional<double> activity;  // [GBq]; empty: no activity reaches it
  std::optional<double> tumour;    // [Gy] at that activity
};

/// Everything a plan says.
struct PlanResult {
  std::string case_name;
  validation::Protocol protocol;
  io::PartitionCase partition;
  double goal = 0;           // tumour dose [Gy]
  double goal_activity = 0;  // [GBq] that would reach it without limits
  TreatmentPlan plan;
  std::vector<ReachedLimit> limits;
  std::optional<double> screening_tumour;  // [Gy], from the protocol
  double screening_lung = 0;               // [Gy] at that tumour dose
  std::optional<PartitionDoses> administered;
  std::optional<EmpiricalActivity> bsa, empirical;
  std::optional<VialDraw> vial;  // for the first session
};

/// The plan of a prepared case (of several sessions, the first's activity). Throws Fault::input.
PlanResult plan_prepared(const io::PreparedCase& prepared);
/// The plan of a case that has [partition] in place of images. Throws Fault::input.
PlanResult plan_of_numbers(const io::CaseFile& c);

std::string plan_table(const PlanResult& result);
std::string plan_json(const PlanResult& result);

}  // namespace ytterby::cli
