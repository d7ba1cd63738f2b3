// Rules that depend on no method: who is treated, and where the activity is.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/base/units.h"
#include "validation/protocol/rulings.h"

namespace ytterby::validation::rulings {
namespace {

constexpr const char* no_number = "reported: the protocol states no number";

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %%", 100 * share);
  return text;
}

void count(const Court& c) {
  Ruling& r = c.add("lesion-count", "", "1");
  judge_below(r, static_cast<double>(c.treatment.lesions.size()),
              {static_cast<double>(c.protocol.lesion_count->at_most), true});
  r.reason.clear();
  if (!c.treatment.lesions.empty()) return;
  r.verdict = Judgement::not_judged;
  r.reason = "no structure of role tumour";
}

void size(const Court& c) {
  const LesionSizeRule& rule = *c.protocol.lesion_size;
  Ruling& r = c.add("lesion-size", "", "mm");
  r.limit_low = rule.above.limit;
  const auto& lesions = c.treatment.lesions;
  if (lesions.empty()) {
    r.reason = "no mask of a tumour";
    return;
  }
  const auto measure = [&](const LesionExtent& l) { return (rule.in_space ? l.full : l.axial) / cm_per_mm; };
  const auto& largest = *std::max_element(lesions.begin(), lesions.end(),
                                          [&](const auto& a, const auto& b) { return measure(a) < measure(b); });
  const double value = measure(largest);
  judge_above(r, value, rule.above);
  r.structure = largest.name;
  const double other = (rule.in_space ? largest.axial : largest.full) / cm_per_mm;
  say(r, (rule.in_space ? "axial: " : "3D: ") + std::to_string(static_cast<int>(std::lround(other))) + " mm");
  const double error = (rule.in_space ? largest.full_error : largest.axial_error) / cm_per_mm;
  if (!(error > 0)) return;
  r.probability = 0.5 * std::erfc((rule.above.limit - value) / (error * std::sqrt(2.0)));
  if (std::abs(value - rule.above.limit) > 1.96 * error) return;
  char text[96];
  std::snprintf(text, sizeof text, "%.1f to %.1f mm (95 %%): the limit lies between", value - 1.96 * error,
                value + 1.96 * error);
  say(r, text);
}

/// Once, on the first session: it says whether a patient is treated at all.
void screening(const Court& c) {
  Ruling& r = c.add("screening-lung-dose", "", "Gy");
  const auto& sessions = c.treatment.partition;
  if (sessions.empty()) {
    r.limit_high = c.protocol.screening->lung.limit;
    r.reason = c.treatment.no_partition;
    return;
  }
  judge_below(r, sessions.front().screening, c.protocol.screening->lung);
  r.session = sessions.front().session;
}

void spared_liver(const Court& c) {
  Ruling& r = c.add("spared-liver", "", "1");
  r.structure = "spared-liver";
  r.limit_low = c.protocol.spared_liver->limit;
  if (c.treatment.spared_share) {
    judge_above(r, *c.treatment.spared_share, *c.protocol.spared_liver);
  } else {
    r.reason = "needs structures of role liver and perfused";
  }
  std::string real;  // what it gets
  for (const MethodDoses& m : c.treatment.methods) {
    if (!m.spared_liver) continue;
    char text[96];
    std::snprintf(text, sizeof text, "%.4g Gy by %s", m.spared_liver->value, m.method.c_str());
    real += (real.empty() ? "mean dose there: " : ", ") + std::string(text);
  }
  if (!real.empty()) say(r, real);
}

/// Without an image of function there is nothing to report.
void spared_function(const Court& c) {
  const auto limit = c.protocol.spared_function->at_least;
  if (!c.treatment.function && !limit) return;
  Ruling& r = c.add("spared-function", "", "1");
  r.structure = "spared-liver";
  r.value = c.treatment.spared_function;
  if (limit) r.limit_low = *limit;
  if (!c.treatment.function) {
    r.reason = "needs an image of function ([function] image)";
  } else if (!r.value) {
    r.reason = "needs structures of role liver and perfused";
  } else if (limit) {
    judge_above(r, *r.value, {*limit, true});
  } else {
    r.reason = std::string("of the normal liver's function, outside the perfused volume; ") + no_number;
  }
}

void spared_activity(const Court& c, const SessionActivity& session) {
  const auto limit = c.protocol.spared_activity->at_most;
  Ruling& r = c.add("spared-activity", "", "1");
  r.structure = "spared-liver";
  r.session = session.session;
  r.value = session.spared;
  if (limit) r.limit_high = *limit;
  if (!session.spared) {
    r.reason = "needs structures of role liver and perfused";
  } else if (limit) {
    judge_below(r, *session.spared, {*limit, true});
  } else {
    r.reason = std::string("of the liver's activity, outside the perfused volume; ") + no_number;
  }
}

void extrahepatic(const Court& c, const SessionActivity& session) {
  const Extrahepatic& rule = *c.protocol.extrahepatic;
  Ruling& r = c.add("extrahepatic", "", "1");
  r.session = session.session;
  r.limit_high = rule.not_judged_above;
  if (!session.extrahepatic) {
    r.reason = "needs a structure of role liver";
    return;
  }
  const double share = *session.extrahepatic;
  r.value = share;
  r.margin = rule.not_judged_above - share;
  if (share <= rule.not_judged_above) r.verdict = Judgement::pass;
  if (share >= rule.warn_from) {
    r.reason = percent(share) + " of the counts lie outside liver and lungs: " +
               (r.verdict == Judgement::pass ? "shown from " + percent(rule.warn_from) + " on"
                                             : "above " + percent(rule.not_judged_above) +
                                                   " the doses are not those of a treatment of the liver; look for the "
                                                   "vessel that feeds bowel or stomach");
  }
}

void session_count(const Court& c) {
  const double sessions = static_cast<double>(std::max<std::size_t>(1, c.treatment.sessions.size()));
  judge_below(c.add("session-count", "", "1"), sessions,
              {static_cast<double>(c.protocol.session_count->at_most), true});
  c.all.back().reason.clear();
}

void sphere_count(const Court& c, const SessionActivity& session) {
  const SphereCount& rule = *c.protocol.sphere_count;
  Ruling& r = c.add("sphere-count", "", "1");
  r.session = session.session;
  if (rule.at_most) r.limit_high = *rule.at_most;
  if (!(session.administered > 0)) {
    r.reason = "needs the activity that was administered";
    return;
  }
  const double spheres = session.administered / rule.activity;
  if (rule.at_most) {
    judge_below(r, spheres, {*rule.at_most, true});
  } else {
    r.value = spheres;
    r.reason = std::string("microspheres, ") + no_number;
  }
}

}  // namespace

void judge_patient(const Court& c) {
  const Protocol& p = c.protocol;
  if (p.lesion_count) count(c);
  if (p.lesion_size) size(c);
  if (p.screening) screening(c);
  if (p.spared_liver) spared_liver(c);
  if (p.spared_function) spared_function(c);
  for (const SessionActivity& session : c.treatment.sessions) {
    if (p.spared_activity) spared_activity(c, session);
    if (p.extrahepatic) extrahepatic(c, session);
    if (p.sphere_count) sphere_count(c, session);
  }
  if (p.session_count) session_count(c);
}

}  // namespace ytterby::validation::rulings
