#pragma once
// What `validate` says, as a table, as JSON (io/FORMATS.md) and as CSV.

#include <string>

#include "io/evaluation/evaluation.h"

namespace ytterby::io {

std::string verdict_table(const Validation& v);
std::string verdict_json(const Validation& v);

/// One line per structure, method and metric: value, error, and the difference from Monte Carlo with its interval.
std::string verdict_csv(const Validation& v);

}  // namespace ytterby::io
