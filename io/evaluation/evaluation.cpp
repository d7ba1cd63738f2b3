#include "io/evaluation/evaluation.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/patient/structures.h"
#include "engine/physics/nuclide.h"
#include "io/evaluation/protocol_of.h"

namespace ytterby::io {
namespace {

using validation::StructureMetrics;

constexpr const char* monte_carlo = "monte-carlo";
constexpr const char* partition_name = "partition";

/// What the model gives a structure in one session [Gy]; nothing for structures that are no compartment.
std::optional<double> dose_of_model(const PartitionCase& p, const Structure& s, bool one_lung) {
  const PartitionDoses doses = partition_doses(p.model, *p.administered);
  if (s.name == "tumours") return doses.tumour;
  if (s.name == p.normal_structure) return doses.normal;
  if (s.role == Role::lung && one_lung) return doses.lung;
  for (std::size_t i = 0; i < p.model.lesions.size(); ++i) {
    if (p.model.lesions[i].name == s.name) return doses.lesion[i];
  }
  return {};
}

/// The model's compartments under the names that the structures have: mean doses, and BED as if each were uniform,
/// session by session.
MethodMetrics partition_metrics(const PreparedCase& prepared, const std::vector<PartitionCase>& sessions,
                                const validation::TissueSet& tissues) {
  MethodMetrics metrics{partition_name, "", {}};
  const bool one_lung = 1 == std::count_if(prepared.structures.begin(), prepared.structures.end(),
                                           [](const Structure& s) { return s.role == Role::lung; });
  const double half_life_h = yttrium_90().half_life_h;
  for (const Structure& s : prepared.structures) {
    StructureMetrics m;
    m.name = s.name;
    m.role = s.role;
    const validation::Tissue& tissue = tissues.of(s.role);
    double mean = 0, bed = 0;
    bool known = false;
    for (const PartitionCase& p : sessions) {
      const auto dose = dose_of_model(p, s, one_lung);
      known = known || dose.has_value();
      mean += dose.value_or(0);
      bed += validation::biologically_effective_dose(dose.value_or(0), tissue, half_life_h);
    }
    if (!known) continue;
    m.volume = volume_of(s.fraction, prepared.phantom.grid);
    m.mass = mass_of(s.fraction, prepared.phantom);
    m.mean.value = mean;
    m.bed.value = bed;
    m.eqd2.value = validation::equivalent_dose_2gy(bed, tissue);
    metrics.structures.push_back(std::move(m));
  }
  return metrics;
}

/// What of the liver's function gets which dose, by a dose.
void take_function(const PreparedCase& prepared, const DoseFile& f, std::vector<StructureMetrics>& metrics) {
  for (StructureMetrics& m : metrics) {
    const FunctionRegion* region = find_region(prepared.function, m.name);
    if (region == nullptr) continue;
    const auto named = [&](const auto& s) { return s.name == m.name; };
    const auto dose = std::find_if(f.map.structures.begin(), f.map.structures.end(), named);
    const auto structure = std::find_if(f.structures.begin(), f.structures.end(), named);
    m.function = validation::function_metrics(f.map, *dose, *structure, f.phantom.density, region->weight,
                                              prepared.resolved.function->above_Gy);
  }
}

MethodMetrics metrics_of(const DoseFile& f, const std::string& file, const validation::TissueSet& tissues,
                         const std::vector<std::string>& asked) {
  std::vector<validation::SessionVoxels> sessions;
  for (const SessionRecord& s : f.sessions) sessions.push_back({s.dose.map.dose, s.dose.map.uncertainty});
  return {f.map.method, file,
          validation::metrics_of_structures(f.map, f.map.structures, f.structures, f.phantom.density, f.half_life_h,
                                            tissues, sessions, asked)};
}

void check_one_of_each(const DoseFile& f, const std::string& name, const std::vector<MethodMetrics>& methods) {
  for (const MethodMetrics& m : methods) {
    if (m.method != f.map.method) continue;
    throw Error(Fault::input,
                name + ": is of method " + f.map.method + " like " + m.file + ", needs to be one of each");
  }
}

/// The partition model of the case, or why there is none.
void take_partition(const PreparedCase& prepared, Validation& v) {
  try {
    v.partition = partition_of(prepared, v.protocol.lung_mass);
  } catch (const Error& error) {
    if (v.judge == partition_name || error.fault() != Fault::input) throw;
    v.treatment.no_partition = error.what();
    return;
  }
  for (const PartitionCase& p : v.partition) {
    validation::Treatment::SessionLung lung{p.session, 0, partition_doses(p.model, *p.administered).lung};
    if (v.protocol.screening) {
      const auto activity = activity_for(p.model, Compartment::tumour, v.protocol.screening->tumour_dose);
      lung.screening = partition_doses(p.model, *activity).lung;
    }
    v.treatment.partition.push_back(lung);
  }
  v.treatment.methods.push_back(doses_of(v.partition));
  v.methods.push_back(partition_metrics(prepared, v.partition, v.protocol.tissues));
}

/// What is known of where the activity is, session by session.
void take_activities(const PreparedCase& prepared, Validation& v) {
  const auto add = [&](const std::string& name, const MeasuredUptake& uptake, const ActivityAccount& account) {
    v.treatment.sessions.push_back({name, uptake.extrahepatic, uptake.spared, account.administered});
  };
  if (prepared.sessions.empty()) add("", prepared.uptake, prepared.account);
  for (const PreparedSession& s : prepared.sessions) add(s.name, s.uptake, s.account);
  for (std::size_t s = 0; s < v.partition.size() && s < v.treatment.sessions.size(); ++s) {
    if (v.partition[s].administered) v.treatment.sessions[s].administered = 1e9 * *v.partition[s].administered;
  }
}

/// Errors that the case states. The shunt's acts on activity that was shared out by it, and on the partition model.
validation::StatedErrors stated_errors(const PreparedCase& prepared) {
  const CaseFile& c = prepared.resolved;
  const ActivitySection& activity = c.sessions.empty() ? *c.activity : c.sessions.front().activity;
  validation::StatedErrors errors;
  errors.activity = activity.relative_error.value_or(0);
  errors.shunt = activity.shunt_relative_error.value_or(0);
  errors.activity_outside_known = activity.quantity != Quantity::relative;
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
  const PartitionCase& p = v.partition.front();
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

void check_same_case(const PreparedCase& prepared, const DoseFile& dose, const std::string& name) {
  if (dose.content_hash == prepared.content_hash) return;
  throw Error(Fault::input, name + ": is the dose of another case: its content_hash is " + dose.content_hash +
                                ", that of " + prepared.resolved.file.string() + " is " + prepared.content_hash);
}

std::vector<validation::LesionExtent> lesion_extents(const PreparedCase& prepared) {
  std::vector<validation::LesionExtent> all;
  for (const MeasuredLesion& l : prepared.lesions) {
    all.push_back({l.name, l.size.axial.value, l.size.full.value, l.size.axial.error, l.size.full.error});
  }
  return all;
}

std::optional<MeasuredFunction> function_shares(const PreparedCase& prepared, validation::Treatment& treatment) {
  if (!prepared.function) return {};
  MeasuredFunction shares;
  shares.tumour_share = prepared.function->tumour_share;
  shares.outside_liver = prepared.function->outside_liver;
  for (const FunctionRegion& r : prepared.function->regions)
    shares.regions.push_back({r.name, r.share, r.volume_share, {}});
  treatment.function = true;
  const bool perfused = std::any_of(prepared.structures.begin(), prepared.structures.end(),
                                    [](const Structure& s) { return s.role == Role::perfused; });
  const FunctionRegion* spared = find_region(prepared.function, "spared-liver");
  if (perfused) treatment.spared_function = spared == nullptr ? 0 : spared->share;
  return shares;
}

std::optional<Warning> extrahepatic_warning(const validation::Protocol& protocol, const std::string& session,
                                            const std::optional<double>& share) {
  const auto& rule = protocol.extrahepatic;
  if (!rule || !share || *share < rule->warn_from) return {};
  return Warning{
      "counts-outside-liver",
      WarningClass::wrong_dose,
      (session.empty() ? "" : "session " + session + ": ") + to_text(100 * *share, 3) +
          " % of the counts lie outside liver and lungs: the doses are of what reaches the liver; look for the vessel "
          "that feeds bowel or stomach",
      {{"share", *share}, {"warn_from", rule->warn_from}, {"not_judged_above", rule->not_judged_above}}};
}

Evaluation::Evaluation(const PreparedCase& prepared) : prepared_(prepared) {
  const CaseFile& c = prepared.resolved;
  v_.case_name = c.name;
  v_.content_hash = prepared.content_hash;
  v_.judge = c.protocol.value_or(ProtocolSection{}).judge;
  v_.protocol = protocol_of(c);
  v_.treatment.lesions = lesion_extents(prepared);
  v_.treatment.spared_share = prepared.spared_share;
  v_.function = function_shares(prepared, v_.treatment);
  v_.treatment.errors = stated_errors(prepared);
  v_.warnings = prepared.warnings;
  take_partition(prepared, v_);
  take_activities(prepared, v_);
  if (!v_.partition.empty()) v_.manual = manual_activities(c, v_.partition.front());
  for (const validation::SessionActivity& s : v_.treatment.sessions) {
    if (const auto warning = extrahepatic_warning(v_.protocol, s.session, s.extrahepatic)) {
      v_.warnings.push_back(*warning);
    }
  }
}

void Evaluation::add(const DoseFile& dose, const std::string& file) {
  check_same_case(prepared_, dose, file);
  check_one_of_each(dose, file, v_.methods);
  merge_warnings(dose.warnings, v_.warnings);
  v_.treatment.methods.push_back(doses_of(dose, v_.protocol));
  const std::vector<std::string> asked = prepared_.resolved.protocol.value_or(ProtocolSection{}).metrics;
  v_.methods.push_back(metrics_of(dose, file, v_.protocol.tissues, asked));
  take_function(prepared_, dose, v_.methods.back().structures);
}

Validation Evaluation::judged() {
  const CaseFile& c = prepared_.resolved;
  const bool judged =
      std::any_of(v_.methods.begin(), v_.methods.end(), [&](const auto& m) { return m.method == v_.judge; });
  if (!judged) {
    throw Error(Fault::input, c.place(c.protocol ? c.protocol->line : 1) + "[protocol] judge is \"" + v_.judge +
                                  "\", needs a dose file of that method");
  }
  v_.rulings = validation::apply(v_.protocol, v_.treatment);
  add_settings(v_);
  take_differences(v_);
  for (MethodMetrics& m : v_.methods) {
    if (!m.file.empty()) m.file = c.from_here(m.file);
  }
  return std::move(v_);
}

Validation validate_prepared(const PreparedCase& prepared, const std::vector<std::string>& dose_files) {
  Evaluation evaluation(prepared);
  for (const std::string& name : dose_files) evaluation.add(read_dose(name), name);
  return evaluation.judged();
}

std::vector<StructureByMethods> structures_of(const Validation& v) {
  std::vector<const MethodMetrics*> order;
  for (const MethodMetrics& m : v.methods) order.push_back(&m);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->structures.size() > b->structures.size(); });
  std::vector<StructureByMethods> all;
  for (const MethodMetrics* first : order) {
    for (const StructureMetrics& s : first->structures) {
      const auto known = [&](const StructureByMethods& other) { return other.first->name == s.name; };
      if (std::any_of(all.begin(), all.end(), known)) continue;
      StructureByMethods entry{&s, {}};
      for (const MethodMetrics& m : v.methods) {
        for (const StructureMetrics& own : m.structures) {
          if (own.name == s.name) entry.methods.emplace_back(m.method, &own);
        }
      }
      all.push_back(std::move(entry));
    }
  }
  return all;
}

}  // namespace ytterby::io
