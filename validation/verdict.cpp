#include "validation/verdict.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "engine/base/units.h"

namespace ytterby::validation {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr const char* monte_carlo = "monte-carlo";

Judgement judgement_of(bool holds) { return holds ? Judgement::pass : Judgement::fail; }

bool below(double value, const OneSided& rule) {
  return value < rule.limit || (rule.at_limit_passes && value == rule.limit);
}
bool above(double value, const OneSided& rule) {
  return value > rule.limit || (rule.at_limit_passes && value == rule.limit);
}
bool within(double value, const DoseRange& range) {
  if (value == range.low || value == range.high) return range.at_limit_passes;
  return value > range.low && value < range.high;
}

class Judge {
 public:
  Judge(const Protocol& protocol, const Treatment& treatment) : p_(protocol), t_(treatment) {}

  std::vector<Ruling> rulings() {
    if (p_.lesion_count) count();
    if (p_.lesion_size) size();
    if (p_.screening) screening();
    if (p_.spared_liver) spared();
    for (const MethodDoses& m : t_.methods) {
      if (p_.tumour_dose) tumours(m);
      if (p_.perfused_dose) perfused(m);
      if (p_.lung_session) lungs_by_session(m);
      if (p_.lung_cumulative) lungs_in_all(m);
      if (p_.margin) margins(m);
    }
    return std::move(all_);
  }

 private:
  Ruling& add(const char* id, const std::string& method, const std::string& unit) {
    Ruling r;
    r.id = id;
    r.method = method;
    r.unit = unit;
    r.settings = p_.settings_of(id);
    all_.push_back(std::move(r));
    return all_.back();
  }
  /// A value that has to stay below (or above) a limit.
  static void judge_below(Ruling& r, double value, const OneSided& rule) {
    r.value = value;
    r.limit_high = rule.limit;
    r.margin = rule.limit - value;
    r.verdict = judgement_of(below(value, rule));
    if (value == rule.limit) r.reason = "exactly at the limit";
  }
  static void judge_above(Ruling& r, double value, const OneSided& rule) {
    r.value = value;
    r.limit_low = rule.limit;
    r.margin = value - rule.limit;
    r.verdict = judgement_of(above(value, rule));
    if (value == rule.limit) r.reason = "exactly at the limit";
  }
  static void state_range(Ruling& r, double value, const DoseRange& range) {
    r.value = value;
    r.limit_low = range.low;
    r.limit_high = range.high;
    r.margin = std::min(value - range.low, range.high - value);
  }

  void count() {
    Ruling& r = add("lesion-count", "", "1");
    judge_below(r, static_cast<double>(t_.lesions.size()), {static_cast<double>(p_.lesion_count->at_most), true});
    r.reason.clear();
    if (t_.lesions.empty()) {
      r.verdict = Judgement::not_judged;
      r.reason = "no structure of role tumour";
    }
  }

  void size() {
    const LesionSizeRule& rule = *p_.lesion_size;
    Ruling& r = add("lesion-size", "", "mm");
    r.limit_low = rule.above.limit;
    if (t_.lesions.empty()) {
      r.reason = "no mask of a tumour";
      return;
    }
    const auto measure = [&](const LesionExtent& l) { return (rule.in_space ? l.full : l.axial) / cm_per_mm; };
    const auto& largest = *std::max_element(t_.lesions.begin(), t_.lesions.end(),
                                            [&](const auto& a, const auto& b) { return measure(a) < measure(b); });
    judge_above(r, measure(largest), rule.above);
    r.structure = largest.name;
    const double other = (rule.in_space ? largest.axial : largest.full) / cm_per_mm;
    r.reason += std::string(r.reason.empty() ? "" : "; ") + (rule.in_space ? "axial: " : "3D: ") +
                std::to_string(static_cast<int>(std::lround(other))) + " mm";
  }

  void screening() {
    if (t_.partition.empty()) {
      Ruling& r = add("screening-lung-dose", "", "Gy");
      r.limit_high = p_.screening->lung.limit;
      r.reason = t_.no_partition;
    }
    for (const auto& session : t_.partition) {
      Ruling& r = add("screening-lung-dose", "", "Gy");
      r.session = session.session;
      judge_below(r, session.screening, p_.screening->lung);
    }
  }

  void spared() {
    Ruling& r = add("spared-liver", "", "1");
    r.structure = "spared-liver";
    r.limit_low = p_.spared_liver->limit;
    if (t_.spared_share) {
      judge_above(r, *t_.spared_share, *p_.spared_liver);
    } else {
      r.reason = "needs structures of role liver and perfused";
    }
    std::string real;  // what it gets
    for (const MethodDoses& m : t_.methods) {
      if (!m.spared_liver) continue;
      char text[96];
      std::snprintf(text, sizeof text, "%.4g Gy by %s", m.spared_liver->value, m.method.c_str());
      real += (real.empty() ? "mean dose there: " : ", ") + std::string(text);
    }
    if (!real.empty()) r.reason += (r.reason.empty() ? "" : "; ") + real;
  }

  [[nodiscard]] std::optional<double> probability(const MethodDoses& m, const Estimate& e, double relative, double low,
                                                  double high) const {
    if (m.method != monte_carlo) return {};
    return probability_within(e, relative, low, high);
  }

  /// Pooled or lesion by lesion; the others inform.
  void tumours(const MethodDoses& m) {
    const TumourDose& rule = *p_.tumour_dose;
    if (m.tumours) tumour(m, "tumours", *m.tumours, !rule.each);
    for (const NamedDose& lesion : m.lesions) tumour(m, lesion.name, lesion.dose, rule.each);
    if (!m.tumours && m.lesions.empty()) add("tumour-dose", m.method, "Gy").reason = "no structure of role tumour";
  }
  void tumour(const MethodDoses& m, const std::string& name, const Estimate& e, bool decides) {
    const TumourDose& rule = *p_.tumour_dose;
    Ruling& r = add("tumour-dose", m.method, "Gy");
    r.structure = name;
    state_range(r, e.value, rule.range);
    const bool holds = within(e.value, rule.range);
    const bool limited = e.value < rule.range.low && rule.lung_limited_passes && lung_limited(p_, t_);
    r.probability = probability(m, e, tumour_relative_error(t_.errors), rule.range.low, rule.range.high);
    if (decides) {
      r.verdict = judgement_of(holds || limited);
      if (!holds && limited) r.reason = "lung-limited";
      return;
    }
    r.reason = std::string(rule.each ? "each lesion decides" : "the tumours together decide") +
               (holds ? "" : "; outside the limits");
  }

  void perfused(const MethodDoses& m) {
    const DoseRange& range = *p_.perfused_dose;
    Ruling& r = add("perfused-dose", m.method, "Gy");
    r.structure = "perfused";
    if (!m.perfused) {
      r.limit_low = range.low;
      r.limit_high = range.high;
      r.reason = "no structure of role perfused";
      return;
    }
    state_range(r, m.perfused->value, range);
    r.verdict = judgement_of(within(m.perfused->value, range));
    r.probability = probability(m, *m.perfused, tumour_relative_error(t_.errors), range.low, range.high);
  }

  void lung(Ruling& r, const MethodDoses& m, const std::optional<Estimate>& dose, const OneSided& rule,
            const std::string& why_not) {
    r.structure = "lungs";
    r.limit_high = rule.limit;
    if (!dose) {
      r.reason = why_not;
      return;
    }
    judge_below(r, dose->value, rule);
    r.probability = probability(m, *dose, lung_relative_error(t_.errors), -infinity, rule.limit);
  }
  void lungs_by_session(const MethodDoses& m) {
    for (const LungDose& l : m.lungs) {
      Ruling& r = add("lung-dose-session", m.method, "Gy");
      r.session = l.session;
      lung(r, m, l.dose, *p_.lung_session, l.reason);
    }
  }
  void lungs_in_all(const MethodDoses& m) {
    std::string why_not;
    for (const LungDose& l : m.lungs) why_not = l.dose ? why_not : l.reason;
    lung(add("lung-dose-cumulative", m.method, "Gy"), m, m.lung_sum, *p_.lung_cumulative, why_not);
  }

  void margins(const MethodDoses& m) {
    for (const MarginDose& shell : m.margins) {
      std::string name = "margin-";
      name += std::to_string(static_cast<int>(std::lround(shell.width / cm_per_mm))) + "mm";
      for (const bool d95 : {true, false}) {
        Ruling& r = add("margin-dose", m.method, "Gy");
        r.structure = name;
        r.value = (d95 ? shell.d95 : shell.mean).value;
        r.reason = std::string(d95 ? "D95" : "mean") + ", reported: the protocol states no number";
      }
    }
  }

  const Protocol& p_;
  const Treatment& t_;
  std::vector<Ruling> all_;
};

}  // namespace

std::string_view judgement_name(Judgement verdict) {
  return verdict == Judgement::pass ? "pass" : verdict == Judgement::fail ? "fail" : "not-judged";
}

double tumour_relative_error(const StatedErrors& e) {
  return std::hypot(e.activity, e.lung_shunt_fraction / (1 - e.lung_shunt_fraction) * e.shunt);
}

double lung_relative_error(const StatedErrors& e) { return std::hypot(e.activity, e.shunt, e.lung_mass); }

double probability_within(const Estimate& estimate, double relative_error, double low, double high) {
  const double statistical = std::isnan(estimate.error) ? 0 : estimate.error;
  const double error = std::hypot(statistical, relative_error * estimate.value);
  const auto below = [&](double limit) {
    if (error > 0) return 0.5 * std::erfc((estimate.value - limit) / (error * std::sqrt(2.0)));
    return estimate.value <= limit ? 1.0 : 0.0;
  };
  return std::isinf(low) || (!(error > 0) && estimate.value == low) ? below(high) : below(high) - below(low);
}

bool lung_limited(const Protocol& protocol, const Treatment& treatment) {
  if (!protocol.tumour_dose || treatment.partition.empty()) return false;
  const double share = 1 - protocol.tumour_dose->lung_limited_within;
  double sum = 0;
  bool each = protocol.lung_session.has_value();
  for (const auto& session : treatment.partition) {
    sum += session.planned;
    each = each && session.planned >= share * protocol.lung_session->limit;
  }
  return each || (protocol.lung_cumulative && sum >= share * protocol.lung_cumulative->limit);
}

std::vector<Ruling> apply(const Protocol& protocol, const Treatment& treatment) {
  return Judge(protocol, treatment).rulings();
}

bool broken(std::span<const Ruling> rulings, std::string_view judge) {
  return std::any_of(rulings.begin(), rulings.end(), [&](const Ruling& r) {
    return r.verdict == Judgement::fail && (r.method.empty() || r.method == judge);
  });
}

}  // namespace ytterby::validation
