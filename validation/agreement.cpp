#include "validation/agreement.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ytterby::validation {
namespace {

std::string with_number(std::string name, double number) {
  name += std::to_string(std::lround(number));
  return name;
}

}  // namespace

std::vector<NamedEstimate> named_estimates(const StructureMetrics& m) {
  std::vector<NamedEstimate> all{{"mean_Gy", m.mean}, {"mean_by_volume_Gy", m.mean_by_volume}};
  for (std::size_t i = 0; i < dose_shares.size(); ++i) {
    all.push_back({with_number("D", 100 * dose_shares[i]) + "_Gy", m.dose_to[i]});
  }
  for (std::size_t i = 0; i < dose_levels.size(); ++i) {
    all.push_back({with_number("V", dose_levels[i]), m.share_above[i]});
  }
  all.push_back({"gEUD_Gy", m.geud});
  all.push_back({"BED_Gy", m.bed});
  all.push_back({"EQD2_Gy", m.eqd2});
  for (const auto& [name, estimate] : m.asked) all.push_back({name[0] == 'D' ? name + "_Gy" : name, estimate});
  for (const auto& [name, estimate] : m.function) all.push_back({name, estimate});
  return all;
}

std::vector<Difference> differences(const StructureMetrics& method, const StructureMetrics& monte_carlo) {
  std::vector<Difference> result;
  const std::vector<NamedEstimate> theirs = named_estimates(method), ours = named_estimates(monte_carlo);
  for (std::size_t i = 0; i < std::min(theirs.size(), ours.size()); ++i) {
    const Estimate &a = theirs[i].estimate, &b = ours[i].estimate;
    if (std::isnan(a.value) || std::isnan(b.value)) continue;
    const double own = std::isnan(a.error) ? 0 : a.error, difference = a.value - b.value;
    const double reach = t_95 * std::hypot(own, b.error);  // NaN where Monte Carlo's error is unknown
    const double relative = b.value == 0 ? std::numeric_limits<double>::quiet_NaN() : difference / b.value;
    result.push_back({monte_carlo.name, ours[i].name, difference, difference - reach, difference + reach, relative});
  }
  return result;
}

}  // namespace ytterby::validation
