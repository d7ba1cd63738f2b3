#include "io/cli/treatment.h"

#include <algorithm>
#include <cmath>

#include "engine/dvh.h"
#include "engine/error.h"
#include "engine/structures.h"
#include "engine/units.h"
#include "io/cli/protocol_of.h"
#include "validation/margin.h"

namespace ytterby::cli {
namespace {

using validation::Estimate;
using validation::MethodDoses;
using validation::StructureMetrics;

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
  return dose == nullptr ? std::nullopt : std::optional(Estimate{dose->mean, dose->mean_error});
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
    sum += dose->mean_error * dose->mass;
    square += std::pow(dose->mean_error * dose->mass, 2);
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
void take_lungs(const io::DoseFile& f, MethodDoses& m) {
  if (f.sessions.empty()) {
    m.lungs.push_back(lungs_of("", f.map, f.structures, f.account));
    m.lung_sum = m.lungs.front().dose;
    return;
  }
  Estimate sum{0, 0};
  bool whole = true;
  for (const io::SessionRecord& s : f.sessions) {
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

/// Shells around the tumours within the liver, or everywhere where the case has no liver.
void take_margins(const io::DoseFile& f, const validation::Protocol& protocol, MethodDoses& m) {
  const std::vector<float> tumours = union_of_role(f.structures, Role::tumour);
  if (!protocol.margin || tumours.empty()) return;
  std::vector<float> liver;
  for (const Structure& s : f.structures) {
    if (s.name == "normal-liver") liver = s.fraction;
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
std::optional<Estimate> perfused_of(const io::DoseFile& f) {
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

StructureMetrics means_only(const std::string& name, Role role, double volume, double mass, double mean) {
  StructureMetrics m;
  m.name = name;
  m.role = role;
  m.volume = volume;
  m.mass = mass;
  m.mean.value = mean;
  return m;
}

/// The model's compartments under the names that the structures have.
MethodMetrics partition_metrics(const io::PreparedCase& prepared, const std::vector<io::PartitionCase>& sessions) {
  MethodMetrics metrics{partition_name, "", {}};
  const MethodDoses doses = doses_of(sessions);
  double normal = 0;
  for (const io::PartitionCase& p : sessions) normal += partition_doses(p.model, *p.administered).normal;
  const auto lungs = std::count_if(prepared.structures.begin(), prepared.structures.end(),
                                   [](const Structure& s) { return s.role == Role::lung; });
  for (const Structure& s : prepared.structures) {
    std::optional<double> mean;
    for (const auto& lesion : doses.lesions) {
      if (lesion.name == s.name) mean = lesion.dose.value;
    }
    if (s.name == "tumours") mean = doses.tumours->value;
    if (s.name == sessions.front().normal_structure) mean = normal;
    if (s.role == Role::lung && lungs == 1) mean = doses.lung_sum->value;
    if (!mean) continue;
    metrics.structures.push_back(means_only(s.name, s.role, volume_of(s.fraction, prepared.phantom.grid),
                                            mass_of(s.fraction, prepared.phantom), *mean));
  }
  return metrics;
}

MethodMetrics metrics_of(const io::DoseFile& f, const std::string& file) {
  MethodMetrics metrics{f.map.method, file, {}};
  for (const Structure& s : f.structures) {
    const StructureDose* dose = find(f.map.structures, s.name);
    if (dose == nullptr) continue;
    metrics.structures.push_back(validation::structure_metrics(f.map, *dose, s, f.phantom.density, f.half_life_h));
  }
  return metrics;
}

void check_dose_file(const io::PreparedCase& prepared, const io::DoseFile& f, const std::string& name,
                     const std::vector<MethodMetrics>& methods) {
  if (f.content_hash != prepared.content_hash) {
    throw Error(Fault::input, name + ": is the dose of another case: its content_hash is " + f.content_hash +
                                  ", that of " + prepared.resolved.file.string() + " is " + prepared.content_hash);
  }
  for (const MethodMetrics& m : methods) {
    if (m.method != f.map.method) continue;
    throw Error(Fault::input,
                name + ": is of method " + f.map.method + " like " + m.file + ", needs to be one of each");
  }
}

/// The partition model of the case, or why there is none.
void take_partition(const io::PreparedCase& prepared, Validation& v) {
  try {
    v.partition = io::partition_of(prepared, v.protocol.lung_mass);
  } catch (const Error& error) {
    if (v.judge == partition_name || error.fault() != Fault::input) throw;
    v.treatment.no_partition = error.what();
    return;
  }
  for (const io::PartitionCase& p : v.partition) {
    validation::Treatment::SessionLung lung{p.session, 0, partition_doses(p.model, *p.administered).lung};
    if (v.protocol.screening) {
      const auto activity = activity_for(p.model, Compartment::tumour, v.protocol.screening->tumour_dose);
      lung.screening = partition_doses(p.model, *activity).lung;
    }
    v.treatment.partition.push_back(lung);
  }
  v.treatment.methods.push_back(doses_of(v.partition));
  v.methods.push_back(partition_metrics(prepared, v.partition));
}

/// Errors that the case states. The shunt's acts on activity that was shared out by it, and on the partition model.
validation::StatedErrors stated_errors(const io::PreparedCase& prepared) {
  const io::CaseFile& c = prepared.resolved;
  const io::ActivitySection& activity = c.sessions.empty() ? *c.activity : c.sessions.front().activity;
  validation::StatedErrors errors;
  errors.activity = activity.relative_error.value_or(0);
  if (activity.quantity == io::Quantity::relative) errors.shunt = activity.shunt_relative_error.value_or(0);
  if (c.protocol) errors.lung_mass = c.protocol->lung_mass_relative_error.value_or(0);
  const ActivityAccount& account = c.sessions.empty() ? prepared.account : prepared.sessions.front().account;
  errors.lung_shunt_fraction = account.lung_shunt_fraction.value_or(0);
  return errors;
}

void take_differences(Validation& v) {
  const auto truth =
      std::find_if(v.methods.begin(), v.methods.end(), [](const MethodMetrics& m) { return m.method == monte_carlo; });
  if (truth == v.methods.end()) return;
  for (const MethodMetrics& m : v.methods) {
    if (m.method == monte_carlo) continue;
    auto& all = v.differences[m.method];
    for (const StructureMetrics& s : m.structures) {
      for (const StructureMetrics& t : truth->structures) {
        if (s.name != t.name) continue;
        for (auto& d : validation::differences(s, t)) all.push_back(std::move(d));
      }
    }
  }
}

/// Settings that no table of the protocol holds, but that decide.
void add_settings(Validation& v) {
  if (v.partition.empty()) return;
  const io::PartitionCase& p = v.partition.front();
  for (validation::Ruling& r : v.rulings) {
    const bool of_model = r.method == partition_name || r.id == "screening-lung-dose";
    if (!of_model) continue;
    r.settings.push_back({r.id, "lung_mass_kg", p.model.lung_mass, ""});
    r.settings.push_back({r.id, "lung_mass_from", p.lung_mass_source, ""});
    r.settings.push_back({r.id, "lung_shunt_fraction", p.model.lung_shunt_fraction, ""});
    r.settings.push_back({r.id, "lung_shunt_from", p.shunt_source, ""});
    r.settings.push_back({r.id, "tumour_to_normal", pooled_tumour_to_normal(p.model), ""});
    r.settings.push_back({r.id, "tumour_to_normal_from", p.uptake_recipe, ""});
  }
}

}  // namespace

MethodDoses doses_of(const io::DoseFile& f, const validation::Protocol& protocol) {
  MethodDoses m;
  m.method = f.map.method;
  for (const Structure& s : f.structures) {
    if (s.role != Role::tumour || derived(s)) continue;
    if (const auto mean = mean_of(f.map, s.name)) m.lesions.push_back({s.name, *mean});
  }
  m.tumours = mean_of(f.map, "tumours");
  m.perfused = perfused_of(f);
  m.spared_liver = mean_of(f.map, "spared-liver");
  take_lungs(f, m);
  take_margins(f, protocol, m);
  return m;
}

MethodDoses doses_of(const std::vector<io::PartitionCase>& sessions) {
  const double none = std::nan("");
  MethodDoses m;
  m.method = partition_name;
  double tumours = 0, lungs = 0, perfused = 0;
  for (const io::PartitionCase& p : sessions) {
    const PartitionDoses doses = partition_doses(p.model, *p.administered);
    for (std::size_t i = 0; i < p.model.lesions.size(); ++i) {
      const std::string& name = p.model.lesions[i].name;
      auto at = std::find_if(m.lesions.begin(), m.lesions.end(), [&](const auto& l) { return l.name == name; });
      if (at == m.lesions.end()) at = m.lesions.insert(at, {name, {0, none}});
      at->dose.value += doses.lesion[i];
    }
    tumours += doses.tumour;
    lungs += doses.lung;
    const double tumour = tumour_mass(p.model), normal = p.model.normal_mass;
    perfused += (doses.tumour * tumour + doses.normal * normal) / (tumour + normal);
    m.lungs.push_back({p.session, Estimate{doses.lung, none}, ""});
  }
  m.tumours = Estimate{tumours, none};
  m.lung_sum = Estimate{lungs, none};
  if (sessions.front().normal_structure == "perfused-normal") m.perfused = Estimate{perfused, none};
  return m;
}

Validation validate_prepared(const io::PreparedCase& prepared, const std::vector<std::string>& dose_files) {
  const io::CaseFile& c = prepared.resolved;
  Validation v;
  v.case_name = c.name;
  v.content_hash = prepared.content_hash;
  v.judge = c.protocol.value_or(io::ProtocolSection{}).judge;
  v.protocol = protocol_of(c);
  for (const io::MeasuredLesion& l : prepared.lesions) {
    v.treatment.lesions.push_back({l.name, l.size.axial, l.size.full});
  }
  v.treatment.spared_share = prepared.spared_share;
  v.treatment.errors = stated_errors(prepared);
  take_partition(prepared, v);
  for (const std::string& name : dose_files) {
    const io::DoseFile f = io::read_dose(name);
    check_dose_file(prepared, f, name, v.methods);
    v.treatment.methods.push_back(doses_of(f, v.protocol));
    v.methods.push_back(metrics_of(f, name));
  }
  const bool judged =
      std::any_of(v.methods.begin(), v.methods.end(), [&](const auto& m) { return m.method == v.judge; });
  if (!judged) {
    throw Error(Fault::input, c.place(c.protocol ? c.protocol->line : 1) + "[protocol] judge is \"" + v.judge +
                                  "\", needs a dose file of that method");
  }
  v.rulings = validation::apply(v.protocol, v.treatment);
  add_settings(v);
  take_differences(v);
  return v;
}

}  // namespace ytterby::cli
