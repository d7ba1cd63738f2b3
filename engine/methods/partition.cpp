#include "engine/methods/partition.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/error.h"

namespace ytterby {
namespace {

constexpr double activity_step = 0.001;  // [GBq] that a dose calibrator and a syringe can follow

std::string shown(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  return text.back() == '.' ? text + "0" : text;
}

void require(bool holds, const std::string& what, double value, const std::string& right) {
  if (!holds) throw Error(Fault::input, what + " is " + shown(value) + ", needs to be " + right);
}

/// Sum of r_j m_j over lesions and normal liver [kg].
double weighted_mass(const PartitionModel& model) {
  double sum = model.normal_mass;
  for (const Lesion& lesion : model.lesions) sum += lesion.tumour_to_normal * lesion.mass;
  return sum;
}

bool within(const DoseLimit& limit, double dose) {
  return limit.at_limit_passes ? dose <= limit.dose : dose < limit.dose;
}

/// The next session's activity [GBq], and what decides it.
struct Choice {
  double activity = 0;
  std::string rule;  // empty: the goal
};

/// Doses of all sessions before [Gy].
PartitionDoses operator+(const PartitionDoses& a, const PartitionDoses& b) {
  return {{}, a.tumour + b.tumour, a.normal + b.normal, a.lung + b.lung};
}

/// Adding up two sessions' doses can round up; the limits are held by their sum.
bool allowed(const PartitionModel& model, const PartitionDoses& before, double activity,
             std::span<const DoseLimit> limits) {
  const PartitionDoses session = partition_doses(model, activity);
  return std::all_of(limits.begin(), limits.end(), [&](const DoseLimit& limit) {
    const double dose = dose_of(session, limit.compartment);
    return within(limit, limit.cumulative ? dose_of(before, limit.compartment) + dose : dose);
  });
}

Choice largest_activity(const PartitionModel& model, double goal, const PartitionDoses& before,
                        std::span<const DoseLimit> limits) {
  // Tumours get a dose from any activity: their masses and ratios are above 0.
  Choice choice{std::max(0.0, *activity_for(model, Compartment::tumour, goal - before.tumour)), ""};
  for (const DoseLimit& limit : limits) {
    const double earlier = limit.cumulative ? dose_of(before, limit.compartment) : 0;
    const auto most = activity_for(model, limit.compartment, limit.dose - earlier);
    if (most && *most < choice.activity) choice = {std::max(0.0, *most), limit.rule};
  }
  // A step within rounding of the exact value counts as reached: 3.7118 GBq must not become 3.711.
  double steps = std::floor(choice.activity / activity_step + 1e-9);
  while (steps > 0 && !allowed(model, before, steps * activity_step, limits)) --steps;
  // k * 0.001 and k / 1000 differ in the last bit; the latter is what the decimal text reads back as.
  choice.activity = steps / std::round(1 / activity_step);
  return choice;
}

PlannedSession planned(const PartitionModel& model, const Choice& choice) {
  return {choice.activity, partition_doses(model, choice.activity), choice.rule};
}

}  // namespace

void check_partition(const PartitionModel& model) {
  if (model.lesions.empty()) throw Error(Fault::input, "the partition model needs at least one tumour");
  for (const Lesion& lesion : model.lesions) {
    const std::string name = lesion.name.empty() ? "a tumour" : "tumour \"" + lesion.name + "\"";
    require(lesion.mass > 0 && std::isfinite(lesion.mass), "the mass of " + name, lesion.mass, "above 0 kg");
    require(lesion.tumour_to_normal > 0 && std::isfinite(lesion.tumour_to_normal),
            "the tumour-to-normal ratio of " + name, lesion.tumour_to_normal, "above 0");
  }
  require(model.normal_mass >= 0 && std::isfinite(model.normal_mass), "the mass of the perfused normal liver",
          model.normal_mass, "0 kg or more");
  require(model.lung_mass > 0 && std::isfinite(model.lung_mass), "the mass of the lungs", model.lung_mass,
          "above 0 kg");
  require(model.lung_shunt_fraction >= 0 && model.lung_shunt_fraction < 1, "the lung shunt fraction",
          model.lung_shunt_fraction, "0 to below 1");
  require(model.dose_constant > 0 && std::isfinite(model.dose_constant), "the dose constant", model.dose_constant,
          "above 0 Gy kg/GBq");
}

double tumour_mass(const PartitionModel& model) {
  double sum = 0;
  for (const Lesion& lesion : model.lesions) sum += lesion.mass;
  return sum;
}

double pooled_tumour_to_normal(const PartitionModel& model) {
  return (weighted_mass(model) - model.normal_mass) / tumour_mass(model);
}

PartitionDoses partition_doses(const PartitionModel& model, double activity) {
  PartitionDoses doses;
  // Dose to normal liver; a compartment of ratio r gets r times as much.
  const double unit = model.dose_constant * activity * (1 - model.lung_shunt_fraction) / weighted_mass(model);
  for (const Lesion& lesion : model.lesions) doses.lesion.push_back(unit * lesion.tumour_to_normal);
  doses.tumour = unit * pooled_tumour_to_normal(model);
  doses.normal = model.normal_mass > 0 ? unit : 0;
  doses.lung = model.dose_constant * activity * model.lung_shunt_fraction / model.lung_mass;
  return doses;
}

double dose_of(const PartitionDoses& doses, Compartment compartment) {
  switch (compartment) {
    case Compartment::tumour:
      return doses.tumour;
    case Compartment::normal:
      return doses.normal;
    case Compartment::lung:
      break;
  }
  return doses.lung;
}

std::optional<double> activity_for(const PartitionModel& model, Compartment compartment, double dose) {
  const double per_GBq = dose_of(partition_doses(model, 1), compartment);
  if (!(per_GBq > 0)) return {};
  return dose / per_GBq;
}

TreatmentPlan plan_sessions(const PartitionModel& model, const PlanGoal& goal, SessionCount count,
                            std::span<const DoseLimit> limits) {
  check_partition(model);
  constexpr std::size_t most = 2;
  if (goal.given.size() >= most) {
    throw Error(Fault::input, std::to_string(goal.given.size()) + " sessions have been given, there may be " +
                                  std::to_string(most) + " in all: none is left to plan");
  }
  PartitionDoses before;
  for (const PartitionDoses& given : goal.given) before = before + given;
  const Choice first = largest_activity(model, goal.tumour, before, limits);
  if (!(first.activity > 0)) {
    throw Error(Fault::input, "no activity of 0.001 GBq or more keeps " +
                                  (first.rule.empty() ? "below the goal" : "the limit of " + first.rule) +
                                  (goal.given.empty() ? "" : ", with what earlier sessions gave"));
  }
  TreatmentPlan plan;
  plan.sessions.push_back(planned(model, first));
  plan.binding = first.rule;
  if (first.rule.empty() || count == SessionCount::one || goal.given.size() + 1 >= most) return plan;
  before = before + plan.sessions.front().doses;
  const Choice second = largest_activity(model, goal.tumour, before, limits);
  const bool enough = count == SessionCount::automatic && before.tumour >= goal.enough.value_or(goal.tumour);
  if (enough) {
    if (second.activity > 0) plan.second = planned(model, second);
    return plan;
  }
  plan.binding = second.rule;
  if (second.activity > 0) plan.sessions.push_back(planned(model, second));
  return plan;
}

}  // namespace ytterby
