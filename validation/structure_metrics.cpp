#include "validation/structure_metrics.h"

#include <algorithm>
#include <cmath>

#include "engine/base/numbers.h"
#include "engine/dose/dvh.h"
#include "engine/patient/activity.h"
#include "engine/physics/constants.h"

namespace ytterby::validation {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// The voxels that a histogram counts; volume weights add up to 1.
struct Voxels {
  std::vector<double> dose, error, weight, inside;
  std::vector<Voxels> sessions;  // dose and error alone
};

double known(double error) { return std::isnan(error) ? 0 : error; }

Voxels voxels_of(const DoseMap& map, const Structure& structure, const std::vector<float>& density,
                 std::span<const SessionVoxels> sessions) {
  Voxels v;
  v.sessions.resize(sessions.size());
  double sum = 0;
  for (std::size_t i = 0; i < map.dose.size(); ++i) {
    const auto inside = static_cast<double>(structure.fraction[i]);
    if (inside <= 0 || (structure.role == Role::other && density[i] < gas_density)) continue;
    v.dose.push_back(static_cast<double>(map.dose[i]));
    v.error.push_back(map.uncertainty.empty() ? 0 : known(static_cast<double>(map.uncertainty[i])));
    for (std::size_t s = 0; s < sessions.size(); ++s) {
      v.sessions[s].dose.push_back(static_cast<double>(sessions[s].dose[i]));
      v.sessions[s].error.push_back(sessions[s].error.empty() ? 0 : known(static_cast<double>(sessions[s].error[i])));
    }
    v.inside.push_back(inside);
    sum += inside;
  }
  v.weight = v.inside;
  for (double& w : v.weight) w /= sum;
  return v;
}

double normal_above(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

/// Variance of V_d for independent voxels, and the density of the volume in dose [1/Gy].
struct Crossing {
  double variance = 0, density = 0;
};

Crossing crossing(const Voxels& v, double dose) {
  Crossing sum;
  for (std::size_t i = 0; i < v.dose.size(); ++i) {
    if (!(v.error[i] > 0)) continue;
    const double z = (v.dose[i] - dose) / v.error[i];
    if (std::abs(z) > 8) continue;
    const double p = normal_above(z);
    sum.variance += v.weight[i] * v.weight[i] * p * (1 - p);
    sum.density += v.weight[i] * std::exp(-0.5 * z * z) / (v.error[i] * std::sqrt(2 * constants::pi));
  }
  return sum;
}

void take_range(const Voxels& v, StructureMetrics& m) {
  const bool halves = std::any_of(v.inside.begin(), v.inside.end(), [](double inside) { return inside >= 0.5; });
  m.lowest = std::numeric_limits<double>::infinity();
  m.highest = -m.lowest;
  for (std::size_t i = 0; i < v.dose.size(); ++i) {
    if (halves && v.inside[i] < 0.5) continue;
    m.lowest = std::min(m.lowest, v.dose[i]);
    m.highest = std::max(m.highest, v.dose[i]);
  }
}

Estimate dose_to(const Voxels& v, const DoseVolume& histogram, double factor, double share) {
  const double dose = histogram.dose_to(share);
  const Crossing at = crossing(v, dose);
  return {dose, at.density > 0 ? factor * std::sqrt(at.variance) / at.density : unknown};
}

Estimate share_above(const Voxels& v, const DoseVolume& histogram, double factor, double dose) {
  return {histogram.volume_above(dose), factor * std::sqrt(crossing(v, dose).variance)};
}

/// `factor` is NaN where errors are unknown.
void take_histogram(const Voxels& v, const DoseVolume& histogram, double factor, std::span<const std::string> asked,
                    StructureMetrics& m) {
  for (std::size_t i = 0; i < dose_shares.size(); ++i) m.dose_to[i] = dose_to(v, histogram, factor, dose_shares[i]);
  for (std::size_t i = 0; i < dose_levels.size(); ++i) {
    m.share_above[i] = share_above(v, histogram, factor, dose_levels[i]);
  }
  for (const std::string& name : asked) {
    const auto number = name.size() < 2 ? std::nullopt : io::parse_number(name.substr(1));
    if (!number || (name[0] != 'D' && name[0] != 'V')) continue;
    m.asked.emplace_back(name, name[0] == 'D' ? dose_to(v, histogram, factor, *number / 100)
                                              : share_above(v, histogram, factor, *number));
  }
}

void take_mean_by_volume(const Voxels& v, double factor, StructureMetrics& m) {
  double mean = 0, variance = 0;
  for (std::size_t i = 0; i < v.dose.size(); ++i) {
    mean += v.weight[i] * v.dose[i];
    variance += std::pow(v.weight[i] * v.error[i], 2);
  }
  m.mean_by_volume = {mean, factor * std::sqrt(variance)};
}

void take_geud(const Voxels& v, double factor, double exponent, StructureMetrics& m) {
  m.geud.value = generalised_eud(v.dose, v.weight, exponent);
  double variance = 0;
  for (std::size_t i = 0; i < v.dose.size(); ++i) {
    if (!(m.geud.value > 0) || !(v.dose[i] > 0)) continue;
    variance += std::pow(v.weight[i] * std::pow(v.dose[i] / m.geud.value, exponent - 1) * v.error[i], 2);
  }
  m.geud.error = factor * std::sqrt(variance);
}

/// Of one session: the mean of BED and its variance, both to be added up over sessions.
void add_bed(const Voxels& session, const std::vector<double>& weight, const Tissue& tissue, double half_life_h,
             double& bed, double& variance) {
  const double q = bed_coefficient(tissue, half_life_h);
  for (std::size_t i = 0; i < weight.size(); ++i) {
    bed += weight[i] * biologically_effective_dose(session.dose[i], tissue, half_life_h);
    variance += std::pow(weight[i] * (1 + 2 * q * session.dose[i]) * session.error[i], 2);
  }
}

void take_bed(const Voxels& v, double factor, double half_life_h, const Tissue& tissue, StructureMetrics& m) {
  double bed = 0, variance = 0;
  if (v.sessions.empty()) add_bed(v, v.weight, tissue, half_life_h, bed, variance);
  for (const Voxels& session : v.sessions) add_bed(session, v.weight, tissue, half_life_h, bed, variance);
  m.bed = {bed, factor * std::sqrt(variance)};
  m.eqd2 = {equivalent_dose_2gy(m.bed.value, tissue), equivalent_dose_2gy(m.bed.error, tissue)};
}

}  // namespace

double correlation_factor(const DoseMap& map, const StructureDose& dose, const Structure& structure,
                          const std::vector<float>& density) {
  if (map.uncertainty.empty() || std::isnan(dose.mean_error)) return 1;
  double variance = 0, mass = 0;
  for (std::size_t i = 0; i < map.dose.size(); ++i) {
    const double m = static_cast<double>(structure.fraction[i]) * static_cast<double>(density[i]);
    if (!(m > 0)) continue;
    mass += m;
    const auto error = static_cast<double>(map.uncertainty[i]);
    if (!std::isnan(error)) variance += m * m * error * error;
  }
  return variance > 0 ? std::max(1.0, dose.mean_error * mass / std::sqrt(variance)) : 1;
}

StructureMetrics structure_metrics(const DoseMap& map, const StructureDose& dose, const Structure& structure,
                                   const std::vector<float>& density, double half_life_h, const TissueSet& tissues,
                                   std::span<const SessionVoxels> sessions, std::span<const std::string> asked) {
  StructureMetrics m;
  m.name = structure.name;
  m.role = structure.role;
  m.volume = dose.volume;
  m.mass = dose.mass;
  m.mean = {dose.mean, dose.mean_error};
  const Voxels v = voxels_of(map, structure, density, sessions);
  if (v.dose.empty()) return m;
  const double factor = map.uncertainty.empty() ? unknown : correlation_factor(map, dose, structure, density);
  take_range(v, m);
  take_histogram(v, DoseVolume(map.dose, structure, density), factor, asked, m);
  const Tissue& tissue = tissues.of(m.role);
  take_mean_by_volume(v, factor, m);
  take_geud(v, factor, tissue.geud_exponent, m);
  take_bed(v, factor, half_life_h, tissue, m);
  return m;
}

std::vector<StructureMetrics> metrics_of_structures(const DoseMap& map, std::span<const StructureDose> doses,
                                                    std::span<const Structure> structures,
                                                    const std::vector<float>& density, double half_life_h,
                                                    const TissueSet& tissues, std::span<const SessionVoxels> sessions,
                                                    std::span<const std::string> asked) {
  std::vector<StructureMetrics> all;
  for (const Structure& s : structures) {
    const auto dose =
        std::find_if(doses.begin(), doses.end(), [&](const StructureDose& d) { return d.name == s.name; });
    if (dose == doses.end()) continue;
    all.push_back(structure_metrics(map, *dose, s, density, half_life_h, tissues, sessions, asked));
  }
  return all;
}

std::vector<double> volume_errors(const DoseMap& map, const Structure& structure, const std::vector<float>& density,
                                  const std::vector<double>& doses) {
  const auto own = std::find_if(map.structures.begin(), map.structures.end(),
                                [&](const StructureDose& d) { return d.name == structure.name; });
  if (map.histories == 0 || map.uncertainty.empty() || own == map.structures.end()) return {};
  const double factor = correlation_factor(map, *own, structure, density);
  std::vector<double> variance(doses.size());
  double volume = 0;
  for (std::size_t v = 0; v < structure.fraction.size(); ++v) {
    const auto inside = static_cast<double>(structure.fraction[v]);
    if (!(inside > 0)) continue;
    volume += inside;
    const auto dose = static_cast<double>(map.dose[v]), error = static_cast<double>(map.uncertainty[v]);
    if (!(error > 0)) continue;
    // Voxels further than 5 errors from a dose add nothing to its error.
    const auto first = std::lower_bound(doses.begin(), doses.end(), dose - 5 * error);
    const auto last = std::upper_bound(doses.begin(), doses.end(), dose + 5 * error);
    for (auto d = first; d < last; ++d) {
      const double p = 0.5 * std::erfc((*d - dose) / error / std::sqrt(2.0));
      variance[static_cast<std::size_t>(d - doses.begin())] += inside * inside * p * (1 - p);
    }
  }
  for (double& v : variance) v = volume > 0 ? factor * std::sqrt(v) / volume : 0;
  return variance;
}

}  // namespace ytterby::validation
