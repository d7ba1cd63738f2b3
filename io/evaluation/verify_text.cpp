// A verification as a table and as JSON (io/FORMATS.md).

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/version.h"
#include "io/evaluation/verdict_text.h"
#include "io/evaluation/verify.h"

namespace ytterby::io {
namespace {

using nlohmann::ordered_json;
using validation::StructureMetrics;

ordered_json or_null(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? ordered_json(*value) : ordered_json(nullptr);
}

/// Delivered over planned with its 95 % interval, from the methods' own errors and those that the cases state.
struct Ratio {
  double value = NAN, low = NAN, high = NAN;
};

double relative(const validation::Estimate& e) { return std::isnan(e.error) || !(e.value > 0) ? 0 : e.error / e.value; }

Ratio ratio_of(const validation::Estimate& planned, const validation::Estimate& delivered, double stated) {
  Ratio r;
  if (!(planned.value > 0) || std::isnan(delivered.value)) return r;
  r.value = delivered.value / planned.value;
  // No error is known of either: there is no interval to state.
  const double spread = 1.96 * std::hypot(relative(planned), relative(delivered), stated);
  if (!(spread > 0)) return r;
  r.low = r.value * std::exp(-spread);
  r.high = r.value * std::exp(spread);
  return r;
}

double stated_error(const Verification& v) {
  return std::hypot(v.plan.treatment.errors.activity, v.delivered.treatment.errors.activity);
}

const MethodMetrics* method_of(const Validation& v, const std::string& name) {
  const auto found = std::find_if(v.methods.begin(), v.methods.end(), [&](const auto& m) { return m.method == name; });
  return found == v.methods.end() ? nullptr : &*found;
}

const StructureMetrics* structure_of(const MethodMetrics& m, const std::string& name) {
  const auto found =
      std::find_if(m.structures.begin(), m.structures.end(), [&](const auto& s) { return s.name == name; });
  return found == m.structures.end() ? nullptr : &*found;
}

/// Every structure and method that both sides have.
template <class Use>
void each_pair(const Verification& v, const Use& use) {
  for (const MethodMetrics& planned : v.plan.methods) {
    const MethodMetrics* delivered = method_of(v.delivered, planned.method);
    if (delivered == nullptr) continue;
    for (const StructureMetrics& s : planned.structures) {
      if (const StructureMetrics* own = structure_of(*delivered, s.name)) use(planned.method, s, *own);
    }
  }
}

/// Every measure that both sides have: its name, planned, delivered.
template <class Use>
void each_measure(const StructureMetrics& planned, const StructureMetrics& delivered, const Use& use) {
  const auto all = validation::named_estimates(delivered);
  for (const auto& [name, estimate] : validation::named_estimates(planned)) {
    const auto same =
        std::find_if(all.begin(), all.end(), [&, &wanted = name](const auto& e) { return e.name == wanted; });
    if (same == all.end() || std::isnan(estimate.value) || std::isnan(same->estimate.value)) continue;
    use(name, estimate, same->estimate);
  }
}

ordered_json metrics_json(const StructureMetrics& planned, const StructureMetrics& delivered, double stated) {
  ordered_json json;
  each_measure(planned, delivered, [&](const std::string& name, const auto& a, const auto& b) {
    const Ratio r = ratio_of(a, b, stated);
    json[name] = {{"planned", a.value},
                  {"delivered", b.value},
                  {"ratio", or_null(r.value)},
                  {"low_95", or_null(r.low)},
                  {"high_95", or_null(r.high)}};
  });
  return json;
}

ordered_json structures_json(const Verification& v) {
  std::vector<std::string> names;
  ordered_json all = ordered_json::array();
  each_pair(v, [&](const std::string& method, const StructureMetrics& planned, const StructureMetrics& delivered) {
    auto at = std::find(names.begin(), names.end(), planned.name);
    if (at == names.end()) {
      names.push_back(planned.name);
      all.push_back({{"name", planned.name},
                     {"role", role_name(planned.role)},
                     {"planned_volume_mL", planned.volume},
                     {"delivered_volume_mL", delivered.volume},
                     {"methods", ordered_json::object()}});
      at = names.end() - 1;
    }
    all[static_cast<std::size_t>(at - names.begin())]["methods"][method] =
        metrics_json(planned, delivered, stated_error(v));
  });
  return all;
}

const validation::Ruling* planned_ruling(const Verification& v, const validation::Ruling& r) {
  for (const validation::Ruling& p : v.plan.rulings) {
    if (p.id == r.id && p.method == r.method && p.structure == r.structure && p.session == r.session &&
        (r.id != "margin-dose" || p.reason.substr(0, 3) == r.reason.substr(0, 3))) {
      return &p;
    }
  }
  return nullptr;
}

/// The delivery's rules as VERDICT.json has them, with what the plan said beside.
ordered_json rules_json(const Verification& v) {
  ordered_json all = ordered_json::parse(verdict_json(v.delivered))["rules"];
  for (std::size_t i = 0; i < all.size(); ++i) {
    const validation::Ruling* p = planned_ruling(v, v.delivered.rulings[i]);
    all[i]["planned_value"] = p == nullptr ? ordered_json(nullptr) : or_null(p->value);
    all[i]["planned_verdict"] =
        p == nullptr ? ordered_json(nullptr) : ordered_json(validation::judgement_name(p->verdict));
  }
  return all;
}

/// Predicted and found, of the first session.
ordered_json uptake_json(const Verification& v) {
  if (v.plan.partition.empty() || v.delivered.partition.empty()) return nullptr;
  const PartitionModel &a = v.plan.partition.front().model, &b = v.delivered.partition.front().model;
  ordered_json lesions = ordered_json::object();
  for (const Lesion& p : a.lesions) {
    for (const Lesion& d : b.lesions) {
      if (p.name == d.name) lesions[p.name] = {{"planned", p.tumour_to_normal}, {"delivered", d.tumour_to_normal}};
    }
  }
  return {{"tumour_to_normal",
           {{"planned", pooled_tumour_to_normal(a)}, {"delivered", pooled_tumour_to_normal(b)}, {"lesions", lesions}}},
          {"lung_shunt_fraction",
           {{"planned", a.lung_shunt_fraction},
            {"delivered", b.lung_shunt_fraction},
            {"delivered_from", v.delivered.partition.front().shunt_source}}}};
}

ordered_json isodoses_json(const Verification& v) {
  ordered_json all = ordered_json::array();
  for (const IsodoseOverlap& o : v.isodoses) {
    all.push_back({{"method", o.method},
                   {"level_Gy", o.level},
                   {"share_of_goal", o.share},
                   {"planned_mL", o.planned},
                   {"delivered_mL", o.delivered},
                   {"dice", or_null(o.dice)}});
  }
  return all;
}

std::string shown(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return "-";
  return *value != 0 && std::abs(*value) < 1 ? fmt::format("{:.3f}", *value) : fmt::format("{:.4g}", *value);
}

std::string activity_lines(const Verification& v) {
  const GivenActivity& a = v.activity;
  std::string text = fmt::format("activity: planned {} GBq, given {} GBq, in the image {} GBq (expected {} GBq){}\n",
                                 shown(a.planned), shown(a.given), shown(a.image), shown(a.expected),
                                 a.hours ? fmt::format(", {:.1f} h after", *a.hours) : "");
  if (v.plan.partition.empty() || v.delivered.partition.empty()) return text;
  const PartitionModel &p = v.plan.partition.front().model, &d = v.delivered.partition.front().model;
  return text +
         fmt::format(
             "tumour-to-normal: predicted {:.3f}, found {:.3f}; lung shunt: predicted {:.2f} %, found {:.2f} % ({})\n",
             pooled_tumour_to_normal(p), pooled_tumour_to_normal(d), 100 * p.lung_shunt_fraction,
             100 * d.lung_shunt_fraction, v.delivered.partition.front().shunt_source);
}

std::string structure_rows(const Verification& v) {
  std::string text = fmt::format("{:<20} {:<19} {:<9} {:>9} {:>9} {:>7}  {}\n", "structure", "method", "", "planned",
                                 "delivered", "ratio", "95 %");
  each_pair(v, [&](const std::string& method, const StructureMetrics& planned, const StructureMetrics& delivered) {
    each_measure(planned, delivered, [&](const std::string& name, const auto& a, const auto& b) {
      const bool wanted =
          name == "mean_Gy" || name == "D95_Gy" || name == "D70_Gy" || name == "BED_Gy" || name == "function_mean_Gy";
      if (!wanted) return;
      const Ratio r = ratio_of(a, b, stated_error(v));
      text += fmt::format("{:<20} {:<19} {:<9} {:>9} {:>9} {:>7}  {} to {}\n", planned.name, method, name,
                          shown(a.value), shown(b.value), shown(r.value), shown(r.low), shown(r.high));
    });
  });
  return text;
}

std::string rule_rows(const Verification& v) {
  std::string text = fmt::format("{:<21} {:<19} {:<18} {:>9} {:<11} {:>9} {:<11} {}\n", "rule", "method", "structure",
                                 "planned", "", "delivered", "", "reason");
  for (const validation::Ruling& r : v.delivered.rulings) {
    const validation::Ruling* p = planned_ruling(v, r);
    text += fmt::format("{:<21} {:<19} {:<18} {:>9} {:<11} {:>9} {:<11} {}\n", r.id, r.method.empty() ? "-" : r.method,
                        r.structure + (r.session.empty() ? "" : " " + r.session), p == nullptr ? "-" : shown(p->value),
                        p == nullptr ? "-" : validation::judgement_name(p->verdict), shown(r.value),
                        validation::judgement_name(r.verdict), r.reason);
  }
  return text;
}

}  // namespace

std::string verification_table(const Verification& v) {
  std::string text = fmt::format("plan {}, delivery {}; protocol {}\n\n", v.plan.case_name, v.delivered.case_name,
                                 v.plan.protocol.title);
  text += activity_lines(v) + "\n" + structure_rows(v) + "\n";
  for (const IsodoseOverlap& o : v.isodoses) {
    text +=
        fmt::format("isodose of {:g} Gy ({:g} % of the goal) by {}: planned {:.1f} mL, delivered {:.1f} mL, Dice {}\n",
                    o.level, 100 * o.share, o.method, o.planned, o.delivered, shown(o.dice));
  }
  if (!v.no_isodoses.empty()) text += "no isodoses: " + v.no_isodoses + "\n";
  text += "\n" + rule_rows(v) + "\n";
  for (const Warning& w : v.warnings) text += "warning: " + w.text + "\n";
  return text + fmt::format("verdict: planned {}, delivered {}\n", verdict_in_words(v.plan.broken(), v.plan.warnings),
                            verdict_in_words(v.broken(), v.warnings));
}

std::string verification_json(const Verification& v) {
  ordered_json json;
  json["plan"] = {{"case", v.plan.case_name},
                  {"content_hash", v.plan.content_hash},
                  {"verdict", v.plan.broken() ? "fail" : "pass"}};
  json["delivered"] = {{"case", v.delivered.case_name},
                       {"content_hash", v.delivered.content_hash},
                       {"verdict", v.broken() ? "fail" : "pass"}};
  json["program_version"] = program_version();
  json["protocol"] = {
      {"name", v.plan.protocol.name}, {"title", v.plan.protocol.title}, {"citation", v.plan.protocol.citation}};
  json["judge"] = v.delivered.judge;
  json["goal"] = {{"tumour_Gy", v.goal}};
  const GivenActivity& a = v.activity;
  json["activity"] = {{"planned_GBq", or_null(a.planned)},
                      {"given_GBq", or_null(a.given)},
                      {"image_GBq", or_null(a.image)},
                      {"expected_in_image_GBq", or_null(a.expected)},
                      {"hours_after", or_null(a.hours)}};
  json["uptake"] = uptake_json(v);
  json["structures"] = structures_json(v);
  json["isodoses"] = isodoses_json(v);
  json["no_isodoses"] = v.no_isodoses.empty() ? ordered_json(nullptr) : ordered_json(v.no_isodoses);
  json["rules"] = rules_json(v);
  json["warnings"] = ordered_json::parse(warnings_json(v.warnings));
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace ytterby::io
