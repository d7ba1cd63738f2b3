// A comparison as a table and as JSON.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "io/cli/compare/compare.h"

namespace ytterby::cli {
namespace {

using nlohmann::ordered_json;

ordered_json or_null(double value) { return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr); }

ordered_json structures_json(const DoseComparison& c) {
  ordered_json all = ordered_json::array();
  for (std::size_t s = 0; s < std::min(c.a.size(), c.b.size()); ++s) {
    const auto a = validation::named_estimates(c.a[s]), b = validation::named_estimates(c.b[s]);
    ordered_json metrics;
    for (std::size_t i = 0; i < a.size(); ++i) {
      metrics[a[i].name] = {{"a", or_null(a[i].estimate.value)},
                            {"b", or_null(b[i].estimate.value)},
                            {"difference", or_null(b[i].estimate.value - a[i].estimate.value)}};
    }
    all.push_back({{"name", c.a[s].name}, {"role", role_name(c.a[s].role)}, {"metrics", metrics}});
  }
  return all;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

/// "the activity differs; medium, grid and structures are the same"
std::string content_line(const DoseComparison& c) {
  if (c.differing.empty()) return listed(c.same) + " are the same\n";
  std::string text = "the " + listed(c.differing) +
                     (c.differing.size() == 1 && c.differing[0] != "structures" ? " differs" : " differ");
  if (!c.same.empty()) {
    text += "; " + listed(c.same) + (c.same.size() == 1 && c.same[0] != "structures" ? " is" : " are") + " the same";
  }
  return text + "\n";
}

}  // namespace

std::string comparison_table(const DoseComparison& c) {
  const VoxelDifferences& v = c.voxels;
  std::string text =
      fmt::format("A: {} of {}; B: {} of {}{}\n{}", c.method_a, c.case_a, c.method_b, c.case_b,
                  c.same_content ? "" : " (not the same medium, activity, grid and structures)", content_line(c));
  if (c.resampled) {
    text += fmt::format("B was averaged by volume onto A's grid, of which it covers {:.1f} %\n", 100 * c.covered);
  }
  text += fmt::format(
      "{} voxels above {:.4g} % of {:.5g} Gy: B - A mean {:+.4g}, RMS {:.4g} Gy ({:.3g} %), "
      "largest {:+.4g} Gy\n",
      v.voxels, 100 * c.criteria.threshold_share, c.largest, v.mean, v.rms, 100 * v.rms_relative, v.largest);
  if (v.with_errors > 0) {
    text += fmt::format("z-scores of {} voxels: RMS {:.3f}, beyond 3: {:.3f} %\n", v.with_errors, v.rms_z,
                        100 * v.share_beyond_3);
  }
  text += fmt::format("gamma {:.4g} %/{:.4g} mm ({}): {:.2f} % of {} voxels pass, mean {:.3f}, highest {:.2f}\n",
                      100 * c.criteria.dose_share, 10 * c.criteria.distance, c.criteria.local ? "local" : "global",
                      100 * c.gamma.pass_rate(), c.gamma.tested, c.gamma.mean, c.gamma.highest);
  if (c.noisy) {
    text += fmt::format("{:.2f} % pass where the dose criterion is widened by {:.4g} standard errors of the voxel\n",
                        100 * c.gamma.pass_rate_within_noise(), validation::noise_errors);
  }
  text += "\n";
  std::size_t width = 9;
  for (const auto& m : c.a) width = std::max(width, m.name.size());
  text +=
      fmt::format("{:<{}} {:<8} {:>10} {:>10} {:>10} {:>8}\n", "structure", width, "metric", "A", "B", "B - A", "%");
  for (std::size_t s = 0; s < std::min(c.a.size(), c.b.size()); ++s) {
    const auto a = validation::named_estimates(c.a[s]), b = validation::named_estimates(c.b[s]);
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!a[i].name.starts_with("mean") && !a[i].name.starts_with("D")) continue;
      const double x = a[i].estimate.value, d = b[i].estimate.value - x;
      text += fmt::format("{:<{}} {:<8} {:>10.4g} {:>10.4g} {:>+10.4g} {:>+8.2f}\n", c.a[s].name, width, a[i].name, x,
                          b[i].estimate.value, d, x > 0 ? 100 * d / x : 0);
    }
  }
  return text;
}

std::string comparison_json(const DoseComparison& c, const std::optional<double>& pass_rate, bool passed) {
  const VoxelDifferences& v = c.voxels;
  ordered_json json;
  json["a"] = {{"case", c.case_a}, {"method", c.method_a}};
  json["b"] = {{"case", c.case_b}, {"method", c.method_b}, {"resampled", c.resampled}, {"covered", c.covered}};
  json["same_content"] = c.same_content;
  json["differing"] = c.differing;
  json["same"] = c.same;
  json["largest_Gy"] = c.largest;
  json["voxels"] = {{"tested", v.voxels},        {"mean_Gy", v.mean},
                    {"rms_Gy", v.rms},           {"rms_relative", v.rms_relative},
                    {"largest_Gy", v.largest},   {"with_errors", v.with_errors},
                    {"rms_z", or_null(v.rms_z)}, {"share_beyond_3", or_null(v.share_beyond_3)}};
  json["gamma"] = {{"dose_share", c.criteria.dose_share},
                   {"distance_mm", 10 * c.criteria.distance},
                   {"threshold", c.criteria.threshold_share},
                   {"local", c.criteria.local},
                   {"tested", c.gamma.tested},
                   {"pass_rate", or_null(c.gamma.pass_rate())},
                   {"pass_rate_within_noise", or_null(c.gamma.pass_rate_within_noise())},
                   {"mean", c.gamma.mean},
                   {"highest", c.gamma.highest},
                   {"tolerance", pass_rate ? ordered_json(*pass_rate) : ordered_json(nullptr)}};
  json["structures"] = structures_json(c);
  json["passed"] = passed;
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace ytterby::cli
