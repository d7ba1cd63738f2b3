#include "validation/protocol/verdict.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include "validation/protocol/rulings.h"

namespace ytterby::validation {
namespace rulings {
namespace {

bool below(double value, const OneSided& rule) {
  return value < rule.limit || (rule.at_limit_passes && value == rule.limit);
}
bool above(double value, const OneSided& rule) {
  return value > rule.limit || (rule.at_limit_passes && value == rule.limit);
}

}  // namespace

Ruling& Court::add(const char* id, const std::string& method, const std::string& unit) const {
  Ruling r;
  r.id = id;
  r.method = method;
  r.unit = unit;
  r.settings = protocol.settings_of(id);
  all.push_back(std::move(r));
  return all.back();
}

Judgement judgement_of(bool holds) { return holds ? Judgement::pass : Judgement::fail; }

void judge_below(Ruling& r, double value, const OneSided& rule) {
  r.value = value;
  r.limit_high = rule.limit;
  r.margin = rule.limit - value;
  r.verdict = judgement_of(below(value, rule));
  if (value == rule.limit) r.reason = "exactly at the limit";
}

void judge_above(Ruling& r, double value, const OneSided& rule) {
  r.value = value;
  r.limit_low = rule.limit;
  r.margin = value - rule.limit;
  r.verdict = judgement_of(above(value, rule));
  if (value == rule.limit) r.reason = "exactly at the limit";
}

void state_range(Ruling& r, double value, const DoseRange& range) {
  r.value = value;
  if (std::isfinite(range.low)) r.limit_low = range.low;
  if (std::isfinite(range.high)) r.limit_high = range.high;
  const double margin = std::min(value - range.low, range.high - value);
  if (std::isfinite(margin)) r.margin = margin;
}

bool within(double value, const DoseRange& range) {
  if (value == range.low || value == range.high) return range.at_limit_passes;
  return value > range.low && value < range.high;
}

void say(Ruling& r, const std::string& what) { r.reason += (r.reason.empty() ? "" : "; ") + what; }

}  // namespace rulings

std::string_view judgement_name(Judgement verdict) {
  return verdict == Judgement::pass ? "pass" : verdict == Judgement::fail ? "fail" : "not-judged";
}

bool lung_limited(const Protocol& protocol, const Treatment& treatment) {
  if (!protocol.tumour_dose || treatment.partition.empty()) return false;
  const TumourDose& rule = *protocol.tumour_dose;
  const double share = 1 - (treatment.delivered ? rule.lung_limited_within_delivered : rule.lung_limited_within);
  double sum = 0;
  bool each = protocol.lung_session.has_value();
  for (const auto& session : treatment.partition) {
    sum += session.planned;
    each = each && session.planned >= share * protocol.lung_session->limit;
  }
  return each || (protocol.lung_cumulative && sum >= share * protocol.lung_cumulative->limit);
}

std::vector<Ruling> apply(const Protocol& protocol, const Treatment& treatment) {
  std::vector<Ruling> all;
  const rulings::Court court{protocol, treatment, all};
  rulings::judge_patient(court);
  for (const MethodDoses& m : treatment.methods) rulings::judge_doses(court, m);
  return all;
}

bool broken(std::span<const Ruling> rulings, std::string_view judge) {
  return std::any_of(rulings.begin(), rulings.end(), [&](const Ruling& r) {
    return r.verdict == Judgement::fail && (r.method.empty() || r.method == judge);
  });
}

}  // namespace ytterby::validation
