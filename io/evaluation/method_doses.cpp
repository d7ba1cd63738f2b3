// What each method says, as a protocol's rules need it.

#include <algorithm>
#include <cmath>

#include "engine/base/units.h"
#include "engine/dose/dvh.h"
#include "engine/patient/structures.h"
#include "io/evaluation/evaluation.h"
#include "validation/margin.h"

namespace ytterby::io {
namespace {

using validation::Estimate;
using validation::MethodDoses;

constexpr const char* monte_carlo = "monte-carlo";
constexpr const char* partition_name = "partition";

const StructureDose* find(const std::vector<StructureDose>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const StructureDose& s) { return s.name == name; });
  return found == all.end() ? nullptr : &*found;
}

bool derived(const Structure& s) {
  for (const char* name : {"tumours", "normal-liver", "perfused-normal", "spared-liver"}) {
    if (s.name == name) return true;
  }
  return false;
}

std::optional<Estimate> mean_of(const DoseMap& map, const std::string& name) {
  const StructureDose* dose = find(map.structures, name);
  return dose == nullptr ? std::nullopt : std::optional(Estimate{dose->mean, dose->error()});
}

/// Energy over mass of all of a role together. Monte Carlo's errors add up in quadrature (histories shared by two
/// structures are few), a kernel's, which all of its doses share, one by one.
std::optional<Estimate> mean_of_role(const DoseMap& map, const std::vector<Structure>& structures, Role role) {
  double mass = 0, energy = 0, square = 0, sum = 0;
  for (const Structure& s : structures) {
    const StructureDose* dose = s.role == role && !derived(s) ? find(map.structures, s.name) : nullptr;
    if (dose == nullptr) continue;
    mass += dose->mass;
    energy += dose->mean * dose->mass;
    sum += dose->error() * dose->mass;
    square += std::pow(dose->error() * dose->mass, 2);
  }
  if (!(mass > 0)) return {};
  return Estimate{energy / mass, (map.method == monte_carlo ? std::sqrt(square) : sum) / mass};
}

bool has_role(const std::vector<Structure>& structures, Role role) {
  return std::any_of(structures.begin(), structures.end(),
                     [role](const Structure& s) { return s.role == role && !derived(s); });
}

validation::LungDose lungs_of(const std::string& session, const DoseMap& map, const std::vector<Structure>& structures,
                              const ActivityAccount& account) {
  validation::LungDose lungs;
  lungs.session = session;
  if (!has_role(structures, Role::lung)) {
    lungs.reason = "no structure of role lung";
  } else if (account.lungs_cut_off) {
    lungs.reason = "the lungs are cut off by the image";
  } else {
    lungs.dose = mean_of_role(map, structures, Role::lung);
  }
  return lungs;
}

/// One dose per session; the sum where all are known.
void take_lungs(const DoseFile& f, MethodDoses& m) {
  if (f.sessions.empty()) {
    m.lungs.push_back(lungs_of("", f.map, f.structures, f.account));
    m.lung_sum = m.lungs.front().dose;
    return;
  }
  Estimate sum{0, 0};
  bool whole = true;
  for (const SessionRecord& s : f.sessions) {
    const bool own = has_role(s.structures, Role::lung);
    m.lungs.push_back(lungs_of(s.dose.name, s.dose.map, own ? s.structures : f.structures, s.account));
    const auto& dose = m.lungs.back().dose;
    whole = whole && dose.has_value();
    if (dose) sum = {sum.value + dose->value, std::hypot(sum.error, dose->error)};
  }
  if (whole) m.lung_sum = sum;
}

double mass_weighted_mean(const std::vector<float>& dose, const std::vector<float>& fraction,
                          const std::vector<float>& density) {
  double mass = 0, energy = 0;
  for (std::size_t i = 0; i < dose.size(); ++i) {
    const double m = static_cast<double>(fraction[i]) * static_cast<double>(density[i]);
    mass += m;
    energy += m * static_cast<double>(dose[i]);
  }
  return mass > 0 ? energy / mass : std::nan("");
}

/// Shells around the tumours within the perfused liver, the liver where nothing is perfused, or everywhere where the
/// case has no liver.
void take_margins(const DoseFile& f, const validation::Protocol& protocol, MethodDoses& m) {
  const std::vector<float> tumours = union_of_role(f.structures, Role::tumour);
  if (!protocol.margin || tumours.empty()) return;
  std::vector<float> liver;
  for (const char* name : {"normal-liver", "perfused-normal"}) {
    for (const Structure& s : f.structures) {
      if (s.name == name) liver = s.fraction;
    }
  }
  for (const double width_mm : protocol.margin->shells) {
    const double width = width_mm * cm_per_mm;
    const Structure shell{"margin", Role::liver, validation::shell_around(tumours, liver, f.phantom.grid, width)};
    const DoseVolume volume(f.map.dose, shell, f.phantom.density);
    if (volume.empty()) continue;
    const double mean = mass_weighted_mean(f.map.dose, shell.fraction, f.phantom.density);
    m.margins.push_back({width, {volume.dose_to(0.95), std::nan("")}, {mean, std::nan("")}});
  }
}

/// The perfused volume: as a structure, or the union of several (without an error then).
std::optional<Estimate> perfused_of(const DoseFile& f) {
  const auto own = [](const Structure& s) { return s.role == Role::perfused && !derived(s); };
  const auto count = std::count_if(f.structures.begin(), f.structures.end(), own);
  if (count == 0) return {};
  if (count == 1) return mean_of_role(f.map, f.structures, Role::perfused);
  std::vector<float> all;
  for (const Structure& s : f.structures) {
    if (own(s)) all = larger(std::move(all), s.fraction);
  }
  return Estimate{mass_weighted_mean(f.map.dose, all, f.phantom.density), std::nan("")};
}

}  // namespace

MethodDoses doses_of(const DoseFile& f, const validation::Protocol& protocol) {
  MethodDoses m;
  m.method = f.map.method;
  for (const Structure& s : f.structures) {
    if (s.role != Role::tumour || derived(s)) continue;
    if (const auto mean = mean_of(f.map, s.name)) m.lesions.push_back({s.name, *mean});
  }
  m.tumours = mean_of(f.map, "tumours");
  m.perfused = perfused_of(f);
  m.perfused_normal = mean_of(f.map, "perfused-normal");
  m.normal_liver = mean_of(f.map, "normal-liver");
  m.spared_liver = mean_of(f.map, "spared-liver");
  take_lungs(f, m);
  take_margins(f, protocol, m);
  return m;
}

MethodDoses doses_of(const std::vector<PartitionCase>& sessions) {
  const double none = std::nan("");
  MethodDoses m;
  m.method = partition_name;
  double tumours = 0, lungs = 0, perfused = 0, normals = 0, whole = 0;
  for (const PartitionCase& p : sessions) {
    const PartitionDoses doses = partition_doses(p.model, *p.administered);
    for (std::size_t i = 0; i < p.model.lesions.size(); ++i) {
      const std::string& name = p.model.lesions[i].name;
      auto at = std::find_if(m.lesions.begin(), m.lesions.end(), [&](const auto& l) { return l.name == name; });
      if (at == m.lesions.end()) at = m.lesions.insert(at, {name, {0, none}});
      at->dose.value += doses.lesion[i];
    }
    tumours += doses.tumour;
    lungs += doses.lung;
    normals += doses.normal;
    whole += doses.normal * p.model.normal_mass / p.whole_normal_mass;
    const double tumour = tumour_mass(p.model), normal = p.model.normal_mass;
    perfused += (doses.tumour * tumour + doses.normal * normal) / (tumour + normal);
    m.lungs.push_back({p.session, Estimate{doses.lung, none}, ""});
  }
  m.tumours = Estimate{tumours, none};
  m.lung_sum = Estimate{lungs, none};
  if (sessions.front().normal_structure == "perfused-normal") m.perfused = Estimate{perfused, none};
  if (sessions.front().normal_structure == "perfused-normal") m.perfused_normal = Estimate{normals, none};
  m.normal_liver = Estimate{whole, none};
  return m;
}

}  // namespace ytterby::io
