#include "engine/grid/plane_lattice.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ytterby {
namespace {

constexpr double departure_share = 0.05, departure_mm = 0.1;
constexpr double rounding_share = 0.01, rounding_mm = 0.01;
constexpr int most_planes = 20'000;

std::vector<std::size_t> order_of(const std::vector<double>& positions) {
  std::vector<std::size_t> order(positions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return positions[a] < positions[b]; });
  return order;
}

/// Least-squares line through the planes' mean positions; the spacing stays where all lie in one plane.
void fit_line(const std::vector<double>& positions, PlaneLattice& lattice) {
  lattice.count = *std::max_element(lattice.index.begin(), lattice.index.end()) + 1;
  std::vector<double> sum(static_cast<std::size_t>(lattice.count)), number(sum.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    sum[static_cast<std::size_t>(lattice.index[i])] += positions[i];
    number[static_cast<std::size_t>(lattice.index[i])] += 1;
  }
  double planes = 0, mean_k = 0, mean_at = 0;
  for (std::size_t k = 0; k < sum.size(); ++k) {
    if (number[k] == 0) continue;
    sum[k] /= number[k];
    planes += 1;
    mean_k += static_cast<double>(k);
    mean_at += sum[k];
  }
  mean_k /= planes;
  mean_at /= planes;
  double kk = 0, ka = 0;
  for (std::size_t k = 0; k < sum.size(); ++k) {
    if (number[k] == 0) continue;
    kk += (static_cast<double>(k) - mean_k) * (static_cast<double>(k) - mean_k);
    ka += (static_cast<double>(k) - mean_k) * (sum[k] - mean_at);
  }
  if (kk > 0) lattice.spacing = ka / kk;
  lattice.first = mean_at - lattice.spacing * mean_k;
  lattice.departure = -1;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto k = static_cast<std::size_t>(lattice.index[i]);
    const double off = std::abs(sum[k] - lattice.first - lattice.spacing * static_cast<double>(k));
    if (off > lattice.departure) {
      lattice.departure = off;
      lattice.worst = i;
    }
  }
}

}  // namespace

double largest_departure(double spacing_mm) { return std::max(departure_mm, departure_share * spacing_mm); }

bool departs(const PlaneLattice& lattice) {
  return lattice.departure > std::max(rounding_mm, rounding_share * lattice.spacing);
}

PlaneLattice fit_every_plane(const std::vector<double>& positions) {
  PlaneLattice lattice;
  lattice.index.resize(positions.size());
  const std::vector<std::size_t> order = order_of(positions);
  for (std::size_t i = 0; i < order.size(); ++i) lattice.index[order[i]] = static_cast<int>(i);
  if (!positions.empty()) fit_line(positions, lattice);
  return lattice;
}

std::optional<PlaneLattice> fit_planes_near(const std::vector<double>& positions, double spacing) {
  if (positions.empty() || !(spacing > 0)) return {};
  PlaneLattice lattice;
  lattice.spacing = spacing;
  lattice.index.resize(positions.size());
  const std::vector<std::size_t> order = order_of(positions);
  double plane = positions[order.front()];  // the lowest position of the plane under way, and the highest
  double highest = plane;
  int index = 0;
  for (const std::size_t i : order) {
    if (positions[i] - plane >= same_plane_share * spacing) {
      const double steps = std::round((positions[i] - 0.5 * (plane + highest)) / spacing);
      if (steps > most_planes) return {};
      index += std::max(1, static_cast<int>(steps));
      if (index > most_planes) return {};
      plane = positions[i];
    }
    highest = positions[i];
    lattice.index[i] = index;
  }
  fit_line(positions, lattice);
  const double most = largest_departure(spacing);
  if (lattice.departure > most) return {};
  // Over the whole length, another spacing shows as much as a plane that departs.
  if (std::abs(lattice.spacing - spacing) * std::max(1, lattice.count - 1) >
      std::max(2 * most, 0.002 * spacing * lattice.count)) {
    return {};
  }
  return lattice;
}

std::optional<PlaneLattice> fit_coarsest(const std::vector<double>& positions, double finest) {
  if (positions.empty()) return {};
  const auto [low, high] = std::minmax_element(positions.begin(), positions.end());
  const double length = *high - *low;
  for (int steps = 1; steps <= most_planes && length / steps >= finest; ++steps) {
    const double spacing = length / steps;
    if (auto lattice = fit_planes_near(positions, spacing)) return lattice;
  }
  return {};
}

WorstGap worst_gap(const std::vector<double>& positions) {
  WorstGap worst;
  const std::vector<std::size_t> order = order_of(positions);
  std::vector<double> gaps;
  for (std::size_t i = 1; i < order.size(); ++i) gaps.push_back(positions[order[i]] - positions[order[i - 1]]);
  if (gaps.empty()) return worst;
  std::vector<double> sorted = gaps;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
  worst.usual = sorted[sorted.size() / 2];
  const auto off = [&](double gap) { return std::abs(gap - worst.usual); };
  const auto at = static_cast<std::size_t>(
      std::max_element(gaps.begin(), gaps.end(), [&](double a, double b) { return off(a) < off(b); }) - gaps.begin());
  worst.below = order[at];
  worst.above = order[at + 1];
  worst.gap = gaps[at];
  return worst;
}

}  // namespace ytterby
