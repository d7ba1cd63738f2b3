#pragma once
// Cubic interpolation of tables, in double, for building tables.

#include <span>
#include <vector>

namespace ytterby {

/// Second derivatives at the nodes of a cubic spline through (x, y) whose third derivative is continuous at the first
/// and last inner node (de Boor's not-a-knot condition). x ascending, at least 4 nodes.
std::vector<double> spline_second_derivatives(std::span<const double> x, std::span<const double> y);

/// Derivatives at the nodes of the piecewise cubic that never overshoots its data.
/// Fritsch, Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300. x ascending, at least 2 nodes.
std::vector<double> monotone_slopes(std::span<const double> x, std::span<const double> y);

/// Integral of that piecewise cubic from the first node to the last.
double monotone_integral(std::span<const double> x, std::span<const double> y);

/// Index i of the interval x[i] <= value < x[i+1]; the first or last one outside the table.
std::size_t interval_of(std::span<const double> x, double value);

}  // namespace ytterby
