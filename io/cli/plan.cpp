// `ytterby plan CASE -o PLAN.json`: the partition model forward and backward.

#include "io/cli/plan.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <memory>

#include "engine/base/error.h"
#include "engine/base/units.h"
#include "engine/physics/nuclide.h"
#include "io/cli/run/case_run.h"
#include "io/cli/text_output.h"
#include "io/cli/verbs.h"
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

PlanResult plan_case(const io::CaseFile& c) {
  if (c.partition) return plan_of(c, protocol_of(c), io::partition_of_numbers(c));
  return plan_prepared(prepare_aloud(c));
}

Action add_plan(CLI::App& app) {
  struct Options {
    std::string case_file, output;
    bool json = false, dry_run = false;
  };
  auto options = std::make_shared<Options>();
  app.add_option("case", options->case_file, "case file (TOML), with images or with [partition] alone")->required();
  app.add_option("-o,--output", options->output, "plan to write (JSON)");
  app.add_flag("--json", options->json, "print the plan as JSON");
  app.add_flag("--dry-run", options->dry_run, "print the resolved case with every default and stop");
  return [options] {
    const io::CaseFile c = io::read_case(options->case_file);
    if (options->dry_run) {
      std::cout << io::write_case(c, io::absolute_paths(c));
      return 0;
    }
    if (!options->output.empty()) check_output(c, options->output);
    const PlanResult result = plan_case(c);
    const std::string json = plan_json(result);
    if (!options->output.empty()) write_text(options->output, json);
    std::cout << (options->json ? json : plan_table(result));
    return 0;
  };
}

}  // namespace ytterby::cli
