#include "validation/structure_metrics.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "engine/base/numbers.h"
#include "engine/dose/dvh.h"
#include "engine/patient/activity.h"
#include "engine/physics/constants.h"
#include "validation/noise.h"

namespace ytterby::validation {
namespace {

/// Of the mean dose; how well smaller ones are known matters to nobody.
constexpr double least_dose = 0.1;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// The voxels that a histogram counts; volume weights add up to 1.
struct Voxels {
  std::vector<double> dose, error, weight, inside;
  std::vector<double> noise;     // errors, averaged over neighbours; 0 but of Monte Carlo
  std::vector<Voxels> sessions;  // dose and error alone
};

double known(double error) { return std::isnan(error) ? 0 : error; }

/// Root of the mean square of a voxel's and its neighbours' errors, those in the structure.
double error_around(const DoseMap& map, const std::vector<float>& error, const Structure& structure,
                    std::size_t voxel) {
  const auto n = [&](std::size_t axis) { return static_cast<std::size_t>(map.grid.shape[axis]); };
  const std::size_t x = voxel % n(0), y = voxel / n(0) % n(1), z = voxel / n(0) / n(1);
  const auto from = [](std::size_t i) { return i > 0 ? i - 1 : 0; };
  double square = 0, count = 0;
  for (std::size_t k = from(z); k <= std::min(z + 1, n(2) - 1); ++k)
    for (std::size_t j = from(y); j <= std::min(y + 1, n(1) - 1); ++j)
      for (std::size_t i = from(x); i <= std::min(x + 1, n(0) - 1); ++i) {
        const std::size_t v = i + n(0) * (j + n(1) * k);
        const auto own = static_cast<double>(error[v]);
        if (structure.fraction[v] <= 0 || std::isnan(own)) continue;
        square += own * own;
        ++count;
      }
  return count > 0 ? std::sqrt(square / count) : 0;
}

Voxels voxels_of(const DoseMap& map, const Structure& structure, const std::vector<float>& density,
                 std::span<const SessionVoxels> sessions) {
  Voxels v;
  v.sessions.resize(sessions.size());
  const bool batches = map.histories > 0 && !map.uncertainty.empty();
  double sum = 0;
  for (std::size_t i = 0; i < map.dose.size(); ++i) {
    const auto inside = static_cast<double>(structure.fraction[i]);
    if (inside <= 0 || (structure.role == Role::other && density[i] < gas_density)) continue;
    v.dose.push_back(static_cast<double>(map.dose[i]));
    v.error.push_back(map.uncertainty.empty() ? 0 : known(static_cast<double>(map.uncertainty[i])));
    v.noise.push_back(batches ? error_around(map, map.uncertainty, structure, i) : 0);
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

/// A histogram and what it is without noise, where that is known.
struct Histogram {
  const Voxels& voxels;
  DoseVolume raw;
  std::optional<NoiseFreeHistogram> free;
  double factor;  // for histories that score in several voxels; NaN where errors are unknown
  double histories;
  double mean = 0;  // [Gy]

  Histogram(const Voxels& v, DoseVolume volume, double c, const DoseMap& map)
      : voxels(v), raw(std::move(volume)), factor(c), histories(static_cast<double>(map.histories)) {
    if (std::any_of(v.noise.begin(), v.noise.end(), [](double s) { return s > 0; }))
      free.emplace(v.dose, v.noise, v.weight);
    for (std::size_t i = 0; i < v.dose.size(); ++i) mean += v.weight[i] * v.dose[i];
  }

  /// scale: what the limit is a share of.
  [[nodiscard]] Estimate corrected(const Denoised& d, double statistical, double scale) const {
    const double limit = noise_limit * std::abs(scale);
    Estimate e{d.value, std::hypot(statistical, d.error), d.raw - d.value};
    // The error of a correction falls at least as that of voxels does.
    if (d.error > limit) e.wants = limit > 0 ? histories * std::pow(d.error / limit, 2) : unknown;
    return e;
  }
  [[nodiscard]] Estimate dose_to(double share) const {
    const double dose = raw.dose_to(share);
    const Crossing at = crossing(voxels, dose);
    const double error = at.density > 0 ? factor * std::sqrt(at.variance) / at.density : unknown;
    if (!free) return {dose, error};
    const Denoised d = free->dose_to(share);
    return corrected(d, error, std::max(d.value, least_dose * mean));
  }
  [[nodiscard]] Estimate share_above(double dose) const {
    const double error = factor * std::sqrt(crossing(voxels, dose).variance);
    return free ? corrected(free->volume_above(dose), error, 1) : Estimate{raw.volume_above(dose), error};
  }
};

void take_histogram(const Histogram& h, std::span<const std::string> asked, StructureMetrics& m) {
  for (std::size_t i = 0; i < dose_shares.size(); ++i) m.dose_to[i] = h.dose_to(dose_shares[i]);
  for (std::size_t i = 0; i < dose_levels.size(); ++i) m.share_above[i] = h.share_above(dose_levels[i]);
  for (const std::string& name : asked) {
    const auto number = name.size() < 2 ? std::nullopt : io::parse_number(name.substr(1));
    if (!number || (name[0] != 'D' && name[0] != 'V')) continue;
    m.asked.emplace_back(name, name[0] == 'D' ? h.dose_to(*number / 100) : h.share_above(*number));
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

void take_geud(const Histogram& h, double exponent, StructureMetrics& m) {
  const Voxels& v = h.voxels;
  m.geud.value = generalised_eud(v.dose, v.weight, exponent);
  double variance = 0;
  for (std::size_t i = 0; i < v.dose.size(); ++i) {
    if (!(m.geud.value > 0) || !(v.dose[i] > 0)) continue;
    variance += std::pow(v.weight[i] * std::pow(v.dose[i] / m.geud.value, exponent - 1) * v.error[i], 2);
  }
  m.geud.error = h.factor * std::sqrt(variance);
  if (!h.free) return;
  const Denoised d = h.free->geud(exponent);
  m.geud = h.corrected(d, m.geud.error, std::max(d.value, least_dose * h.mean));
}

/// Of one session: the mean of BED, its variance and what noise adds to it, to be added up over sessions.
void add_bed(const Voxels& session, const std::vector<double>& weight, const Tissue& tissue, double half_life_h,
             double& bed, double& variance, double& noise) {
  const double q = bed_coefficient(tissue, half_life_h);
  for (std::size_t i = 0; i < weight.size(); ++i) {
    bed += weight[i] * biologically_effective_dose(session.dose[i], tissue, half_life_h);
    variance += std::pow(weight[i] * (1 + 2 * q * session.dose[i]) * session.error[i], 2);
    noise += weight[i] * q * std::pow(session.error[i], 2);
  }
}

void take_bed(const Histogram& h, double half_life_h, const Tissue& tissue, StructureMetrics& m) {
  const Voxels& v = h.voxels;
  double bed = 0, variance = 0, noise = 0;
  if (v.sessions.empty()) add_bed(v, v.weight, tissue, half_life_h, bed, variance, noise);
  for (const Voxels& session : v.sessions) add_bed(session, v.weight, tissue, half_life_h, bed, variance, noise);
  if (!h.free) noise = 0;
  m.bed = {bed - noise, h.factor * std::sqrt(variance), noise};
  m.eqd2 = {equivalent_dose_2gy(m.bed.value, tissue), equivalent_dose_2gy(m.bed.error, tissue),
            equivalent_dose_2gy(noise, tissue)};
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
  m.mean = {dose.mean, dose.error()};
  const Voxels v = voxels_of(map, structure, density, sessions);
  if (v.dose.empty()) return m;
  const double factor = map.uncertainty.empty() ? unknown : correlation_factor(map, dose, structure, density);
  take_range(v, m);
  const Histogram histogram(v, DoseVolume(map.dose, structure, density), factor, map);
  take_histogram(histogram, asked, m);
  const Tissue& tissue = tissues.of(m.role);
  take_mean_by_volume(v, factor, m);
  take_geud(histogram, tissue.geud_exponent, m);
  take_bed(histogram, half_life_h, tissue, m);
  if (map.histories > 0 && !map.uncertainty.empty()) m.voxels = voxel_uncertainty(map, structure, dose.mean);
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

std::vector<std::pair<std::string, Estimate>> function_metrics(const DoseMap& map, const StructureDose& dose,
                                                               const Structure& structure,
                                                               const std::vector<float>& density,
                                                               const std::vector<float>& weight,
                                                               std::span<const double> doses) {
  const Structure weighed{structure.name, structure.role, weight};
  const Voxels v = voxels_of(map, weighed, density, {});
  if (v.dose.empty()) return {};
  const double factor = map.uncertainty.empty() ? unknown : correlation_factor(map, dose, structure, density);
  StructureMetrics m;
  take_mean_by_volume(v, factor, m);
  std::vector<std::pair<std::string, Estimate>> all{{"function_mean_Gy", m.mean_by_volume}};
  const Histogram histogram(v, DoseVolume(map.dose, weighed, density), factor, map);
  for (const double level : doses) all.emplace_back("function_V" + io::to_text(level, 6), histogram.share_above(level));
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
