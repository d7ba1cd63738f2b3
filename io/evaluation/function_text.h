#pragma once
// What of the liver's function gets which dose, as lines and as JSON.

#include <string>
#include <vector>

#include "io/evaluation/evaluation.h"
#include "io/prepare/measured.h"

namespace ytterby::io {

/// {"tumour_share", "outside_liver_share", "regions": [{"name", "share", "volume_share"}, ...]}.
std::string function_json(const MeasuredFunction& function);

/// A line for each region: its shares of function and volume.
std::string function_lines(const MeasuredFunction& function);

/// What a method says of a region's function.
struct FunctionRow {
  std::string method;
  const validation::StructureMetrics* metrics = nullptr;  // its `function` is not empty
};

/// The methods that weigh a region's dose by function, in the order of `v`. They point into `v`.
std::vector<FunctionRow> function_rows(const Validation& v, const std::string& region);

/// Regions, their shares, and by each method the dose weighed by function and what share of it gets how much.
std::string function_table(const Validation& v);

}  // namespace ytterby::io
