#pragma once
// Rulings as a page speaks of them.

#include <optional>
#include <string>
#include <vector>

#include "io/evaluation/evaluation.h"

namespace ytterby::io {

/// Whether a ruling counts for the verdict: it is of no method or of the judge, and judged.
bool decides(const validation::Ruling& rule, const std::string& judge);

/// Which rules a judge finds broken, and the one that is nearest to its limit, or farthest beyond it, relative to the
/// limit. They point into the validation.
struct Deciding {
  int judged = 0, broken = 0;
  const validation::Ruling* rule = nullptr;
};
Deciding deciding_rule(const Validation& v, const std::string& judge);

/// "lung-dose-session, lungs".
std::string rule_name(const validation::Ruling& rule);

/// "14.2 Gy"; a share has the unit 1, which nobody writes.
std::string rule_value(const validation::Ruling& rule);

/// "0.769 Gy" to the nearest limit, negative beyond it; empty where there is none.
std::string rule_margin(const validation::Ruling& rule);

/// "280 to 520", "below 15", "at least 0.3".
std::string rule_limits(const validation::Ruling& rule);

/// "14.2 Gy, 0.77 Gy within the limit (below 15)", or "... beyond the limit".
std::string rule_distance(const validation::Ruling& rule);

/// What is in force for a rule, each key once: the last one counts.
std::vector<Setting> settings_in_force(const validation::Ruling& rule);

}  // namespace ytterby::io
