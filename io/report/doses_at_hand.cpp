#include "io/report/doses_at_hand.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace ytterby::io {
namespace {

const NamedDoses* named(const std::vector<NamedDoses>& doses, std::string_view name) {
  const auto found = std::find_if(doses.begin(), doses.end(), [&](const NamedDoses& d) { return d.structure == name; });
  return found == doses.end() ? nullptr : &*found;
}

/// The first structure of a role that has a dose.
const NamedDoses* of_role(const ReportInput& input, const std::vector<NamedDoses>& doses, Role role) {
  for (const Structure& s : input.doses.front().structures) {
    if (s.role != role) continue;
    if (const NamedDoses* found = named(doses, s.name)) return found;
  }
  return nullptr;
}

bool is_lung(const ReportInput& input, const std::string& name) {
  const std::vector<Structure>& all = input.doses.front().structures;
  return std::any_of(all.begin(), all.end(),
                     [&](const Structure& s) { return s.name == name && s.role == Role::lung; });
}

std::vector<NamedDoses> all_doses(const ReportInput& input) {
  std::vector<NamedDoses> doses;
  if (input.verdict) {
    for (const StructureByMethods& s : structures_of(*input.verdict)) {
      NamedDoses row{s.first->name, {}};
      for (const auto& [method, metrics] : s.methods) row.means.emplace_back(method, metrics->mean);
      doses.push_back(std::move(row));
    }
    return doses;
  }
  for (const Structure& s : input.doses.front().structures) {
    NamedDoses row{s.name, {}};
    for (const DoseFile& f : input.doses) {
      for (const StructureDose& d : f.map.structures) {
        if (d.name == s.name) row.means.emplace_back(f.map.method, validation::Estimate{d.mean, d.mean_error});
      }
    }
    if (!row.means.empty()) doses.push_back(std::move(row));
  }
  return doses;
}

}  // namespace

const validation::Estimate* NamedDoses::by(const std::string& method) const {
  const auto found = std::find_if(means.begin(), means.end(), [&](const auto& m) { return m.first == method; });
  return found == means.end() || !std::isfinite(found->second.value) ? nullptr : &found->second;
}

std::vector<NamedDoses> doses_at_hand(const ReportInput& input) {
  std::vector<NamedDoses> doses = all_doses(input);
  if (!input.doses.front().account.lungs_cut_off) return doses;
  for (NamedDoses& d : doses) {
    if (!is_lung(input, d.structure)) continue;
    std::erase_if(d.means, [](const auto& m) { return m.first != "partition"; });
  }
  std::erase_if(doses, [](const NamedDoses& d) { return d.means.empty(); });
  return doses;
}

FirstStructures first_structures(const ReportInput& input, const std::vector<NamedDoses>& doses) {
  FirstStructures first;
  first.tumour = named(doses, tumours_name);
  if (first.tumour == nullptr) first.tumour = of_role(input, doses, Role::tumour);
  for (const std::string_view name : {perfused_normal_name, normal_liver_name}) {
    if (first.normal == nullptr) first.normal = named(doses, name);
  }
  if (first.normal == nullptr) first.normal = of_role(input, doses, Role::liver);
  first.lungs = of_role(input, doses, Role::lung);
  if (first.lungs == nullptr) first.lungs = named(doses, "lungs");
  return first;
}

}  // namespace ytterby::io
