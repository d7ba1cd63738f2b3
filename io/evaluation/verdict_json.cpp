// VERDICT.json and the CSV beside it.

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/numbers.h"
#include "engine/base/version.h"
#include "io/evaluation/function_text.h"
#include "io/evaluation/manual_text.h"
#include "io/evaluation/verdict_text.h"
#include "io/text/csv_cell.h"

namespace ytterby::io {
namespace {

using nlohmann::ordered_json;
using validation::Difference;
using validation::StructureMetrics;

ordered_json or_null(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? ordered_json(*value) : ordered_json(nullptr);
}
ordered_json or_null(const std::string& text) { return text.empty() ? ordered_json(nullptr) : ordered_json(text); }

ordered_json settings_json(const std::vector<Setting>& settings) {
  ordered_json json = ordered_json::object();
  for (const Setting& s : settings) {
    std::visit([&](const auto& value) { json[s.key] = value; }, s.value);
  }
  return json;
}

ordered_json rule_json(const validation::Ruling& r) {
  return {{"id", r.id},
          {"method", or_null(r.method)},
          {"structure", or_null(r.structure)},
          {"session", or_null(r.session)},
          {"value", or_null(r.value)},
          {"unit", r.unit},
          {"limit_low", or_null(r.limit_low)},
          {"limit_high", or_null(r.limit_high)},
          {"margin", or_null(r.margin)},
          {"verdict", validation::judgement_name(r.verdict)},
          {"reason", or_null(r.reason)},
          {"probability", or_null(r.probability)},
          {"settings", settings_json(r.settings)}};
}

/// "D95_Gy" becomes "D95_error_Gy" with what = "error".
std::string name_of(const std::string& metric, const std::string& what) {
  const std::size_t unit = metric.find("_Gy");
  return unit == std::string::npos ? metric + "_" + what : metric.substr(0, unit) + "_" + what + "_Gy";
}

/// The interval of all uncertainties, where an ensemble of this method was made.
void add_interval(const Validation& v, const std::string& method, const std::string& structure,
                  const std::string& metric, ordered_json& json) {
  if (!v.ensemble || v.ensemble->method != method) return;
  const EnsembleMeasure* m = find_measure(*v.ensemble, structure, metric);
  if (m == nullptr) return;
  json[name_of(metric, "low_95")] = m->spread.low_95;
  json[name_of(metric, "high_95")] = m->spread.high_95;
}

ordered_json metrics_json(const Validation& v, const std::string& method, const StructureMetrics& m) {
  ordered_json json;
  for (const auto& [name, estimate] : validation::named_estimates(m)) {
    if (std::isnan(estimate.value)) continue;
    json[name] = estimate.value;
    json[name_of(name, "error")] = or_null(estimate.error);
    add_interval(v, method, m.name, name, json);
    if (estimate.noise != 0) json[name_of(name, "noise")] = estimate.noise;
    if (estimate.wants != 0) json["noise_limited"][name] = {{"wants_histories", or_null(estimate.wants)}};
  }
  if (m.voxels.voxels > 0) {
    json["voxel_uncertainty_median"] = or_null(m.voxels.median);
    json["voxel_uncertainty_p95"] = or_null(m.voxels.p95);
    json["voxel_uncertainty_worst"] = or_null(m.voxels.worst);
  }
  if (std::isnan(m.dose_to.front().value)) return json;  // a mean alone, no voxels
  json["min_Gy"] = m.lowest;
  json["max_Gy"] = m.highest;
  return json;
}

ordered_json structures_json(const Validation& v) {
  ordered_json all = ordered_json::array();
  for (const StructureByMethods& s : structures_of(v)) {
    ordered_json methods;
    for (const auto& [method, metrics] : s.methods) methods[method] = metrics_json(v, method, *metrics);
    all.push_back({{"name", s.first->name},
                   {"role", role_name(s.first->role)},
                   {"volume_mL", s.first->volume},
                   {"mass_kg", s.first->mass / 1000},
                   {"methods", methods}});
  }
  return all;
}

ordered_json differences_json(const Validation& v) {
  ordered_json all = ordered_json::array();
  for (const auto& [method, differences] : v.differences) {
    for (const Difference& d : differences) {
      all.push_back({{"method", method},
                     {"structure", d.structure},
                     {"metric", d.metric},
                     {"difference", or_null(d.value)},
                     {"low_95", or_null(d.low)},
                     {"high_95", or_null(d.high)},
                     {"relative", or_null(d.relative)}});
    }
  }
  return all;
}

std::string number(double value) { return std::isfinite(value) ? to_text(value) : ""; }

}  // namespace

std::string verdict_json(const Validation& v) {
  ordered_json json;
  json["case"] = v.case_name;
  json["program_version"] = program_version();
  json["content_hash"] = v.content_hash;
  json["protocol"] = {{"name", v.protocol.name}, {"title", v.protocol.title}, {"citation", v.protocol.citation}};
  json["judge"] = v.judge;
  json["verdict"] = v.broken() ? "fail" : "pass";
  if (v.ensemble) {
    json["probability_all"] = or_null(v.ensemble->probability_all);
    json["ensemble"] = {{"method", v.ensemble->method}, {"samples", v.ensemble->samples}, {"seed", v.ensemble->seed}};
  }
  json["warnings"] = ordered_json::parse(io::warnings_json(v.warnings));
  json["manual"] = ordered_json::parse(manual_json(v.manual));
  if (v.function) json["function"] = ordered_json::parse(function_json(*v.function));
  json["rules"] = ordered_json::array();
  for (const validation::Ruling& r : v.rulings) json["rules"].push_back(rule_json(r));
  json["structures"] = structures_json(v);
  json["differences"] = differences_json(v);
  json["dose_files"] = ordered_json::object();
  for (const MethodMetrics& m : v.methods) {
    if (!m.file.empty()) json["dose_files"][m.method] = m.file;
  }
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string verdict_csv(const Validation& v) {
  std::string text = "structure,role,volume_mL,mass_kg,method,metric,value,error,difference,low_95,high_95\n";
  for (const MethodMetrics& m : v.methods) {
    const auto differences = v.differences.find(m.method);
    for (const StructureMetrics& s : m.structures) {
      for (const auto& [name, estimate] : validation::named_estimates(s)) {
        if (std::isnan(estimate.value)) continue;
        text += csv_cell(s.name) + "," + std::string(role_name(s.role)) + "," + number(s.volume) + "," +
                number(s.mass / 1000) + "," + m.method + "," + name + "," + number(estimate.value) + "," +
                number(estimate.error);
        const Difference* found = nullptr;
        if (differences != v.differences.end()) {
          for (const Difference& d : differences->second) {
            if (d.structure == s.name && d.metric == name) found = &d;
          }
        }
        for (const auto part : {&Difference::value, &Difference::low, &Difference::high}) {
          text += ',';
          if (found != nullptr) text += number(found->*part);
        }
        text += '\n';
      }
    }
  }
  return text;
}

}  // namespace ytterby::io
