// A plan as a table and as JSON (io/FORMATS.md).

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "io/evaluation/function_text.h"
#include "io/evaluation/manual_text.h"
#include "io/evaluation/plan.h"

namespace ytterby::io {
namespace {

using nlohmann::ordered_json;

ordered_json or_null(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json doses_json(const PlanResult& r, const PartitionDoses& doses, double activity) {
  ordered_json json = {{"tumour", doses.tumour}, {"normal", doses.normal}, {"lung", doses.lung}};
  if (const auto& ct = r.partition.lung_mass_ct) {
    PartitionModel by_ct = r.partition.model;
    by_ct.lung_mass = *ct;
    json["lung_by_ct_mass"] = partition_doses(by_ct, activity).lung;
  }
  if (r.treated_function) json["normal_liver_by_function"] = doses.normal * *r.treated_function;
  for (std::size_t i = 0; i < doses.lesion.size(); ++i) {
    json["lesions"][r.partition.model.lesions[i].name] = doses.lesion[i];
  }
  return json;
}

ordered_json model_json(const PartitionCase& p) {
  ordered_json json;
  json["lesions"] = ordered_json::array();
  for (const Lesion& lesion : p.model.lesions) {
    json["lesions"].push_back(
        {{"name", lesion.name}, {"mass_kg", lesion.mass}, {"tumour_to_normal", lesion.tumour_to_normal}});
  }
  json["tumour_mass_kg"] = tumour_mass(p.model);
  json["tumour_to_normal"] = pooled_tumour_to_normal(p.model);
  json["tumour_to_normal_from"] = p.uptake_recipe;
  json["normal"] = p.normal_structure;
  json["normal_mass_kg"] = p.model.normal_mass;
  json["lung_shunt_fraction"] = p.model.lung_shunt_fraction;
  json["lung_shunt_from"] = p.shunt_source;
  json["lung_mass_kg"] = p.model.lung_mass;
  json["lung_mass_from"] = p.lung_mass_source;
  json["lung_mass_by_ct_kg"] = or_null(p.lung_mass_ct);
  json["extrahepatic_share"] = or_null(p.extrahepatic);
  json["spared_activity_share"] = or_null(p.spared_activity);
  return json;
}

std::string masses_table(const PlanResult& r) {
  const PartitionModel& m = r.partition.model;
  std::string text = fmt::format("{:<24} {:>9} {:>17}\n", "compartment", "mass kg", "tumour-to-normal");
  for (const Lesion& lesion : m.lesions) {
    text += fmt::format("{:<24} {:>9.4f} {:>17.3f}\n", lesion.name, lesion.mass, lesion.tumour_to_normal);
  }
  if (m.lesions.size() > 1) {
    text += fmt::format("{:<24} {:>9.4f} {:>17.3f}\n", "tumours", tumour_mass(m), pooled_tumour_to_normal(m));
  }
  text += fmt::format("{:<24} {:>9.4f} {:>17}\n",
                      r.partition.normal_structure == "given" ? "normal liver" : r.partition.normal_structure,
                      m.normal_mass, "1");
  text +=
      fmt::format("{:<24} {:>9.4f}   shunt {:.2f} % ({})\n", fmt::format("lungs ({})", r.partition.lung_mass_source),
                  m.lung_mass, 100 * m.lung_shunt_fraction, r.partition.shunt_source);
  if (r.partition.lung_mass_ct) text += fmt::format("{:<24} {:>9.4f}\n", "lungs by CT", *r.partition.lung_mass_ct);
  return text + fmt::format("tumour-to-normal: {}; k = {:.3f} Gy kg/GBq\n", r.partition.uptake_recipe, m.dose_constant);
}

std::string dose_row(const std::string& name, double activity, const PartitionDoses& d) {
  return fmt::format("{:<34} {:>8.3f} {:>9.2f} {:>9.2f} {:>8.3f}\n", name, activity, d.tumour, d.normal, d.lung);
}

const VialDraw* vial_of(const PlanResult& r, std::size_t session) {
  return session < r.vials.size() ? &r.vials[session] : nullptr;
}

/// Microspheres of an activity [GBq], where the protocol knows one's.
std::optional<double> spheres_of(const PlanResult& r, double activity) {
  if (!r.protocol.sphere_count) return {};
  return activity * 1e9 / r.protocol.sphere_count->activity;
}

ordered_json vial_json(const VialDraw* vial) {
  if (vial == nullptr) return nullptr;
  return {{"drawn_GBq", vial->drawn},
          {"at_calibration_GBq", vial->at_calibration},
          {"vial_at_administration_GBq", vial->vial_at_administration},
          {"share", vial->share},
          {"volume_mL", vial->volume}};
}

ordered_json session_json(const PlanResult& r, const PlannedSession& s, const VialDraw* vial) {
  ordered_json json{{"activity_GBq", s.activity},
                    {"dose_Gy", doses_json(r, s.doses, s.activity)},
                    {"limited_by", s.limited_by.empty() ? ordered_json(nullptr) : ordered_json(s.limited_by)},
                    {"sphere_count", or_null(spheres_of(r, s.activity))},
                    {"vial", vial_json(vial)},
                    {"perfused", ordered_json::array()}};
  for (const PositionShare& p : r.partition.positions)
    json["perfused"].push_back({{"structure", p.structure}, {"activity_GBq", p.share * s.activity}});
  return json;
}

ordered_json given_json(const GivenSession& g) {
  return {{"tumour", g.doses.tumour}, {"normal", g.doses.normal}, {"lung", g.doses.lung}};
}

/// What keeps the plan from its goal, or the patient from a plan.
std::string outcome(const PlanResult& r) {
  if (!r.excluded.empty()) {
    std::string list;
    for (const std::string& id : r.excluded) list += (list.empty() ? "" : ", ") + id;
    return fmt::format("\nEXCLUDED by {}: no session is planned ([protocol.RULE] enabled = false would plan one)\n",
                       list);
  }
  std::string text = r.plan.binding.empty() ? "\nthe goal is reached within all limits\n"
                                            : fmt::format("\n{} keeps the plan from its goal\n", r.plan.binding);
  if (r.plan.second) {
    text += fmt::format(
        "one session reaches the protocol's range; a second of {:.3f} GBq would add {:.1f} Gy to the tumours and "
        "{:.2f} "
        "Gy to the lungs ([plan] sessions = 2)\n",
        r.plan.second->activity, r.plan.second->doses.tumour, r.plan.second->doses.lung);
  }
  for (const PlannedSession& s : r.plan.sessions) {
    for (const PositionShare& p : r.partition.positions)
      text += fmt::format("of {:.3f} GBq: {:.3f} GBq to {}\n", s.activity, p.share * s.activity, p.structure);
    if (const auto spheres = spheres_of(r, s.activity)) {
      text += fmt::format("{:.3f} GBq are about {:.2g} million microspheres\n", s.activity, *spheres / 1e6);
    }
  }
  return text;
}

/// What may make the plan wrong; the rest is told while the case is read.
std::string warning_lines(const PlanResult& r) {
  std::string text;
  for (const Warning& w : r.warnings) {
    if (w.kind == WarningClass::wrong_dose) text += "WARNING: " + w.text + "\n";
  }
  return text;
}

}  // namespace

std::string plan_table(const PlanResult& r) {
  std::string text = fmt::format("{}, protocol {}\n\n{}\n", r.case_name, r.protocol.title, masses_table(r));
  text += fmt::format("{:<34} {:>8} {:>9} {:>9} {:>8}\n", "", "GBq", "tumour Gy", "normal Gy", "lung Gy");
  const PartitionModel& m = r.partition.model;
  if (r.administered) text += dose_row("administered", *r.partition.administered, *r.administered);
  text += dose_row(fmt::format("goal: {:g} Gy to the tumours", r.goal), r.goal_activity,
                   partition_doses(m, r.goal_activity));
  if (r.screening_tumour) {
    const double a = *activity_for(m, Compartment::tumour, *r.screening_tumour);
    text += dose_row(fmt::format("screening: {:g} Gy", *r.screening_tumour), a, partition_doses(m, a));
  }
  for (const ReachedLimit& limit : r.limits) {
    const std::string name = fmt::format("limit: {} {:g} Gy", limit.rule, limit.dose);
    text += limit.activity ? dose_row(name, *limit.activity, partition_doses(m, *limit.activity))
                           : fmt::format("{:<34} no activity reaches it\n", name);
  }
  for (const GivenSession& g : r.given) text += dose_row("given: " + g.name, g.activity, g.doses);
  double sum = 0;
  for (std::size_t s = 0; s < r.plan.sessions.size(); ++s) {
    const PlannedSession& session = r.plan.sessions[s];
    sum += session.activity;
    std::string name = r.plan.sessions.size() == 1 ? "PLAN" : fmt::format("PLAN, session {}", s + 1);
    if (!session.limited_by.empty()) name += " (" + session.limited_by + ")";
    text += dose_row(name, session.activity, session.doses);
  }
  if (r.plan.sessions.size() > 1) text += dose_row("PLAN, sum", sum, partition_doses(m, sum));
  text += outcome(r) + warning_lines(r);
  if (r.function) text += function_lines(*r.function);
  if (r.treated_function && sum > 0) {
    text += fmt::format("the normal liver's mean dose, weighed by function: {:.2f} Gy by the plan\n",
                        partition_doses(m, sum).normal * *r.treated_function);
  }
  text += manual_lines(r.manual);
  for (std::size_t s = 0; s < r.vials.size(); ++s) {
    const VialDraw& v = r.vials[s];
    text += fmt::format(
        "vial{}: draw {:.3f} GBq at administration ({:.3f} GBq at calibration), {:.2f} mL, {:.1f} % of it{}\n",
        r.vials.size() == 1 ? "" : fmt::format(" of session {}", s + 1), v.drawn, v.at_calibration, v.volume,
        100 * v.share, v.share > 1 ? ": more than one vial" : "");
  }
  return text;
}

std::string plan_json(const PlanResult& r) {
  ordered_json json;
  json["case"] = r.case_name;
  json["protocol"] = r.protocol.name;
  json["goal"] = {{"tumour_Gy", r.goal}, {"activity_GBq", r.goal_activity}};
  json["sessions"] = ordered_json::array();
  for (const PlannedSession& s : r.plan.sessions) {
    json["sessions"].push_back(session_json(r, s, vial_of(r, json["sessions"].size())));
  }
  json["excluded"] = r.excluded;
  json["given"] = ordered_json::array();
  for (const GivenSession& g : r.given) {
    json["given"].push_back({{"session", g.name}, {"activity_GBq", g.activity}, {"dose_Gy", given_json(g)}});
  }
  json["second_session"] = r.plan.second ? session_json(r, *r.plan.second, nullptr) : ordered_json(nullptr);
  json["screening"] = nullptr;
  if (r.screening_tumour) json["screening"] = {{"tumour_Gy", *r.screening_tumour}, {"lung_Gy", r.screening_lung}};
  json["limits"] = ordered_json::array();
  for (const ReachedLimit& limit : r.limits) {
    json["limits"].push_back({{"rule", limit.rule},
                              {"limit_Gy", limit.dose},
                              {"activity_GBq", or_null(limit.activity)},
                              {"tumour_Gy", or_null(limit.tumour)}});
  }
  json["binding"] = r.plan.binding.empty() ? ordered_json(nullptr) : ordered_json(r.plan.binding);
  json["dose_constant_Gy_kg_per_GBq"] = r.partition.model.dose_constant;
  json["administered"] = nullptr;
  if (r.administered) {
    json["administered"] = {{"activity_GBq", *r.partition.administered},
                            {"dose_Gy", doses_json(r, *r.administered, *r.partition.administered)}};
  }
  json["model"] = model_json(r.partition);
  json["manual"] = ordered_json::parse(manual_json(r.manual));
  if (r.function) json["function"] = ordered_json::parse(function_json(*r.function));
  json["vial"] = vial_json(vial_of(r, 0));
  json["warnings"] = ordered_json::parse(warnings_json(r.warnings));
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace ytterby::io
