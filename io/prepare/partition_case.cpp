#include "io/prepare/partition_case.h"

#include <algorithm>
#include <cmath>

#include "engine/base/numbers.h"
#include "engine/patient/structures.h"
#include "io/prepare/parts.h"

namespace ytterby::io {
namespace {

constexpr double gram_per_kg = 1000, becquerel_per_GBq = 1e9;

/// What one session is made of.
struct View {
  const PreparedCase& prepared;
  const std::vector<Structure>& structures;
  const MeasuredUptake& uptake;
  const ActivityAccount& account;
  const ActivitySection& section;
  std::string place;  // of the activity, to lead messages
};

/// Share of a tumour's activity that its mask shows; 1 without [plan] recovery.
double recovery_of(const CaseFile& c, std::size_t tumour) {
  if (!c.plan || c.plan->recovery.empty()) return 1;
  const std::vector<double>& all = c.plan->recovery;
  return all.size() == 1 ? all.front() : all[tumour];
}

void check_recovery(const CaseFile& c, std::size_t tumours) {
  if (!c.plan || c.plan->recovery.size() <= 1 || c.plan->recovery.size() == tumours) return;
  refuse(c.place(c.plan->line), "[plan] recovery has " + std::to_string(c.plan->recovery.size()) + " numbers for " +
                                    std::to_string(tumours) + " tumours, needs one for all or one for each");
}

std::string recipe_of(const CaseFile& c, const std::string& normal) {
  std::string text = "activity per mass in each tumour's mask over that in " + normal + ", on the image's own voxels";
  if (c.plan && c.plan->guard_ring_mm > 0) {
    text += ", " + to_text(c.plan->guard_ring_mm) + " mm around the tumours left out";
  }
  return c.plan && !c.plan->recovery.empty() ? text + ", over the tumour's recovery" : text;
}

void take_compartments(const View& view, const std::optional<double>& ratio, PartitionCase& result) {
  const CaseFile& c = view.prepared.resolved;
  const auto has = [&](Role role) {
    return std::any_of(view.structures.begin(), view.structures.end(),
                       [&](const Structure& s) { return s.role == role && s.name != "tumours"; });
  };
  if (!has(Role::tumour)) refuse(view.place, "the partition model needs a [[structure]] of role tumour");
  if (view.uptake.compartments.empty()) {
    refuse(view.place, "the partition model needs a [[structure]] of role liver, with liver beside the tumours in it");
  }
  const CompartmentUptake& normal = view.uptake.compartments.back();
  result.normal_structure = normal.name;
  result.model.normal_mass = result.whole_normal_mass = normal.mass / gram_per_kg;
  for (const Structure& s : view.structures) {
    if (s.name != "normal-liver" || normal.name == s.name) continue;
    result.whole_normal_mass = mass_of(s.fraction, view.prepared.phantom) / gram_per_kg;
  }
  result.uptake_recipe = ratio ? "given" : recipe_of(c, normal.name);
  if (!ratio && !(normal.activity > 0 && normal.measured > 0)) {
    refuse(view.place, "tumour_to_normal cannot be taken from the image: there is no activity in " + normal.name +
                           "; [protocol] tumour_to_normal gives it");
  }
  check_recovery(c, view.uptake.compartments.size() - 1);
  for (std::size_t t = 0; t + 1 < view.uptake.compartments.size(); ++t) {
    const CompartmentUptake& tumour = view.uptake.compartments[t];
    if (!ratio && !(tumour.activity > 0))
      refuse(view.place, "there is no activity in the tumour \"" + tumour.name + "\"");
    const double measured =
        ratio ? *ratio : tumour.activity / recovery_of(c, t) / tumour.measured / (normal.activity / normal.measured);
    result.model.lesions.push_back({tumour.name, tumour.mass / gram_per_kg, measured});
  }
}

/// A ratio that is given holds in each volume; the one that the model needs is between tumours and all normal liver.
void take_positions(const View& view, const std::optional<double>& ratio, PartitionCase& result) {
  const std::vector<PerfusedEntry>& entries = view.section.perfused;
  if (entries.empty()) return;
  if (ratio) {
    refuse(view.place, "[protocol] tumour_to_normal does not go with [[perfused]]: leave it out, the image has it");
  }
  for (const PerfusedEntry& p : entries)
    result.positions.push_back({p.structure, p.administered_GBq / administered_GBq(entries)});
}

void take_lungs(const View& view, double convention, PartitionCase& result) {
  const ActivityAccount& account = view.account;
  const auto& protocol = view.prepared.resolved.protocol;
  const bool has_lungs = account.lung_mass > 0;
  if (has_lungs && !account.lungs_cut_off) result.lung_mass_ct = account.lung_mass / gram_per_kg;
  if (protocol && protocol->lung_mass_from_ct) {
    if (!result.lung_mass_ct) {
      refuse(view.prepared.resolved.place(protocol->line),
             "[protocol] lung_mass_kg = \"ct\" needs lungs that are whole in the image");
    }
    result.model.lung_mass = *result.lung_mass_ct;
    result.lung_mass_source = "ct";
  } else {
    const bool given = protocol && protocol->lung_mass_kg;
    result.model.lung_mass = given ? *protocol->lung_mass_kg : convention;
    result.lung_mass_source = given ? "given" : "convention";
  }
  if (account.lung_shunt_fraction) {
    result.model.lung_shunt_fraction = *account.lung_shunt_fraction;
    result.shunt_source = account.shunt_from_image ? "image" : view.section.lung_shunt_from ? "planar" : "given";
    return;
  }
  if (!has_lungs || account.lungs_cut_off) {
    refuse(view.place, std::string("lung_shunt_fraction has to be given: the lungs ") +
                           (has_lungs ? "are cut off by the image" : "are no [[structure]] of the case"));
  }
  result.model.lung_shunt_fraction = account.in_lungs / (account.in_lungs + account.outside_lungs);
  result.shunt_source = "image";
}

/// Volumes for the manual's methods; nothing without a liver.
std::optional<LiverInvolvement> involvement(const View& view, double shunt) {
  const std::vector<float> liver = union_of_role(view.structures, Role::liver);
  if (liver.empty()) return {};
  const Grid& grid = view.prepared.phantom.grid;
  const std::vector<float> tumours = union_of_role(view.structures, Role::tumour);
  LiverInvolvement result;
  result.tumour_volume = volume_of(tumours, grid);
  const std::vector<float> both = larger(liver, tumours);
  result.liver_volume = volume_of(both, grid);
  result.lung_shunt_fraction = shunt;
  if (const std::vector<float> perfused = union_of_role(view.structures, Role::perfused); !perfused.empty()) {
    double treated = 0, treated_tumour = 0;
    for (std::size_t v = 0; v < both.size(); ++v) {
      treated += static_cast<double>(std::min(both[v], perfused[v]));
      treated_tumour += static_cast<double>(std::min(tumours[v], perfused[v]));
    }
    const double share = treated * grid.voxel_volume() / result.liver_volume;
    if (share > 0) {
      result.treated_share = std::min(1.0, share);
      result.treated_tumour_volume = std::min(result.tumour_volume, treated_tumour * grid.voxel_volume());
    }
  }
  return result;
}

PartitionCase partition_of_view(const View& view, double convention) {
  PartitionCase result;
  const auto& protocol = view.prepared.resolved.protocol;
  result.model.dose_constant = view.prepared.source.nuclide.dose_constant();
  take_positions(view, protocol ? protocol->tumour_to_normal : std::nullopt, result);
  take_compartments(view, protocol ? protocol->tumour_to_normal : std::nullopt, result);
  take_lungs(view, convention, result);
  const double shunt = result.model.lung_shunt_fraction;
  result.administered = view.section.quantity == Quantity::relative
                            ? view.account.administered / becquerel_per_GBq
                            : view.account.outside_lungs / (1 - shunt) / becquerel_per_GBq;
  result.liver = involvement(view, shunt);
  result.extrahepatic = view.uptake.extrahepatic;
  result.spared_activity = view.uptake.spared;
  at_place(view.place, [&] { check_partition(result.model); });
  return result;
}

}  // namespace

std::vector<PartitionCase> partition_of(const PreparedCase& prepared, double lung_mass_convention) {
  const CaseFile& c = prepared.resolved;
  if (prepared.sessions.empty()) {
    const ActivitySection& section = *c.activity;
    return {partition_of_view({prepared, prepared.structures, prepared.uptake, prepared.account, section,
                               c.place(section.line) + "[activity] "},
                              lung_mass_convention)};
  }
  std::vector<PartitionCase> all;
  for (std::size_t s = 0; s < prepared.sessions.size(); ++s) {
    const PreparedSession& session = prepared.sessions[s];
    const SessionEntry& entry = c.sessions[s];
    all.push_back(partition_of_view(
        {prepared, session.structures.empty() ? prepared.structures : session.structures, session.uptake,
         session.account, entry.activity, c.place(entry.line) + "[[session]] \"" + entry.name + "\" "},
        lung_mass_convention));
    all.back().session = entry.name;
  }
  return all;
}

ManualActivities manual_activities(const CaseFile& c, const PartitionCase& partition) {
  ManualActivities result;
  if (!partition.liver) return result;
  result.empirical = empirical_activity(*partition.liver);
  const PlanSection section = c.plan.value_or(PlanSection{});
  if (section.height_cm) result.bsa = bsa_activity(*partition.liver, *section.height_cm / 100, *section.weight_kg);
  return result;
}

PartitionCase partition_of_numbers(const CaseFile& c) {
  const PartitionSection& p = *c.partition;
  PartitionCase result;
  for (std::size_t i = 0; i < p.tumour_mass_kg.size(); ++i) {
    const std::string name = p.tumour_mass_kg.size() == 1 ? "tumour" : "tumour-" + std::to_string(i + 1);
    const std::vector<double>& ratios = p.tumour_to_normal;
    result.model.lesions.push_back({name, p.tumour_mass_kg[i], ratios.size() == 1 ? ratios.front() : ratios[i]});
  }
  result.model.normal_mass = p.normal_mass_kg;
  result.model.lung_mass = p.lung_mass_kg;
  result.model.lung_shunt_fraction = p.lung_shunt_fraction;
  result.model.dose_constant = p.dose_constant_Gy_kg_per_GBq.value_or(nuclide_of(c).dose_constant());
  result.whole_normal_mass = p.normal_mass_kg;
  result.uptake_recipe = result.lung_mass_source = result.shunt_source = "given";
  result.normal_structure = "given";
  at_place(c.place(p.line) + "[partition] ", [&] { check_partition(result.model); });
  return result;
}

}  // namespace ytterby::io
