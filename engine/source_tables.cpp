#include "engine/source_tables.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/error.h"

namespace ytterby {
namespace {

constexpr int spectrum_bins = 2048;

std::uint32_t to_threshold(double chance) {
  return static_cast<std::uint32_t>(std::min(chance * 4294967296.0, 4294967295.0));
}

void build_alias(SourceTables& tables, const std::vector<double>& activity) {
  double total = 0;
  for (std::size_t i = 0; i < activity.size(); ++i) {
    if (!(activity[i] >= 0) || !std::isfinite(activity[i]))
      throw Error(Fault::input, "activity of voxel " + std::to_string(i) + " is " + std::to_string(activity[i]) +
                                    " Bq, needs to be 0 or more");
    total += activity[i];
    if (activity[i] > 0) tables.voxel.push_back(static_cast<std::uint32_t>(i));
  }
  if (!(total > 0)) throw Error(Fault::input, "the source has no activity: its total is 0 Bq, needs to be above 0");
  const std::size_t n = tables.voxel.size();
  std::vector<double> share(n);
  std::vector<std::uint32_t> poor, rich;
  tables.threshold.assign(n, 0xffffffffu);
  tables.alias.resize(n);
  std::iota(tables.alias.begin(), tables.alias.end(), 0u);
  for (std::size_t i = 0; i < n; ++i) {
    share[i] = activity[tables.voxel[i]] / total * static_cast<double>(n);
    (share[i] < 1 ? poor : rich).push_back(static_cast<std::uint32_t>(i));
  }
  while (!poor.empty() && !rich.empty()) {
    const std::uint32_t p = poor.back(), r = rich.back();
    poor.pop_back();
    tables.threshold[p] = to_threshold(share[p]);
    tables.alias[p] = r;
    share[r] -= 1 - share[p];
    if (share[r] < 1) {
      rich.pop_back();
      poor.push_back(r);
    }
  }
}

void check_inside(const Vector3& point, const Grid& grid) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (!(point[i] >= 0 && point[i] < grid.shape[i] * grid.spacing[i]))
      throw Error(Fault::input, "the source is at " + std::to_string(point[i]) + " cm along axis " + std::to_string(i) +
                                    ", needs to be inside the grid, 0 to " +
                                    std::to_string(grid.shape[i] * grid.spacing[i]));
  }
}

/// A point inside the grid that rounding to float would put onto its upper face moves one float down.
Vector3 inside_in_float(Vector3 point, const Grid& grid) {
  for (std::size_t i = 0; i < 3; ++i) {
    const float edge = static_cast<float>(grid.spacing[i]) * static_cast<float>(grid.shape[i]);
    if (static_cast<float>(point[i]) >= edge) point[i] = static_cast<double>(std::nextafter(edge, 0.0f));
  }
  return point;
}

}  // namespace

std::vector<float> spectrum_quantiles(const Nuclide& nuclide, int bins) {
  const std::vector<double>&x = nuclide.energy, &f = nuclide.density;
  std::vector<double> sum{0.0};
  for (std::size_t i = 0; i + 1 < x.size(); ++i)
    sum.push_back(sum.back() + 0.5 * (f[i] + f[i + 1]) * (x[i + 1] - x[i]));
  std::vector<float> result;
  std::size_t i = 0;
  for (int bin = 0; bin <= bins; ++bin) {
    const double wanted = sum.back() * bin / bins;
    while (i + 2 < x.size() && sum[i + 1] <= wanted) ++i;
    // Solves the quadratic cumulative of the segment: f t + (slope/2) t^2 = rest.
    const double h = x[i + 1] - x[i], slope = (f[i + 1] - f[i]) / h, rest = wanted - sum[i];
    const double root = std::sqrt(std::max(f[i] * f[i] + 2 * slope * rest, 0.0));
    const double t = f[i] + root > 0 ? 2 * rest / (f[i] + root) : 0;
    result.push_back(static_cast<float>(x[i] + std::clamp(t, 0.0, h)));
  }
  return result;
}

SourceView SourceTables::view() const {
  SourceView v;
  const auto size = static_cast<std::uint32_t>(voxel.size());
  v.voxel = {voxel.data(), size};
  v.threshold = {threshold.data(), size};
  v.alias = {alias.data(), size};
  for (std::size_t i = 0; i < 3; ++i) {
    v.segment_from[i] = static_cast<float>(from[i]);
    v.segment_to[i] = static_cast<float>(to[i]);
  }
  v.spectrum = {spectrum.data(), static_cast<std::uint32_t>(spectrum.size())};
  return v;
}

SourceTables build_source_tables(const Source& source, const Grid& grid) {
  if (source.voxels.has_value() == source.segment.has_value())
    throw Error(Fault::internal, "a source needs either voxels or a segment");
  SourceTables tables;
  if (source.voxels) {
    const std::vector<double>& activity = source.voxels->activity;
    if (activity.size() != grid.voxels())
      throw Error(Fault::input, "the source has " + std::to_string(activity.size()) + " voxels, the phantom " +
                                    std::to_string(grid.voxels()));
    build_alias(tables, activity);
    tables.decays = std::accumulate(activity.begin(), activity.end(), 0.0) * source.nuclide.decays_per_becquerel();
  } else {
    check_inside(source.segment->from, grid);
    check_inside(source.segment->to, grid);
    tables.from = inside_in_float(source.segment->from, grid);
    tables.to = inside_in_float(source.segment->to, grid);
    tables.decays = 1;
  }
  if (source.mono_energy) {
    if (!(*source.mono_energy > 0 && *source.mono_energy < 3.9))
      throw Error(Fault::input, "energy is " + std::to_string(*source.mono_energy) + " MeV, needs to be 0 to 3.9");
    tables.spectrum = {static_cast<float>(*source.mono_energy)};
  } else {
    tables.spectrum = spectrum_quantiles(source.nuclide, spectrum_bins);
  }
  return tables;
}

}  // namespace ytterby
