#pragma once
// What each approximation costs, in one figure.

#include <string>

#include "io/report/report_input.h"

namespace ytterby::io {

/// For every structure and method a mark at its mean dose's difference to Monte Carlo with the 95 % interval, on one
/// scale that is linear below 1 % and logarithmic beyond. Nothing without a second method beside Monte Carlo.
std::string ladder_section(const ReportInput& input);

/// Where a relative difference stands on the figure's scale [% of its width].
double ladder_place(double relative);

}  // namespace ytterby::io
