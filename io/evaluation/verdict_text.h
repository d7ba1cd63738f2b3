#pragma once
// What `validate` says, as a table, as JSON (io/FORMATS.md) and as CSV.

#include <string>
#include <vector>

#include "io/evaluation/evaluation.h"

namespace ytterby::io {

std::string verdict_table(const Validation& v);

/// Three digits, with "~" before a measure that noise limits.
std::string noise_marked(const validation::Estimate& estimate);
/// What "~" means, with the histories that the measures want; empty where none is limited.
std::string noise_line(const std::vector<validation::Estimate>& shown);

std::string verdict_json(const Validation& v);

/// One line per structure, method and metric: value, error, and the difference from Monte Carlo with its interval.
std::string verdict_csv(const Validation& v);

}  // namespace ytterby::io
