#pragma once
// A number of ours beside a reference's, and whether they agree.

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "engine/dose/dose_map.h"

namespace ytterby::validation {

enum class Verdict { pass, fail, not_judged };

/// "pass", "FAIL", "not judged".
const char* verdict_name(Verdict verdict);

/// One quantity of one case. Errors are one standard error; NaN counts as 0 (a reference that states none).
struct Comparison {
  std::string case_name;  // "s-values-3mm"
  std::string group;      // quantities that share a tolerance: "source voxel and faces"
  std::string quantity;   // "S(1,0,0)"
  std::string unit;
  double position = std::numeric_limits<double>::quiet_NaN();  // place for plots, in the case's own unit
  double reference = 0, reference_error = 0;
  double ours = 0, our_error = 0;
  double percent_of = 0;                                     // what per cent refer to: the reference, or a maximum
  double stated = std::numeric_limits<double>::quiet_NaN();  // tolerance stated [% of percent_of]; NaN: not judged

  [[nodiscard]] double combined_error() const;
  [[nodiscard]] double difference_percent() const;
  [[nodiscard]] double combined_error_percent() const;
  /// Difference in combined standard errors; 0 where neither side has an error.
  [[nodiscard]] double difference_in_errors() const;
  /// What decides [%]: the larger of the stated tolerance and 3 combined standard errors.
  [[nodiscard]] double tolerance_percent() const;
  [[nodiscard]] Verdict verdict() const;
};

/// All comparisons of one group of one case.
struct GroupSummary {
  std::string case_name, group;
  int points = 0;
  Comparison worst;              // largest difference over tolerance (over combined error where not judged)
  double largest_percent = 0;    // of all points, with its sign
  double largest_in_errors = 0;  // of all points, with its sign
  double rms_in_errors = 0;      // near 1 where only statistics differ
  Verdict verdict = Verdict::not_judged;
};

/// Groups in the order of their first comparison.
std::vector<GroupSummary> summarise(std::span<const Comparison> comparisons);

/// A run of the engine that a case made.
struct RunRecord {
  std::string name;
  std::uint64_t histories = 0;
  double seconds = 0;  // transport
  EnergyLedger ledger;
};

/// The ledger as a comparison: energy out against energy in, which have to be equal as integers.
Comparison ledger_comparison(const RunRecord& run);

}  // namespace ytterby::validation
