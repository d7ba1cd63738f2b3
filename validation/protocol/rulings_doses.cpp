// Rules for what one method says.

#include <cmath>
#include <limits>

#include "engine/base/units.h"
#include "validation/protocol/rulings.h"
#include "validation/protocol/verdict.h"

namespace ytterby::validation::rulings {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr const char* no_number = "reported: the protocol states no number";

/// Where neither the case nor the method states an error there is no probability to state.
std::optional<double> probability(const Estimate& e, const DoseErrors& errors, double low, double high) {
  if (!errors.any() && !(e.error > 0)) return {};
  return probability_within(e, errors, low, high);
}

bool by_partition(const MethodDoses& m) { return m.method == "partition"; }

bool limited(const DoseRange& range) { return std::isfinite(range.low) || std::isfinite(range.high); }

/// A mean dose of the liver or a part of it in a range; reported where the range has no end.
void judge_in_range(const Court& c, Ruling& r, const Estimate& e, const DoseRange& range) {
  state_range(r, e.value, range);
  if (!limited(range)) {
    r.reason = std::string("mean, ") + no_number;
    return;
  }
  r.verdict = judgement_of(within(e.value, range));
  r.probability = probability(e, liver_errors(c.treatment.errors), range.low, range.high);
}

void tumour(const Court& c, const MethodDoses& m, const std::string& name, const Estimate& e, bool decides) {
  const TumourDose& rule = *c.protocol.tumour_dose;
  Ruling& r = c.add("tumour-dose", m.method, "Gy");
  r.structure = name;
  state_range(r, e.value, rule.range);
  const bool holds = within(e.value, rule.range);
  const bool lungs = e.value < rule.range.low && rule.lung_limited_passes && lung_limited(c.protocol, c.treatment);
  r.probability = probability(e, liver_errors(c.treatment.errors), rule.range.low, rule.range.high);
  if (decides) {
    r.verdict = judgement_of(holds || lungs);
    if (!holds && lungs) r.reason = "lung-limited";
    return;
  }
  r.reason = std::string(rule.each ? "each lesion decides" : "the tumours together decide") +
             (holds ? "" : "; outside the limits");
}

/// Pooled or lesion by lesion; the others inform.
void tumours(const Court& c, const MethodDoses& m) {
  const TumourDose& rule = *c.protocol.tumour_dose;
  if (m.tumours) tumour(c, m, "tumours", *m.tumours, !rule.each);
  for (const NamedDose& lesion : m.lesions) tumour(c, m, lesion.name, lesion.dose, rule.each);
  if (!m.tumours && m.lesions.empty()) c.add("tumour-dose", m.method, "Gy").reason = "no structure of role tumour";
}

void perfused(const Court& c, const MethodDoses& m) {
  const DoseRange& range = *c.protocol.perfused_dose;
  Ruling& r = c.add("perfused-dose", m.method, "Gy");
  r.structure = "perfused";
  if (m.perfused) {
    judge_in_range(c, r, *m.perfused, range);
    return;
  }
  r.limit_low = range.low;
  if (std::isfinite(range.high)) r.limit_high = range.high;
  r.reason = "no structure of role perfused";
}

/// The perfused part of the normal liver, and all of it.
void normal_liver(const Court& c, const MethodDoses& m) {
  for (const bool whole : {false, true}) {
    const DoseRange& range = whole ? c.protocol.normal_dose->whole : c.protocol.normal_dose->perfused;
    const auto& dose = whole ? m.normal_liver : m.perfused_normal;
    if (!dose && !limited(range)) continue;
    Ruling& r = c.add("normal-dose", m.method, "Gy");
    r.structure = whole ? "normal-liver" : "perfused-normal";
    if (dose) {
      judge_in_range(c, r, *dose, range);
      continue;
    }
    if (std::isfinite(range.low)) r.limit_low = range.low;
    if (std::isfinite(range.high)) r.limit_high = range.high;
    r.reason = whole ? "needs a structure of role liver" : "needs structures of role liver and perfused";
  }
}

void lung(const Court& c, Ruling& r, const MethodDoses& m, const std::optional<Estimate>& dose, const OneSided& rule,
          const std::string& why_not) {
  r.structure = "lungs";
  r.limit_high = rule.limit;
  if (!dose) {
    r.reason = why_not;
    return;
  }
  judge_below(r, dose->value, rule);
  r.probability = probability(*dose, lung_errors(c.treatment.errors, by_partition(m)), -infinity, rule.limit);
}

void lungs_by_session(const Court& c, const MethodDoses& m) {
  for (const LungDose& l : m.lungs) {
    Ruling& r = c.add("lung-dose-session", m.method, "Gy");
    r.session = l.session;
    lung(c, r, m, l.dose, *c.protocol.lung_session, l.reason);
  }
}

void lungs_in_all(const Court& c, const MethodDoses& m) {
  std::string why_not;
  for (const LungDose& l : m.lungs) why_not = l.dose ? why_not : l.reason;
  lung(c, c.add("lung-dose-cumulative", m.method, "Gy"), m, m.lung_sum, *c.protocol.lung_cumulative, why_not);
}

void margins(const Court& c, const MethodDoses& m) {
  const Margin& rule = *c.protocol.margin;
  for (const MarginDose& shell : m.margins) {
    std::string name = "margin-";
    name += std::to_string(static_cast<int>(std::lround(shell.width / cm_per_mm))) + "mm";
    for (const bool mean : {false, true}) {
      Ruling& r = c.add("margin-dose", m.method, "Gy");
      r.structure = name;
      const double value = (mean ? shell.mean : shell.d95).value;
      r.value = value;
      if (rule.at_least && mean == rule.by_mean) judge_above(r, value, {*rule.at_least, true});
      say(r, std::string(mean ? "mean" : "D95") + (rule.at_least ? "" : std::string(", ") + no_number));
    }
  }
}

}  // namespace

void judge_doses(const Court& c, const MethodDoses& m) {
  const Protocol& p = c.protocol;
  if (p.tumour_dose) tumours(c, m);
  if (p.perfused_dose) perfused(c, m);
  if (p.normal_dose) normal_liver(c, m);
  if (p.lung_session) lungs_by_session(c, m);
  if (p.lung_cumulative) lungs_in_all(c, m);
  if (p.margin) margins(c, m);
}

}  // namespace ytterby::validation::rulings
