#include "engine/base/spline.h"

#include <algorithm>
#include <cstddef>

namespace ytterby {

std::vector<double> spline_second_derivatives(std::span<const double> x, std::span<const double> y) {
  const std::size_t n = x.size();
  const auto h = [&](std::size_t i) { return x[i + 1] - x[i]; };
  // Tridiagonal system for the inner nodes; not-a-knot eliminates the second derivatives m[0] and m[n-1]:
  // m[0] = m[1] - h0/h1 (m[2] - m[1]), and likewise at the other end.
  std::vector<double> lower(n), diagonal(n), upper(n), right(n), m(n);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    lower[i] = h(i - 1);
    diagonal[i] = 2 * (h(i - 1) + h(i));
    upper[i] = h(i);
    right[i] = 6 * ((y[i + 1] - y[i]) / h(i) - (y[i] - y[i - 1]) / h(i - 1));
  }
  const double first = h(0) / h(1), last = h(n - 2) / h(n - 3);
  diagonal[1] += lower[1] * (1 + first);
  upper[1] -= lower[1] * first;
  diagonal[n - 2] += upper[n - 2] * (1 + last);
  lower[n - 2] -= upper[n - 2] * last;
  for (std::size_t i = 2; i + 1 < n; ++i) {
    const double factor = lower[i] / diagonal[i - 1];
    diagonal[i] -= factor * upper[i - 1];
    right[i] -= factor * right[i - 1];
  }
  m[n - 2] = right[n - 2] / diagonal[n - 2];
  for (std::size_t i = n - 2; i-- > 1;) m[i] = (right[i] - upper[i] * m[i + 1]) / diagonal[i];
  m[0] = m[1] - first * (m[2] - m[1]);
  m[n - 1] = m[n - 2] + last * (m[n - 2] - m[n - 3]);
  return m;
}

std::vector<double> monotone_slopes(std::span<const double> x, std::span<const double> y) {
  const std::size_t n = x.size();
  const auto secant = [&](std::size_t i) { return (y[i + 1] - y[i]) / (x[i + 1] - x[i]); };
  std::vector<double> slope(n);
  slope[0] = secant(0);
  slope[n - 1] = secant(n - 2);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    const double a = secant(i - 1), b = secant(i), h_a = x[i] - x[i - 1], h_b = x[i + 1] - x[i];
    if (a * b <= 0) continue;  // an extremum of the data stays one
    const double weight = (h_a + 2 * h_b) / (3 * (h_a + h_b));
    slope[i] = a * b / (weight * b + (1 - weight) * a);
  }
  return slope;
}

double monotone_integral(std::span<const double> x, std::span<const double> y) {
  const std::vector<double> slope = monotone_slopes(x, y);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const double h = x[i + 1] - x[i];
    sum += h / 2 * (y[i] + y[i + 1]) + h * h / 12 * (slope[i] - slope[i + 1]);
  }
  return sum;
}

std::size_t interval_of(std::span<const double> x, double value) {
  const auto above = std::upper_bound(x.begin(), x.end(), value);
  const auto index = std::max<std::ptrdiff_t>(above - x.begin() - 1, 0);
  return std::min(static_cast<std::size_t>(index), x.size() - 2);
}

}  // namespace ytterby
