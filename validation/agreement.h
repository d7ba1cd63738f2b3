#pragma once
// How far a method is from Monte Carlo, structure by structure.

#include <string>
#include <vector>

#include "validation/structure_metrics.h"

namespace ytterby::validation {

/// A metric by its name in JSON and tables, e.g. "D95_Gy".
struct NamedEstimate {
  std::string name;
  Estimate estimate;
};

/// All of a structure's metrics that carry an error, the mean first.
std::vector<NamedEstimate> named_estimates(const StructureMetrics& metrics);

/// A method's metric less Monte Carlo's.
struct Difference {
  std::string structure, metric;
  double value = 0;          // in the metric's unit
  double low = 0, high = 0;  // 95 % confidence
  double relative = 0;       // of Monte Carlo's; NaN where that is 0
};

/// Student's t for 95 % with 63 degrees of freedom: Monte Carlo runs in 64 batches.
inline constexpr double t_95 = 1.998;

/// Differences of all metrics that both know. The interval is t_95 times the errors in quadrature: Monte Carlo's from
/// its batches, and the method's own (a kernel's statistical error; none for local deposition and the partition model).
std::vector<Difference> differences(const StructureMetrics& method, const StructureMetrics& monte_carlo);

}  // namespace ytterby::validation
