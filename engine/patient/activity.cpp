#include "engine/patient/activity.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include "engine/base/error.h"
#include "engine/patient/structures.h"

namespace ytterby {
namespace {

double total_of(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

struct GroupSums {
  double positive = 0, negative = 0;
};

}  // namespace

double weighted_sum(const std::vector<double>& values, const std::vector<float>& weights) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += values[i] * static_cast<double>(weights[i]);
  return sum;
}

double remove_negative(std::vector<double>& values, const std::vector<std::uint64_t>& group) {
  std::map<std::uint64_t, GroupSums> sums;
  double negative = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == 0) continue;
    (values[i] > 0 ? sums[group[i]].positive : sums[group[i]].negative) += values[i];
    if (values[i] < 0) negative += values[i];
  }
  if (negative == 0) return 0;
  const double total = total_of(values);
  std::map<std::uint64_t, double> scale;
  double kept = 0;
  for (const auto& [id, sum] : sums) {
    const double group_total = sum.positive + sum.negative;
    scale[id] = group_total > 0 ? group_total / sum.positive : 0;
    kept += group_total > 0 ? group_total : 0;
  }
  const double rest = total > 0 && kept > 0 ? total / kept : 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = values[i] > 0 ? values[i] * scale[group[i]] * rest : 0;
  }
  return negative;
}

std::vector<std::uint64_t> structure_groups(const std::vector<Structure>& structures, std::size_t voxels) {
  std::vector<std::uint64_t> group(voxels);
  for (std::size_t s = 0; s < structures.size(); ++s) {
    const std::uint64_t bit = std::uint64_t{1} << (s % 64);
    for (std::size_t i = 0; i < voxels; ++i) {
      if (structures[s].fraction[i] > 0.5F) group[i] |= bit;
    }
  }
  return group;
}

void scale_relative(std::vector<double>& counts, const Phantom& phantom, const RelativeScaling& scaling,
                    ActivityAccount& account) {
  const double in_target = weighted_sum(counts, scaling.normalise_to);
  const double in_lungs = weighted_sum(counts, scaling.lungs);
  const double all = total_of(counts);
  if (!(in_target > 0)) throw Error(Fault::input, "the image holds no activity in normalise_to");
  account.shunt_from_image = !scaling.lung_shunt_fraction.has_value();
  const double shunt = scaling.lung_shunt_fraction.value_or(in_lungs / (in_lungs + in_target));
  account.lung_shunt_fraction = shunt;
  account.administered = scaling.administered;
  account.dropped_share = std::max(0.0, 1 - (in_target + in_lungs) / all);

  const double shown = mass_of(scaling.lungs, phantom);
  account.lung_mass = scaling.whole_lung_mass > 0 ? scaling.whole_lung_mass : shown;
  if (shown > account.lung_mass * (1 + 1e-6)) {
    throw Error(Fault::input, "the lungs in the image weigh " + std::to_string(shown / 1000) +
                                  " kg, more than lung_mass_kg = " + std::to_string(account.lung_mass / 1000));
  }
  const double scale = scaling.administered * (1 - shunt) / in_target;
  const double per_gram = account.lung_mass > 0 ? scaling.administered * shunt / account.lung_mass : 0;
  const double volume = phantom.grid.voxel_volume();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] *= scale * static_cast<double>(scaling.normalise_to[i]);
    if (!scaling.lungs.empty()) {
      counts[i] += per_gram * static_cast<double>(scaling.lungs[i]) * static_cast<double>(phantom.density[i]) * volume;
    }
  }
  account.off_image = scaling.administered * shunt - per_gram * shown;
}

void take_account(const std::vector<double>& activity, const Phantom& phantom, const std::vector<float>& lungs,
                  const std::vector<float>& medium_share, ActivityAccount& account) {
  account.on_grid = total_of(activity);
  account.in_lungs = weighted_sum(activity, lungs);
  account.outside_lungs = account.on_grid - account.in_lungs;
  account.overhang = account.off_grid;
  for (std::size_t i = 0; i < activity.size(); ++i) {
    const double outside = 1 - std::min(1.0, static_cast<double>(medium_share[i]));
    account.overhang += activity[i] * (phantom.density[i] < gas_density ? 1.0 : (outside > 1e-5 ? outside : 0.0));
  }
}

}  // namespace ytterby
