#include "engine/source_tables.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

#include "engine/error.h"
#include "engine/sobol.h"

namespace ytterby {
namespace {

constexpr int spectrum_bins = 2048;

/// Places in a cube of 8 voxels' side along Morton's curve: every aligned run of 8 or 64 is a smaller cube.
std::array<std::array<std::uint8_t, 3>, 512> morton_cube() {
  std::array<std::array<std::uint8_t, 3>, 512> places{};
  for (std::size_t i = 0; i < places.size(); ++i)
    for (std::size_t axis = 0; axis < 3; ++axis)
      for (std::size_t bit = 0; bit < 3; ++bit)
        places[i][axis] = static_cast<std::uint8_t>(places[i][axis] | (i >> (3 * bit + axis) & 1u) << bit);
  return places;
}

/// The voxels with activity, neighbours near each other: cube after cube of 8 voxels' side.
std::vector<std::uint32_t> active_voxels(const std::vector<double>& activity, const Grid& grid) {
  static const auto cube = morton_cube();
  std::vector<std::uint32_t> voxels;
  for (int z0 = 0; z0 < grid.shape[2]; z0 += 8)
    for (int y0 = 0; y0 < grid.shape[1]; y0 += 8)
      for (int x0 = 0; x0 < grid.shape[0]; x0 += 8)
        for (const auto& [x, y, z] : cube) {
          if (x0 + x >= grid.shape[0] || y0 + y >= grid.shape[1] || z0 + z >= grid.shape[2]) continue;
          const std::size_t v = grid.index(x0 + x, y0 + y, z0 + z);
          if (activity[v] > 0) voxels.push_back(static_cast<std::uint32_t>(v));
        }
  return voxels;
}

void add_voxels(SourceTables& tables, const std::vector<double>& activity, const Grid& grid) {
  long double total = 0;
  for (std::size_t i = 0; i < activity.size(); ++i) {
    if (!(activity[i] >= 0) || !std::isfinite(activity[i]))
      throw Error(Fault::input, "activity of voxel " + std::to_string(i) + " is " + std::to_string(activity[i]) +
                                    " Bq, needs to be 0 or more");
    total += static_cast<long double>(activity[i]);
  }
  if (!(total > 0)) throw Error(Fault::input, "the source has no activity: its total is 0 Bq, needs to be above 0");
  tables.voxel = active_voxels(activity, grid);
  const std::size_t n = tables.voxel.size();
  tables.below.resize(n);
  long double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    sum += static_cast<long double>(activity[tables.voxel[i]]);
    const long double place = sum / total * 0x1p64L;
    tables.below[i] = place < 0x1p64L ? static_cast<std::uint64_t>(place) : ~std::uint64_t{0};
  }
  tables.below.back() = ~std::uint64_t{0};
  // About a voxel a part.
  const std::uint32_t parts_log2 = static_cast<std::uint32_t>(std::bit_width(n));
  tables.guide_shift = 64 - parts_log2;
  const std::size_t parts = std::size_t{1} << parts_log2;
  tables.guide.resize(parts + 1);
  std::size_t entry = 0;
  for (std::size_t part = 0; part < parts; ++part) {
    const std::uint64_t start = static_cast<std::uint64_t>(part) << tables.guide_shift;
    while (tables.below[entry] < start) ++entry;
    tables.guide[part] = static_cast<std::uint32_t>(entry);
  }
  tables.guide[parts] = static_cast<std::uint32_t>(n - 1);
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
  const std::vector<std::uint32_t>& sobol = sobol_tables();
  SourceView v;
  const auto size = static_cast<std::uint32_t>(voxel.size());
  v.voxel = {voxel.data(), size};
  v.below = {below.data(), size};
  v.guide = {guide.data(), static_cast<std::uint32_t>(guide.size())};
  v.guide_shift = guide_shift;
  v.sobol = {sobol.data(), static_cast<std::uint32_t>(sobol.size())};
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
    add_voxels(tables, activity, grid);
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
