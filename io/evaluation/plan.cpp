#include "io/evaluation/plan.h"

#include <span>
#include <utility>

#include "engine/base/units.h"
#include "engine/physics/nuclide.h"
#include "io/evaluation/protocol_of.h"
#include "io/text/iso_time.h"

namespace ytterby::cli {
namespace {

SessionCount sessions_of(const io::PlanSection& section) {
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

VialDraw draw(const io::VialSection& vial, double activity) {
  const double from = io::parse_time(vial.calibration_time)->seconds,
               to = io::parse_time(vial.administration_time)->seconds;
  return draw_from_vial(activity, vial.residual_fraction, vial.activity_GBq, vial.volume_mL,
                        (to - from) / seconds_per_hour, yttrium_90().half_life_h);
}

PlanResult plan_of(const io::CaseFile& c, validation::Protocol protocol, io::PartitionCase partition) {
  const io::PlanSection section = c.plan.value_or(io::PlanSection{});
  PlanResult r;
  r.case_name = c.name;
  r.goal = section.tumour_Gy;
  const PartitionModel& model = partition.model;
  const std::vector<DoseLimit> limits = plan_limits(protocol);
  r.goal_activity = *activity_for(model, Compartment::tumour, r.goal);
  r.plan = plan_sessions(model, r.goal, sessions_of(section), limits);
  r.limits = reached_limits(model, limits);
  if (protocol.screening) {
    r.screening_tumour = protocol.screening->tumour_dose;
    const double activity = *activity_for(model, Compartment::tumour, *r.screening_tumour);
    r.screening_lung = partition_doses(model, activity).lung;
  }
  if (partition.administered) r.administered = partition_doses(model, *partition.administered);
  if (partition.liver) {
    r.empirical = empirical_activity(*partition.liver);
    if (section.height_cm) r.bsa = bsa_activity(*partition.liver, *section.height_cm / 100, *section.weight_kg);
  }
  if (section.vial) r.vial = draw(*section.vial, r.plan.sessions.front().activity);
  r.protocol = std::move(protocol);
  r.partition = std::move(partition);
  return r;
}

}  // namespace

PlanResult plan_prepared(const io::PreparedCase& prepared) {
  validation::Protocol protocol = protocol_of(prepared.resolved);
  const double convention = protocol.lung_mass;
  return plan_of(prepared.resolved, std::move(protocol), io::partition_of(prepared, convention).front());
}

PlanResult plan_of_numbers(const io::CaseFile& c) { return plan_of(c, protocol_of(c), io::partition_of_numbers(c)); }

}  // namespace ytterby::cli
