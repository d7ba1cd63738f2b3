#include "validation/ensemble/structure_shape.h"

#include <algorithm>
#include <cmath>

#include "engine/base/numbers.h"
#include "engine/patient/activity.h"
#include "validation/structure_metrics.h"

namespace ytterby::validation {
namespace {

/// All sessions' dose in each voxel; the one there is as it is.
std::vector<float> sum_of(std::span<const std::vector<float>> sessions, std::span<const double> ratio) {
  std::vector<float> sum = sessions.front();
  for (std::size_t s = 1; s < sessions.size(); ++s) {
    for (std::size_t v = 0; v < sum.size(); ++v)
      sum[v] += static_cast<float>(ratio[s] * static_cast<double>(sessions[s][v]));
  }
  return sum;
}

std::string with_number(const char* letter, double number) {
  std::string text = io::to_text(number, 6);
  return letter + text;
}

}  // namespace

MeasureNames measure_names(std::span<const std::string> asked) {
  MeasureNames m;
  m.shares.assign(dose_shares.begin(), dose_shares.end());
  m.levels.assign(dose_levels.begin(), dose_levels.end());
  for (const std::string& name : asked) {
    const auto number = name.size() < 2 ? std::nullopt : io::parse_number(name.substr(1));
    if (!number) continue;
    if (name[0] == 'D') m.shares.push_back(*number / 100);
    if (name[0] == 'V') m.levels.push_back(*number);
  }
  m.names.push_back("mean_Gy");
  for (const double share : m.shares) m.names.push_back(with_number("D", 100 * share) + "_Gy");
  for (const double level : m.levels) m.names.push_back(with_number("V", level));
  for (const char* name : {"gEUD_Gy", "BED_Gy", "EQD2_Gy"}) m.names.emplace_back(name);
  return m;
}

StructureShape::StructureShape(const Structure& structure, std::span<const std::vector<float>> sessions,
                               std::span<const double> ratio, const std::vector<float>& density, double voxel_volume,
                               const TissueSet& tissues, double half_life_h)
    : histogram_(sum_of(sessions, ratio), structure, density),
      session_mean_(sessions.size()),
      first_(sessions.size()),
      second_(sessions.size()),
      tissue_(tissues.of(structure.role)),
      half_life_h_(half_life_h) {
  double inside = 0, mass = 0, counted = 0;
  std::vector<double> dose, weight;
  for (std::size_t v = 0; v < structure.fraction.size(); ++v) {
    const auto share = static_cast<double>(structure.fraction[v]);
    if (!(share > 0)) continue;
    const double m = share * static_cast<double>(density[v]);
    inside += share;
    mass += m;
    for (std::size_t s = 0; s < sessions.size(); ++s) session_mean_[s] += m * static_cast<double>(sessions[s][v]);
    if (structure.role == Role::other && density[v] < gas_density) continue;
    counted += share;
    double sum = 0;
    for (std::size_t s = 0; s < sessions.size(); ++s) {
      const double d = static_cast<double>(sessions[s][v]);
      first_[s] += share * d;
      second_[s] += share * d * d;
      sum += (s == 0 ? 1 : ratio[s]) * d;
    }
    dose.push_back(sum);
    weight.push_back(share);
  }
  volume_ = inside * voxel_volume;
  mass_ = mass * voxel_volume;
  if (!(counted > 0) || !(mass > 0)) return;
  for (double& w : weight) w /= counted;
  for (std::size_t s = 0; s < sessions.size(); ++s) {
    session_mean_[s] /= mass;
    first_[s] /= counted;
    second_[s] /= counted;
  }
  geud_ = generalised_eud(dose, weight, tissue_.geud_exponent);
}

std::vector<double> StructureShape::measures(const MeasureNames& names, std::span<const double> factor) const {
  std::vector<double> all;
  double mean = 0, bed = 0;
  const double q = bed_coefficient(tissue_, half_life_h_);
  for (std::size_t s = 0; s < session_mean_.size(); ++s) {
    mean += factor[s] * session_mean_[s];
    bed += factor[s] * first_[s] + q * factor[s] * factor[s] * second_[s];
  }
  all.push_back(mean);
  for (const double share : names.shares) all.push_back(histogram_.empty() ? 0 : factor[0] * histogram_.dose_to(share));
  for (const double level : names.levels) all.push_back(histogram_.empty() ? 0 : volume_above(level, factor[0]));
  all.push_back(factor[0] * geud_);
  all.push_back(bed);
  all.push_back(equivalent_dose_2gy(bed, tissue_));
  return all;
}

}  // namespace ytterby::validation
