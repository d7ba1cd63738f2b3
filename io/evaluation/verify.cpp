#include "io/evaluation/verify.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "engine/grid/resample.h"
#include "engine/patient/activity.h"
#include "engine/patient/structures.h"
#include "io/text/iso_time.h"

namespace ytterby::io {
namespace {

constexpr double becquerel_per_GBq = 1e9;
constexpr double latest_image = 48;         // hours after administration, without a warning
constexpr double largest_difference = 0.1;  // of the image from what was given
constexpr double least_overlap = 0.5;       // of two livers in one frame

const ActivitySection& activity_of(const CaseFile& c) {
  return c.sessions.empty() ? *c.activity : c.sessions.front().activity;
}

Validation evaluated(const PreparedCase& prepared, const std::vector<DoseInput>& doses) {
  Evaluation evaluation(prepared);
  for (const DoseInput& dose : doses) evaluation.add(dose.read(), dose.name);
  return evaluation.judged();
}

/// The same judged as what was given: lung-limited within its own tolerance.
Validation as_delivery(Validation v) {
  v.treatment.delivered = true;
  std::vector<validation::Ruling> rulings = validation::apply(v.protocol, v.treatment);
  for (std::size_t r = 0; r < rulings.size(); ++r) rulings[r].settings = std::move(v.rulings[r].settings);
  v.rulings = std::move(rulings);
  return v;
}

/// One protocol judges both: the same rules with the same numbers.
void check_protocols(const PreparedCase& plan, const PreparedCase& delivered, const Validation& a,
                     const Validation& b) {
  const auto differs = [&](const std::string& what) {
    const CaseFile& c = delivered.resolved;
    throw Error(Fault::input, c.place(c.protocol ? c.protocol->line : 1) + "[protocol] " + what +
                                  " differs from that of " + plan.resolved.file.string() +
                                  ", plan and delivery need one protocol");
  };
  if (a.protocol.name != b.protocol.name) differs("preset");
  for (const Setting& s : a.protocol.settings) {
    const auto same = std::find_if(b.protocol.settings.begin(), b.protocol.settings.end(), [&](const Setting& t) {
      return t.table == s.table && t.key == s.key && t.value == s.value;
    });
    if (same == b.protocol.settings.end()) differs("[" + s.table + "] " + s.key);
  }
  if (a.judge != b.judge) differs("judge");
}

/// Sum over the sessions of what each states; unset where one states nothing.
std::optional<double> stated_activity(const PreparedCase& prepared) {
  double sum = 0;
  if (prepared.sessions.empty()) {
    sum = prepared.account.administered;
  } else {
    for (const PreparedSession& s : prepared.sessions) {
      if (!(s.account.administered > 0)) return {};
      sum += s.account.administered;
    }
  }
  return sum > 0 ? std::optional(sum / becquerel_per_GBq) : std::nullopt;
}

/// Hours from administration to the image, where the case has both times.
std::optional<double> hours_of(const PreparedCase& prepared, const ActivitySection& a, int line) {
  if (a.reference_time.empty() || a.administration_time.empty()) return {};
  const auto image = parse_time(a.reference_time), given = parse_time(a.administration_time);
  if (!image || !given) return {};
  const double hours = (image->seconds - given->seconds) / seconds_per_hour;
  if (hours < 0) {
    throw Error(Fault::input, prepared.resolved.place(line) + "[activity] reference_time " + a.reference_time + " is " +
                                  to_text(-hours, 4) + " h before the administration at " + a.administration_time +
                                  ": the image of a delivery comes after it");
  }
  return hours;
}

GivenActivity activities(const PreparedCase& plan, const PreparedCase& delivered, const Validation& judged) {
  GivenActivity result;
  const CaseFile& c = delivered.resolved;
  result.planned = stated_activity(plan);
  result.given = stated_activity(delivered);
  const ActivitySection& first = activity_of(c);
  if (first.quantity != Quantity::relative && !first.rescale_to_administered) {
    result.image = (delivered.account.on_grid + delivered.account.off_grid) / becquerel_per_GBq;
    const double shunt = judged.treatment.errors.lung_shunt_fraction;
    const double lungs = delivered.account.lungs_cut_off || delivered.account.lung_mass <= 0 ? shunt : 0;
    if (result.given) result.expected = *result.given * (1 - lungs);
  }
  if (c.sessions.empty()) {
    result.hours = hours_of(delivered, first, first.line);
  } else {
    for (const SessionEntry& s : c.sessions) {
      const auto hours = hours_of(delivered, s.activity, s.line);
      if (hours) result.hours = std::max(*hours, result.hours.value_or(0));
    }
  }
  return result;
}

void take_case_warnings(const char* side, const Warnings& own, const Warnings& other, Warnings& all) {
  for (Warning w : own) {
    const bool both = std::any_of(other.begin(), other.end(), [&](const Warning& o) { return o.text == w.text; });
    w.text = (both ? "plan and delivery: " : std::string(side) + ": ") + w.text;
    merge_warnings({w}, all);
  }
}

void take_warnings(Verification& v) {
  const GivenActivity& a = v.activity;
  const auto wrong = [&](const char* code, const std::string& text,
                         std::vector<std::pair<std::string, double>> numbers) {
    v.warnings.push_back({code, WarningClass::wrong_dose, text, std::move(numbers)});
  };
  if (a.hours && *a.hours > latest_image) {
    wrong("late-image",
          "the image was taken " + to_text(*a.hours, 4) +
              " h after administration, later than 48 h: little of the activity is left",
          {{"hours", *a.hours}, {"limit_hours", latest_image}});
  }
  if (a.image && a.expected && std::abs(*a.image / *a.expected - 1) > largest_difference) {
    wrong("image-not-as-given",
          "the image holds " + to_text(*a.image, 4) + " GBq, " + to_text(*a.expected, 4) +
              " GBq are expected of what was given: more than 10 % off",
          {{"image_GBq", *a.image}, {"expected_GBq", *a.expected}});
  }
  if (a.planned && a.given && std::abs(*a.given / *a.planned - 1) > largest_difference) {
    v.warnings.push_back(
        {"given-not-as-planned",
         WarningClass::note,
         to_text(*a.given, 4) + " GBq were given, " + to_text(*a.planned, 4) + " GBq planned: more than 10 % off",
         {{"given_GBq", *a.given}, {"planned_GBq", *a.planned}}});
  }
  wrong(
      "image-not-corrected",
      "blur and shift of the delivery's image are not corrected: they lower the dose of hot volumes and raise that of "
      "their neighbours, lung bases above all",
      {});
  take_case_warnings("plan", v.plan.warnings, v.delivered.warnings, v.warnings);
  take_case_warnings("delivery", v.delivered.warnings, v.plan.warnings, v.warnings);
}

double volume_above(const std::vector<float>& dose, const std::vector<float>& covered, double level) {
  double sum = 0;
  for (std::size_t i = 0; i < dose.size(); ++i) sum += dose[i] >= level && covered[i] >= 0.5F ? 1 : 0;
  return sum;
}

/// On the plan's grid; voxels of gas are left out.
void take_isodoses(const DoseFile& plan, const DoseFile& delivered, double goal, std::vector<IsodoseOverlap>& all) {
  std::vector<float> covered = coverage(delivered.map.grid, plan.map.grid);
  std::vector<float> dose = average({delivered.map.grid, delivered.map.dose}, plan.map.grid);
  for (std::size_t i = 0; i < dose.size(); ++i) {
    if (covered[i] > 0) dose[i] /= covered[i];
    if (plan.phantom.density[i] < gas_density) covered[i] = 0;
  }
  for (const double share : {0.5, 1.0}) {
    IsodoseOverlap o{plan.map.method, share * goal, share, 0, 0, {}};
    double both = 0;
    for (std::size_t i = 0; i < dose.size(); ++i) {
      both += covered[i] >= 0.5F && dose[i] >= o.level && plan.map.dose[i] >= o.level ? 1 : 0;
    }
    const double a = volume_above(plan.map.dose, covered, o.level), b = volume_above(dose, covered, o.level);
    if (a + b > 0) o.dice = 2 * both / (a + b);
    o.planned = a * plan.map.grid.voxel_volume();
    o.delivered = b * plan.map.grid.voxel_volume();
    all.push_back(o);
  }
}

/// How far the livers (the tumours, where a case has no liver) of plan and delivery lie over each other:
/// 2 |A and B| / (|A| + |B|) of their shares, on the plan's grid. 1 where one side has neither.
double overlap_of_livers(const PreparedCase& plan, const PreparedCase& delivered) {
  for (const Role role : {Role::liver, Role::tumour}) {
    const std::vector<float> a = union_of_role(plan.structures, role);
    std::vector<float> b = union_of_role(delivered.structures, role);
    if (a.empty() || b.empty()) continue;
    double both = 0, sum = 0;
    for (const float share : b) sum += static_cast<double>(share) * delivered.phantom.grid.voxel_volume();
    b = average({delivered.phantom.grid, std::move(b)}, plan.phantom.grid);
    for (std::size_t i = 0; i < a.size(); ++i) {
      both += static_cast<double>(std::min(a[i], b[i])) * plan.phantom.grid.voxel_volume();
      sum += static_cast<double>(a[i]) * plan.phantom.grid.voxel_volume();
    }
    return sum > 0 ? 2 * both / sum : 1;
  }
  return 1;
}

/// Dose files of the same method, pair by pair.
void take_all_isodoses(const std::vector<DoseInput>& plan, const std::vector<DoseInput>& delivered,
                       const PreparedCase& a, const PreparedCase& b, Verification& v) {
  const std::string& from = a.patient.frame.uid;
  const std::string& to = b.patient.frame.uid;
  const double overlap = overlap_of_livers(a, b);
  const bool two_frames = !from.empty() && !to.empty() && from != to;
  if (two_frames || overlap < least_overlap) {
    v.no_isodoses = (two_frames ? std::string("plan and delivery are in two frames of reference")
                                : "the livers of plan and delivery overlap by " + to_text(overlap, 3) +
                                      " (Dice): they are not in one frame") +
                    "; with the plan's CT and masks and [activity] transform the delivery would be in the plan's";
    return;
  }
  for (const DoseInput& p : plan) {
    const DoseFile planned = p.read();
    for (const DoseInput& d : delivered) {
      const DoseFile given = d.read();
      if (given.map.method == planned.map.method) take_isodoses(planned, given, v.goal, v.isodoses);
    }
  }
  if (v.isodoses.empty()) v.no_isodoses = "no method has a dose of both";
}

}  // namespace

Verification verify_cases(const PreparedCase& plan, const PreparedCase& delivered,
                          const std::vector<DoseInput>& plan_doses, const std::vector<DoseInput>& delivered_doses) {
  Verification v;
  v.plan = evaluated(plan, plan_doses);
  v.delivered = as_delivery(evaluated(delivered, delivered_doses));
  check_protocols(plan, delivered, v.plan, v.delivered);
  v.goal = plan.resolved.plan.value_or(PlanSection{}).tumour_Gy;
  v.activity = activities(plan, delivered, v.delivered);
  take_all_isodoses(plan_doses, delivered_doses, plan, delivered, v);
  take_warnings(v);
  return v;
}

void take_ensemble(EnsembleResult ensemble, const std::string& file, Verification& v) {
  const bool of_plan = ensemble.content_hash == v.plan.content_hash;
  if (!of_plan && ensemble.content_hash != v.delivered.content_hash) {
    throw Error(Fault::input, file + ": is the ensemble of another case: its content_hash is " + ensemble.content_hash +
                                  ", those of the two cases are " + v.plan.content_hash + " and " +
                                  v.delivered.content_hash);
  }
  Validation& side = of_plan ? v.plan : v.delivered;
  if (side.ensemble) throw Error(Fault::input, file + ": is a second ensemble of " + side.case_name);
  const std::vector<validation::Ruling> before = side.rulings;
  take_ensemble(std::move(ensemble), file, side);
  for (std::size_t r = 0; r < before.size() && !of_plan; ++r)
    if (before[r].reason == "lung-limited") side.rulings[r].probability = before[r].probability;
}

}  // namespace ytterby::io
