#include "io/prepare/partition_case.h"

#include <algorithm>
#include <cmath>

#include "engine/base/numbers.h"
#include "engine/patient/structures.h"
#include "engine/physics/nuclide.h"
#include "io/prepare/parts.h"

namespace ytterby::io {
namespace {

constexpr double gram_per_kg = 1000, becquerel_per_GBq = 1e9;

/// What one session is made of.
struct View {
  const PreparedCase& prepared;
  const std::vector<Structure>& structures;
  const std::vector<double>& activity;  // [Bq]
  const ActivityAccount& account;
  const ActivitySection& section;
  std::string place;  // of the activity, to lead messages
};

double activity_in(const View& view, const std::vector<float>& fraction) {
  double sum = 0;
  for (std::size_t v = 0; v < fraction.size(); ++v) {
    if (fraction[v] > 0) sum += static_cast<double>(fraction[v]) * view.activity[v];
  }
  return sum;
}

/// The normal compartment; throws where the case has none.
const Structure& normal_of(const View& view) {
  for (const char* name : {"perfused-normal", "normal-liver"}) {
    const auto found = std::find_if(view.structures.begin(), view.structures.end(),
                                    [&](const Structure& s) { return s.name == name; });
    if (found != view.structures.end()) return *found;
  }
  refuse(view.place, "the partition model needs a [[structure]] of role liver, with liver beside the tumours in it");
}

void take_compartments(const View& view, const std::optional<double>& ratio, PartitionCase& result) {
  const Structure& normal = normal_of(view);
  result.normal_structure = normal.name;
  const double normal_mass = mass_of(normal.fraction, view.prepared.phantom);
  const double in_normal = activity_in(view, normal.fraction);
  result.model.normal_mass = normal_mass / gram_per_kg;
  result.uptake_recipe = ratio ? "given" : "activity per mass in each tumour's mask over that in " + normal.name;
  if (!ratio && !(in_normal > 0)) {
    refuse(view.place, "tumour_to_normal cannot be taken from the image: there is no activity in " + normal.name +
                           "; [protocol] tumour_to_normal gives it");
  }
  for (const Structure& s : view.structures) {
    if (s.role != Role::tumour || s.name == "tumours") continue;
    const double mass = mass_of(s.fraction, view.prepared.phantom), inside = activity_in(view, s.fraction);
    if (!ratio && !(inside > 0)) refuse(view.place, "there is no activity in the tumour \"" + s.name + "\"");
    result.model.lesions.push_back(
        {s.name, mass / gram_per_kg, ratio ? *ratio : inside / mass / (in_normal / normal_mass)});
  }
  if (result.model.lesions.empty()) refuse(view.place, "the partition model needs a [[structure]] of role tumour");
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
    result.shunt_source = account.shunt_from_image ? "image" : "given";
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
    double treated = 0;
    for (std::size_t v = 0; v < both.size(); ++v) treated += static_cast<double>(std::min(both[v], perfused[v]));
    const double share = treated * grid.voxel_volume() / result.liver_volume;
    if (share > 0) result.treated_share = std::min(1.0, share);
  }
  return result;
}

PartitionCase partition_of_view(const View& view, double convention) {
  PartitionCase result;
  const auto& protocol = view.prepared.resolved.protocol;
  result.model.dose_constant = yttrium_90().dose_constant();
  take_compartments(view, protocol ? protocol->tumour_to_normal : std::nullopt, result);
  take_lungs(view, convention, result);
  const double shunt = result.model.lung_shunt_fraction;
  result.administered = view.section.quantity == Quantity::relative
                            ? view.account.administered / becquerel_per_GBq
                            : view.account.outside_lungs / (1 - shunt) / becquerel_per_GBq;
  result.liver = involvement(view, shunt);
  at_place(view.place, [&] { check_partition(result.model); });
  return result;
}

}  // namespace

std::vector<PartitionCase> partition_of(const PreparedCase& prepared, double lung_mass_convention) {
  const CaseFile& c = prepared.resolved;
  if (prepared.sessions.empty()) {
    const ActivitySection& section = *c.activity;
    return {partition_of_view({prepared, prepared.structures, prepared.source.voxels->activity, prepared.account,
                               section, c.place(section.line) + "[activity] "},
                              lung_mass_convention)};
  }
  std::vector<PartitionCase> all;
  for (std::size_t s = 0; s < prepared.sessions.size(); ++s) {
    const PreparedSession& session = prepared.sessions[s];
    const SessionEntry& entry = c.sessions[s];
    all.push_back(partition_of_view({prepared, session.structures.empty() ? prepared.structures : session.structures,
                                     session.source.voxels->activity, session.account, entry.activity,
                                     c.place(entry.line) + "[[session]] \"" + entry.name + "\" "},
                                    lung_mass_convention));
    all.back().session = entry.name;
  }
  return all;
}

PartitionCase partition_of_numbers(const CaseFile& c) {
  const PartitionSection& p = *c.partition;
  PartitionCase result;
  for (std::size_t i = 0; i < p.tumour_mass_kg.size(); ++i) {
    const std::string name = p.tumour_mass_kg.size() == 1 ? "tumour" : "tumour-" + std::to_string(i + 1);
    result.model.lesions.push_back({name, p.tumour_mass_kg[i], p.tumour_to_normal});
  }
  result.model.normal_mass = p.normal_mass_kg;
  result.model.lung_mass = p.lung_mass_kg;
  result.model.lung_shunt_fraction = p.lung_shunt_fraction;
  result.model.dose_constant = p.dose_constant_Gy_kg_per_GBq.value_or(yttrium_90().dose_constant());
  result.uptake_recipe = result.lung_mass_source = result.shunt_source = "given";
  result.normal_structure = "given";
  at_place(c.place(p.line) + "[partition] ", [&] { check_partition(result.model); });
  return result;
}

}  // namespace ytterby::io
