// A protocol's rules on samples.

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "io/evaluation/ensemble_parts.h"

namespace ytterby::io {
namespace {

using validation::Estimate;
using validation::Sample;

constexpr double largest_shunt = 0.999;
constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Activity per mass of one structure over another's.
double uptake_ratio(const Sample& s, std::size_t tumour, std::size_t normal, std::size_t session) {
  const auto per_mass = [&](std::size_t k) { return s.structures[k].uptake[session] / s.structures[k].mass; };
  return per_mass(tumour) / per_mass(normal);
}

/// Where a ratio says nothing it changes nothing.
double usable(double ratio) { return std::isfinite(ratio) && ratio > 0 ? ratio : 1; }

}  // namespace

SampledRules::SampledRules(const Validation& v, const validation::Ensemble& ensemble, std::string method)
    : v_(v),
      ensemble_(ensemble),
      as_it_is_(ensemble.as_it_is()),
      middle_(ensemble.middle()),
      method_(std::move(method)) {}

std::optional<std::size_t> SampledRules::place_of(const std::string& name) const {
  const auto& names = ensemble_.structures();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return {};
  return static_cast<std::size_t>(found - names.begin());
}

/// The partition model of a session with masses, uptake, shunt and lung mass as drawn.
PartitionCase SampledRules::partition(const Sample& sample, std::size_t session) const {
  PartitionCase p = v_.partition[session];
  const validation::Draw& draw = sample.draw;
  const auto mass_ratio = [&](std::size_t k) {
    return draw.density * usable(middle_.structures[k].volume / sample.structures[k].volume);
  };
  const std::optional<std::size_t> normal = place_of(p.normal_structure), whole = place_of("normal-liver");
  const bool corrected = ensemble_.input().uncertainty.partial_volume == validation::PartialVolume::yang;
  for (Lesion& lesion : p.model.lesions) {
    const std::optional<std::size_t> k = place_of(lesion.name);
    if (!k || !normal) continue;
    lesion.mass *= mass_ratio(*k);
    lesion.tumour_to_normal *= draw.tumour_to_normal;
    if (p.uptake_recipe == "given") continue;
    const double middle = uptake_ratio(middle_, *k, *normal, session);
    if (corrected) lesion.tumour_to_normal *= usable(middle / uptake_ratio(as_it_is_, *k, *normal, session));
    lesion.tumour_to_normal *= usable(middle / uptake_ratio(sample, *k, *normal, session));
  }
  if (normal) p.model.normal_mass *= mass_ratio(*normal);
  if (whole) p.whole_normal_mass *= mass_ratio(*whole);
  p.model.lung_mass *= draw.lung_mass;
  const double shunt = std::min(largest_shunt, p.model.lung_shunt_fraction * draw.shunt);
  *p.administered *= draw.activity[session];
  // Becquerels of an image say what lies outside the lungs; A follows from them.
  if (v_.treatment.errors.activity_outside_known) *p.administered *= (1 - p.model.lung_shunt_fraction) / (1 - shunt);
  p.model.lung_shunt_fraction = shunt;
  return p;
}

void SampledRules::take_method(const Sample& sample, validation::MethodDoses& m) const {
  const auto take = [&](std::optional<Estimate>& dose, const std::string& name) {
    const std::optional<std::size_t> k = place_of(name);
    if (dose && k) dose = Estimate{sample.structures[*k].measures.front(), none};
  };
  for (validation::NamedDose& lesion : m.lesions) {
    if (const auto k = place_of(lesion.name)) lesion.dose = {sample.structures[*k].measures.front(), none};
  }
  take(m.tumours, "tumours");
  take(m.perfused_normal, "perfused-normal");
  take(m.normal_liver, "normal-liver");
  take(m.spared_liver, "spared-liver");
  const auto& own = ensemble_.input().own;
  const auto perfused = [](const Structure& s) { return s.role == Role::perfused; };
  if (1 == std::count_if(own.begin(), own.end(), perfused))
    take(m.perfused, std::find_if(own.begin(), own.end(), perfused)->name);
  double sum = 0;
  for (std::size_t s = 0; s < m.lungs.size(); ++s) {
    double energy = 0, mass = 0;
    for (std::size_t k = 0; k < own.size(); ++k) {
      if (own[k].role != Role::lung) continue;
      energy += middle_.structures[k].mass * sample.structures[k].session_mean[s];
      mass += middle_.structures[k].mass;
    }
    if (m.lungs[s].dose && mass > 0) m.lungs[s].dose = Estimate{energy / mass, none};
    sum += mass > 0 ? energy / mass : 0;
  }
  if (m.lung_sum) m.lung_sum = Estimate{sum, none};
}

void SampledRules::take_patient(const Sample& sample, validation::Treatment& t) const {
  const auto& own = ensemble_.input().own;
  for (validation::LesionExtent& lesion : t.lesions) {
    for (std::size_t k = 0; k < own.size(); ++k) {  // "tumour", or a part of its mask, "tumour #2"
      if (lesion.name != own[k].name && lesion.name.rfind(own[k].name + " #", 0) != 0) continue;
      lesion.axial = std::max(0.0, lesion.axial - 2 * sample.draw.contour[k]);
      lesion.full = std::max(0.0, lesion.full - 2 * sample.draw.contour[k]);
    }
  }
  const std::optional<std::size_t> spared = place_of("spared-liver"), normal = place_of("normal-liver");
  if (t.spared_share && spared && normal) {
    const auto share = [&](const Sample& s) { return s.structures[*spared].volume / s.structures[*normal].volume; };
    t.spared_share = std::min(1.0, *t.spared_share * usable(share(middle_) / share(sample)));
  }
  for (std::size_t s = 0; s < t.sessions.size() && s < sample.draw.activity.size(); ++s)
    t.sessions[s].administered *= sample.draw.activity[s];
}

std::vector<validation::Ruling> SampledRules::judged(const Sample& sample) const {
  validation::Treatment t = v_.treatment;
  t.errors = {};
  take_patient(sample, t);
  std::vector<PartitionCase> sessions;
  for (std::size_t s = 0; s < v_.partition.size(); ++s) {
    sessions.push_back(partition(sample, s));
    const PartitionModel& model = sessions.back().model;
    t.partition[s].planned = partition_doses(model, *sessions.back().administered).lung;
    if (!v_.protocol.screening) continue;
    const auto activity = activity_for(model, Compartment::tumour, v_.protocol.screening->tumour_dose);
    t.partition[s].screening = partition_doses(model, *activity).lung;
  }
  for (validation::MethodDoses& m : t.methods) {
    if (m.method == "partition" && !sessions.empty()) m = doses_of(sessions);
    if (m.method == method_) take_method(sample, m);
  }
  return validation::apply(v_.protocol, t);
}

}  // namespace ytterby::io
