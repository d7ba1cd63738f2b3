// A verification as a table and as JSON (io/FORMATS.md).

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/version.h"
#include "io/evaluation/ensemble_result.h"
#include "io/evaluation/verdict_text.h"
#include "io/evaluation/verify.h"

namespace ytterby::io {
namespace {

using nlohmann::ordered_json;
using validation::StructureMetrics;

ordered_json or_null(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? ordered_json(*value) : ordered_json(nullptr);
}

/// Delivered over planned with its 95 % interval.
struct Ratio {
  double value = NAN, low = NAN, high = NAN;
};

double relative(const validation::Estimate& e) { return std::isnan(e.error) || !(e.value > 0) ? 0 : e.error / e.value; }

/// A number's 95 % interval: about `centre`, as logarithms below and above it.
struct Band {
  double centre = NAN, below = 0, above = 0;
};

/// The ensemble's numbers of a measure; nullptr where the method has none.
const EnsembleMeasure* known(const Validation& v, const std::string& method, const std::string& structure,
                             const std::string& measure) {
  if (!v.ensemble || v.ensemble->method != method) return nullptr;
  return find_measure(*v.ensemble, structure, measure);
}

/// From all uncertainties where an ensemble has drawn them, else from what the case states of its activity; the
/// method's own error is in both.
Band band_of(const Validation& v, const EnsembleMeasure* m, const validation::Estimate& e) {
  const double own = 1.96 * relative(e);
  if (m == nullptr) {
    const double spread = std::hypot(own, 1.96 * v.treatment.errors.activity);
    return {e.value, spread, spread};
  }
  const auto side = [&](double from, double to) { return std::hypot(own, std::log(to / std::max(0.0, from))); };
  return {m->spread.median, side(m->spread.low_95, m->spread.median), side(m->spread.median, m->spread.high_95)};
}

/// Limits of the ratio of two numbers whose errors are taken as independent, from the limits of each: Zou, Donner,
/// Stat. Med. 27 (2008) 1693, on logarithms.
Ratio ratio_of(const validation::Estimate& planned, const validation::Estimate& delivered, const Band& a,
               const Band& b) {
  Ratio r;
  if (!(planned.value > 0) || std::isnan(delivered.value)) return r;
  r.value = delivered.value / planned.value;
  const double below = std::hypot(b.below, a.above), above = std::hypot(b.above, a.below);
  // No error is known of either: there is no interval to state.
  if (!(below > 0) || !(above > 0) || !(a.centre > 0) || !(b.centre > 0)) return r;
  r.low = b.centre / a.centre * std::exp(-below);
  r.high = b.centre / a.centre * std::exp(above);
  return r;
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

/// A measure of a structure by a method that both sides have.
struct Measured {
  std::string name;
  validation::Estimate planned, delivered;
  const EnsembleMeasure *planned_known, *delivered_known;  // nullptr where no ensemble says more
  Ratio ratio;
};

std::vector<Measured> measured(const Verification& v, const std::string& method, const StructureMetrics& planned,
                               const StructureMetrics& delivered) {
  std::vector<Measured> all;
  const auto a = validation::named_estimates(planned), b = validation::named_estimates(delivered);
  for (const auto& [name, estimate] : a) {
    const auto same = std::find_if(b.begin(), b.end(), [&, &wanted = name](const auto& e) { return e.name == wanted; });
    if (same == b.end() || std::isnan(estimate.value) || std::isnan(same->estimate.value)) continue;
    const EnsembleMeasure* p = known(v.plan, method, planned.name, name);
    const EnsembleMeasure* d = known(v.delivered, method, planned.name, name);
    all.push_back(
        {name, estimate, same->estimate, p, d,
         ratio_of(estimate, same->estimate, band_of(v.plan, p, estimate), band_of(v.delivered, d, same->estimate))});
  }
  return all;
}

ordered_json metrics_json(const std::vector<Measured>& all) {
  ordered_json json;
  const auto interval = [](ordered_json& into, const std::string& side, const EnsembleMeasure* m) {
    if (m == nullptr) return;
    into[side + "_low_95"] = or_null(m->spread.low_95);
    into[side + "_high_95"] = or_null(m->spread.high_95);
  };
  for (const Measured& m : all) {
    ordered_json& of = json[m.name];
    of = {{"planned", m.planned.value},
          {"delivered", m.delivered.value},
          {"ratio", or_null(m.ratio.value)},
          {"low_95", or_null(m.ratio.low)},
          {"high_95", or_null(m.ratio.high)}};
    interval(of, "planned", m.planned_known);
    interval(of, "delivered", m.delivered_known);
  }
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
        metrics_json(measured(v, method, planned, delivered));
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
    if (v.plan.ensemble) all[i]["planned_probability"] = p == nullptr ? ordered_json(nullptr) : or_null(p->probability);
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

bool has_ensemble(const Verification& v) { return v.plan.ensemble || v.delivered.ensemble; }

/// A value, with its interval where an ensemble says one.
std::string shown(const validation::Estimate& e, const EnsembleMeasure* m) {
  if (m == nullptr) return shown(e.value);
  return shown(e.value) + " (" + shown(m->spread.low_95) + " to " + shown(m->spread.high_95) + ")";
}

std::string structure_rows(const Verification& v) {
  const std::size_t width = has_ensemble(v) ? 25 : 9;
  std::string text = fmt::format("{:<20} {:<19} {:<9} {:>{}} {:>{}} {:>7}  {}\n", "structure", "method", "", "planned",
                                 width, "delivered", width, "ratio", "95 %");
  each_pair(v, [&](const std::string& method, const StructureMetrics& planned, const StructureMetrics& delivered) {
    for (const Measured& m : measured(v, method, planned, delivered)) {
      const bool wanted = m.name == "mean_Gy" || m.name == "D95_Gy" || m.name == "D70_Gy" || m.name == "BED_Gy" ||
                          m.name == "function_mean_Gy";
      if (!wanted) continue;
      text += fmt::format("{:<20} {:<19} {:<9} {:>{}} {:>{}} {:>7}  {} to {}\n", planned.name, method, m.name,
                          shown(m.planned, m.planned_known), width, shown(m.delivered, m.delivered_known), width,
                          shown(m.ratio.value), shown(m.ratio.low), shown(m.ratio.high));
    }
  });
  return text;
}

std::string rule_rows(const Verification& v) {
  // How likely a rule holds has a column of its own where all uncertainties were drawn.
  const auto probability = [&](const validation::Ruling* r) {
    return has_ensemble(v) ? fmt::format(" {:>5}", r == nullptr ? "-" : shown(r->probability)) : std::string{};
  };
  const std::string head = has_ensemble(v) ? " prob." : "";
  std::string text = fmt::format("{:<21} {:<19} {:<18} {:>9} {:<11}{} {:>9} {:<11}{} {}\n", "rule", "method",
                                 "structure", "planned", "", head, "delivered", "", head, "reason");
  for (const validation::Ruling& r : v.delivered.rulings) {
    const validation::Ruling* p = planned_ruling(v, r);
    text +=
        fmt::format("{:<21} {:<19} {:<18} {:>9} {:<11}{} {:>9} {:<11}{} {}\n", r.id, r.method.empty() ? "-" : r.method,
                    r.structure + (r.session.empty() ? "" : " " + r.session), p == nullptr ? "-" : shown(p->value),
                    p == nullptr ? "-" : validation::judgement_name(p->verdict), probability(p), shown(r.value),
                    validation::judgement_name(r.verdict), probability(&r), r.reason);
  }
  return text;
}

std::string joint_line(const char* side, const Validation& v) {
  if (!v.ensemble || !v.ensemble->probability_all) return "";
  return fmt::format("{}: all judged rules hold with a probability of {:.3f}\n", side, *v.ensemble->probability_all);
}

ordered_json side_json(const Validation& v) {
  ordered_json json{{"case", v.case_name}, {"content_hash", v.content_hash}, {"verdict", v.broken() ? "fail" : "pass"}};
  if (!v.ensemble) return json;
  json["probability_all"] = or_null(v.ensemble->probability_all);
  json["ensemble"] = {{"method", v.ensemble->method}, {"samples", v.ensemble->samples}, {"seed", v.ensemble->seed}};
  return json;
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
  text += joint_line("plan", v.plan) + joint_line("delivery", v.delivered);
  return text + fmt::format("verdict: planned {}, delivered {}\n", verdict_in_words(v.plan.broken(), v.plan.warnings),
                            verdict_in_words(v.broken(), v.warnings));
}

std::string verification_json(const Verification& v) {
  ordered_json json;
  json["plan"] = side_json(v.plan);
  json["delivered"] = side_json(v.delivered);
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
