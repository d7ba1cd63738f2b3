#include "io/report/histogram_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/dose/dvh.h"
#include "validation/structure_metrics.h"

namespace ytterby::io {
namespace {

using nlohmann::ordered_json;

constexpr int curve_points = 200;

double rounded(double share) { return std::round(share * 1e5) / 1e5; }

/// The protocol's doses for a structure [Gy], by the rule that sets each; the same dose once.
std::map<double, std::string> limits_of(const ReportInput& input, const std::string& structure) {
  std::map<double, std::string> limits;
  if (!input.verdict) return limits;
  for (const validation::Ruling& rule : input.verdict->rulings) {
    if (rule.structure != structure || rule.unit != "Gy") continue;
    for (const auto& limit : {rule.limit_low, rule.limit_high}) {
      if (limit && std::isfinite(*limit) && *limit > 0) limits.emplace(*limit, rule.id);
    }
  }
  return limits;
}

/// A number with its error, which is null where it is unknown.
ordered_json measure(const std::string& name, const char* unit, double value, double error) {
  return {{"name", name},
          {"unit", unit},
          {"value", value},
          {"error", std::isfinite(error) ? ordered_json(error) : nullptr}};
}

/// D95 and D70 with their errors, where a verdict was made.
const validation::StructureMetrics* metrics_of(const ReportInput& input, const std::string& method,
                                               const std::string& structure) {
  if (!input.verdict) return nullptr;
  for (const MethodMetrics& m : input.verdict->methods) {
    if (m.method != method) continue;
    for (const validation::StructureMetrics& s : m.structures) {
      if (s.name == structure) return &s;
    }
  }
  return nullptr;
}

/// The ensemble's histogram of a structure, where one was made of this method.
const EnsembleStructure* band_of(const ReportInput& input, const std::string& method, const std::string& structure) {
  if (!input.verdict || !input.verdict->ensemble || input.verdict->ensemble->method != method) return nullptr;
  for (const EnsembleStructure& s : input.verdict->ensemble->structures)
    if (s.name == structure) return &s;
  return nullptr;
}

ordered_json measures(const ReportInput& input, const DoseFile& f, const Structure& s, const DoseVolume& volume,
                      const std::map<double, std::string>& limits) {
  ordered_json list = ordered_json::array();
  const validation::StructureMetrics* known = metrics_of(input, f.map.method, s.name);
  for (std::size_t i = 0; i < 2; ++i) {
    const double share = validation::dose_shares[i];
    const validation::Estimate d =
        known != nullptr ? known->dose_to[i] : validation::Estimate{.value = volume.dose_to(share)};
    list.push_back(measure(fmt::format("D{:g}", 100 * share), "Gy", d.value, d.error));
    if (band_of(input, f.map.method, s.name) == nullptr) continue;
    const auto* m = find_measure(*input.verdict->ensemble, s.name, fmt::format("D{:g}_Gy", 100 * share));
    if (m != nullptr) list.back().update({{"low", m->spread.low_95}, {"high", m->spread.high_95}});
  }
  std::vector<double> doses;
  for (const auto& [dose, rule] : limits) doses.push_back(dose);
  const std::vector<double> errors =
      doses.empty() ? std::vector<double>{} : validation::volume_errors(f.map, s, f.phantom.density, doses);
  for (std::size_t i = 0; i < doses.size(); ++i) {
    list.push_back(measure(fmt::format("V{:g}", doses[i]), "1", volume.volume_above(doses[i]),
                           errors.empty() ? std::nan("") : errors[i]));
  }
  return list;
}

/// Linear between the points of a band.
double at_dose(const std::vector<double>& doses, const std::vector<double>& volumes, double dose) {
  const auto above = std::upper_bound(doses.begin(), doses.end(), dose);
  if (above == doses.begin()) return volumes.front();
  if (above == doses.end()) return volumes.back();
  const auto i = static_cast<std::size_t>(above - doses.begin());
  const double part = (dose - doses[i - 1]) / (doses[i] - doses[i - 1]);
  return volumes[i - 1] + part * (volumes[i] - volumes[i - 1]);
}

ordered_json curve_of(const DoseFile& f, const Structure& s, const DoseVolume& volume, double highest,
                      const EnsembleStructure* band) {
  std::vector<double> doses;
  for (int i = 0; i <= curve_points; ++i) doses.push_back(highest * 1.02 * i / curve_points);
  const std::vector<double> errors = validation::volume_errors(f.map, s, f.phantom.density, doses);
  ordered_json curve{{"method", f.map.method}};
  for (std::size_t i = 0; i < doses.size(); ++i) {
    const double v = volume.volume_above(doses[i]);
    curve["dose"].push_back(std::stod(fmt::format("{:.5g}", doses[i])));
    curve["volume"].push_back(rounded(v));
    if (band != nullptr) {
      curve["low"].push_back(rounded(at_dose(band->dose, band->low_95, doses[i])));
      curve["high"].push_back(rounded(at_dose(band->dose, band->high_95, doses[i])));
      continue;
    }
    if (errors.empty()) continue;
    curve["low"].push_back(rounded(std::max(0.0, v - 1.96 * errors[i])));
    curve["high"].push_back(rounded(std::min(1.0, v + 1.96 * errors[i])));
  }
  return curve;
}

}  // namespace

ordered_json histograms_json(const ReportInput& input) {
  ordered_json all = ordered_json::array();
  for (const Structure& s : input.doses.front().structures) {
    const std::map<double, std::string> limits = limits_of(input, s.name);
    ordered_json entry{{"structure", s.name}, {"role", role_name(s.role)}}, curves = ordered_json::array();
    double most = 0;
    for (const DoseFile& f : input.doses) {
      const auto own =
          std::find_if(f.structures.begin(), f.structures.end(), [&](const auto& o) { return o.name == s.name; });
      if (own == f.structures.end()) continue;
      const DoseVolume volume(f.map.dose, *own, f.phantom.density);
      if (volume.empty()) continue;
      const double highest = volume.dose_to(0.002);
      most = std::max(most, highest);
      ordered_json curve = curve_of(f, *own, volume, highest, band_of(input, f.map.method, s.name));
      curve["measures"] = measures(input, f, *own, volume, limits);
      curves.push_back(std::move(curve));
    }
    entry["most"] = most;
    entry["limits"] = ordered_json::array();
    for (const auto& [dose, rule] : limits) entry["limits"].push_back({{"rule", rule}, {"dose", dose}});
    entry["curves"] = std::move(curves);
    if (most > 0) all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace ytterby::io
