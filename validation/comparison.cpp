#include "validation/comparison.h"

#include <algorithm>
#include <cmath>

namespace ytterby::validation {
namespace {

double known(double error) { return std::isnan(error) ? 0.0 : error; }

/// Differences of different kinds on one scale: share of the tolerance, or of 3 standard errors where not judged.
double severity(const Comparison& c) {
  if (!std::isnan(c.stated)) {
    const double tolerance = c.tolerance_percent();
    return tolerance > 0 ? std::abs(c.difference_percent()) / tolerance : std::abs(c.difference_percent());
  }
  return std::abs(c.difference_in_errors()) / 3;
}

}  // namespace

const char* verdict_name(Verdict verdict) {
  return verdict == Verdict::pass ? "pass" : verdict == Verdict::fail ? "FAIL" : "not judged";
}

double Comparison::combined_error() const { return std::hypot(known(reference_error), known(our_error)); }

double Comparison::difference_percent() const { return 100 * (ours - reference) / percent_of; }

double Comparison::combined_error_percent() const { return 100 * combined_error() / percent_of; }

double Comparison::difference_in_errors() const {
  return combined_error() > 0 ? (ours - reference) / combined_error() : 0;
}

double Comparison::tolerance_percent() const { return std::max(stated, 3 * combined_error_percent()); }

Verdict Comparison::verdict() const {
  if (std::isnan(stated)) return Verdict::not_judged;
  return std::abs(difference_percent()) <= tolerance_percent() ? Verdict::pass : Verdict::fail;  // NaN fails
}

std::vector<GroupSummary> summarise(std::span<const Comparison> comparisons) {
  std::vector<GroupSummary> groups;
  for (const Comparison& c : comparisons) {
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const GroupSummary& g) { return g.case_name == c.case_name && g.group == c.group; });
    if (group == groups.end()) {
      groups.push_back({c.case_name, c.group, 0, c, 0, 0, 0, c.verdict()});
      group = groups.end() - 1;
    }
    ++group->points;
    if (!(severity(c) <= severity(group->worst))) group->worst = c;
    const double percent = c.difference_percent(), errors = c.difference_in_errors();
    if (!(std::abs(percent) <= std::abs(group->largest_percent))) group->largest_percent = percent;
    if (!(std::abs(errors) <= std::abs(group->largest_in_errors))) group->largest_in_errors = errors;
    group->rms_in_errors += errors * errors;
    if (c.verdict() == Verdict::fail) group->verdict = Verdict::fail;
  }
  for (GroupSummary& group : groups) group.rms_in_errors = std::sqrt(group.rms_in_errors / group.points);
  return groups;
}

Comparison ledger_comparison(const RunRecord& run) {
  const auto MeV_per_decay = [&](__int128 quanta) {
    return std::ldexp(static_cast<double>(quanta), -30) / static_cast<double>(run.histories);
  };
  const EnergyLedger& l = run.ledger;
  Comparison c{"energy-ledger", "emitted = deposited + escaped + discarded", run.name, "MeV per decay"};
  c.reference = MeV_per_decay(l.emitted);
  // The integers decide: a difference that rounds to nothing has to show as well.
  c.ours = c.reference + MeV_per_decay(l.deposited + l.escaped + l.discarded - l.emitted);
  if (!l.balanced() && c.ours == c.reference) c.ours = std::nextafter(c.reference, 0.0);
  c.percent_of = c.reference;
  c.stated = 0;
  return c;
}

}  // namespace ytterby::validation
