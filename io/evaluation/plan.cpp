#include "io/evaluation/plan.h"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/base/units.h"
#include "engine/physics/nuclide.h"
#include "io/evaluation/evaluation.h"
#include "io/evaluation/protocol_of.h"
#include "io/text/iso_time.h"
#include "validation/protocol/verdict.h"

namespace ytterby::io {
namespace {

SessionCount sessions_of(const PlanSection& section) {
  if (section.sessions == "1") return SessionCount::one;
  return section.sessions == "2" ? SessionCount::two : SessionCount::automatic;
}

std::vector<ReachedLimit> reached_limits(const PartitionModel& model, std::span<const DoseLimit> limits) {
  std::vector<ReachedLimit> result;
  for (const DoseLimit& limit : limits) {
    ReachedLimit reached{limit.rule, limit.dose, activity_for(model, limit.compartment, limit.dose), {}};
    if (reached.activity) reached.tumour = partition_doses(model, *reached.activity).tumour;
    result.push_back(reached);
  }
  return result;
}

VialDraw draw(const VialSection& vial, double activity) {
  const double from = parse_time(vial.calibration_time)->seconds, to = parse_time(vial.administration_time)->seconds;
  return draw_from_vial(activity, vial.residual_fraction, vial.activity_GBq, vial.volume_mL,
                        (to - from) / seconds_per_hour, yttrium_90().half_life_h);
}

/// One for each planned session; the last vial stands for all after it.
std::vector<VialDraw> draws_of(const PlanSection& section, const TreatmentPlan& plan) {
  std::vector<VialDraw> draws;
  if (section.vials.empty()) return draws;
  for (std::size_t s = 0; s < plan.sessions.size(); ++s) {
    draws.push_back(draw(section.vials[std::min(s, section.vials.size() - 1)], plan.sessions[s].activity));
  }
  return draws;
}

/// Rules that keep a patient out, by what is known before a plan.
std::vector<std::string> exclusions(const validation::Protocol& protocol, const validation::Treatment& known) {
  std::vector<std::string> ids;
  for (const validation::Ruling& r : validation::apply(protocol, known)) {
    if (r.verdict == validation::Judgement::fail) ids.push_back(r.id);
  }
  return ids;
}

/// What a case without images knows: how many lesions, and the screening.
validation::Protocol without_images(validation::Protocol protocol) {
  protocol.lesion_size.reset();
  protocol.spared_liver.reset();
  return protocol;
}

void take_screening(const validation::Protocol& protocol, const PartitionModel& first, PlanResult& r,
                    validation::Treatment& known) {
  if (!protocol.screening) return;
  r.screening_tumour = protocol.screening->tumour_dose;
  const double activity = *activity_for(first, Compartment::tumour, *r.screening_tumour);
  r.screening_lung = partition_doses(first, activity).lung;
  known.partition.push_back({"", r.screening_lung, 0});
}

/// Plans the last session; those before it were given. `known` is what the images say of the patient.
PlanResult plan_of(const CaseFile& c, const validation::Protocol& protocol, std::vector<PartitionCase> sessions,
                   validation::Treatment known) {
  const PlanSection section = c.plan.value_or(PlanSection{});
  PlanResult r;
  r.case_name = c.name;
  r.goal = section.tumour_Gy;
  take_screening(protocol, sessions.front().model, r, known);
  PartitionCase partition = std::move(sessions.back());
  sessions.pop_back();
  PlanGoal goal{r.goal, {}, {}};
  if (protocol.tumour_dose) goal.enough = std::min(r.goal, protocol.tumour_dose->range.low);
  for (const PartitionCase& p : sessions) {
    r.given.push_back({p.session, *p.administered, partition_doses(p.model, *p.administered)});
    goal.given.push_back(r.given.back().doses);
  }
  const PartitionModel& model = partition.model;
  const std::vector<DoseLimit> limits = plan_limits(protocol);
  r.goal_activity = *activity_for(model, Compartment::tumour, r.goal);
  r.limits = reached_limits(model, limits);
  known.sessions.resize(sessions.size() + 1);
  validation::Protocol patient = protocol;  // what keeps a patient out; doses are the plan's
  patient.spared_activity.reset();
  patient.extrahepatic.reset();
  patient.sphere_count.reset();
  r.excluded = exclusions(c.partition ? without_images(std::move(patient)) : std::move(patient), known);
  if (r.excluded.empty()) {
    const bool one = protocol.session_count && protocol.session_count->at_most == 1;
    r.plan = plan_sessions(model, goal, one ? SessionCount::one : sessions_of(section), limits);
  }
  if (partition.administered) r.administered = partition_doses(model, *partition.administered);
  r.manual = manual_activities(c, partition);
  r.vials = draws_of(section, r.plan);
  r.protocol = protocol;
  r.partition = std::move(partition);
  return r;
}

/// Nothing where a session has structures of its own: the shares are the case's.
std::optional<double> treated_function(const PreparedCase& prepared, const PartitionCase& partition) {
  const bool own = std::any_of(prepared.sessions.begin(), prepared.sessions.end(),
                               [](const PreparedSession& s) { return !s.structures.empty(); });
  const FunctionRegion* region = find_region(prepared.function, partition.normal_structure);
  return own || region == nullptr ? std::nullopt : std::optional(region->share);
}

}  // namespace

PlanResult plan_prepared(const PreparedCase& prepared) {
  const validation::Protocol protocol = protocol_of(prepared.resolved);
  validation::Treatment known;
  known.lesions = lesion_extents(prepared);
  known.spared_share = prepared.spared_share;
  std::optional<MeasuredFunction> function = function_shares(prepared, known);
  PlanResult r = plan_of(prepared.resolved, protocol, partition_of(prepared, protocol.lung_mass), std::move(known));
  r.function = std::move(function);
  r.treated_function = treated_function(prepared, r.partition);
  r.warnings = prepared.warnings;
  if (const auto warning = extrahepatic_warning(protocol, r.partition.session, r.partition.extrahepatic)) {
    r.warnings.push_back(*warning);
  }
  return r;
}

PlanResult plan_of_numbers(const CaseFile& c) {
  validation::Treatment known;
  PartitionCase numbers = partition_of_numbers(c);
  for (const Lesion& l : numbers.model.lesions) known.lesions.push_back({l.name});
  return plan_of(c, protocol_of(c), {std::move(numbers)}, std::move(known));
}

}  // namespace ytterby::io
