#include "engine/tables/source_tables.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/physics/internal_pair.h"
#include "engine/tables/sobol.h"
#include "kernels/tally/quanta.h"

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

/// Eight planes of the grid.
struct Slab {
  long double activity = 0;
  std::size_t wrong = ~std::size_t{0};  // the first voxel whose activity is none
  std::vector<std::uint32_t> voxels;    // those with activity, cube after cube of 8 voxels' side
};

Slab read_slab(const std::vector<double>& activity, const Grid& grid, int z0) {
  static const auto cube = morton_cube();
  Slab slab;
  const int last = std::min(z0 + 8, grid.shape[2]), cubes = (grid.shape[0] + 7) / 8;
  std::vector<std::uint8_t> active(static_cast<std::size_t>(cubes) * static_cast<std::size_t>((grid.shape[1] + 7) / 8));
  for (int z = z0; z < last; ++z)
    for (int y = 0; y < grid.shape[1]; ++y)
      for (int x = 0; x < grid.shape[0]; ++x) {
        const std::size_t v = grid.index(x, y, z);
        if (!(activity[v] >= 0) || !std::isfinite(activity[v])) {
          slab.wrong = v;
          return slab;
        }
        if (activity[v] == 0) continue;
        slab.activity += static_cast<long double>(activity[v]);
        active[static_cast<std::size_t>((y / 8) * cubes + x / 8)] = 1;
      }
  for (int y0 = 0; y0 < grid.shape[1]; y0 += 8)
    for (int x0 = 0; x0 < grid.shape[0]; x0 += 8) {
      if (active[static_cast<std::size_t>((y0 / 8) * cubes + x0 / 8)] == 0) continue;
      for (const auto& [x, y, z] : cube) {
        if (x0 + x >= grid.shape[0] || y0 + y >= grid.shape[1] || z0 + z >= grid.shape[2]) continue;
        const std::size_t v = grid.index(x0 + x, y0 + y, z0 + z);
        if (activity[v] > 0) slab.voxels.push_back(static_cast<std::uint32_t>(v));
      }
    }
  return slab;
}

/// k of the voxels that emit becomes the shifts of their histories.
void add_shifts(SourceTables& tables, std::span<const std::uint8_t> multiplicity) {
  int largest = 0;
  for (const std::uint32_t v : tables.voxel) largest = std::max(largest, static_cast<int>(multiplicity[v]));
  for (const std::uint32_t v : tables.voxel)
    tables.shift.push_back(static_cast<std::uint8_t>(largest - static_cast<int>(multiplicity[v])));
}

void add_voxels(SourceTables& tables, const std::vector<double>& activity, const Grid& grid,
                std::span<const std::uint8_t> multiplicity) {
  std::vector<Slab> slabs(static_cast<std::size_t>((grid.shape[2] + 7) / 8));
  parallel_for(static_cast<int>(slabs.size()),
               [&](int i) { slabs[static_cast<std::size_t>(i)] = read_slab(activity, grid, 8 * i); });
  long double total = 0;
  for (const Slab& slab : slabs) {
    if (slab.wrong < activity.size())
      throw Error(Fault::input, "activity of voxel " + std::to_string(slab.wrong) + " is " +
                                    std::to_string(activity[slab.wrong]) + " Bq, needs to be 0 or more");
    total += slab.activity;
  }
  if (!(total > 0)) throw Error(Fault::input, "the source has no activity: its total is 0 Bq, needs to be above 0");
  for (Slab& slab : slabs) {
    tables.voxel.insert(tables.voxel.end(), slab.voxels.begin(), slab.voxels.end());
    slab.voxels = {};
  }
  tables.decays = tables.weighted_decays = static_cast<double>(total);
  const std::size_t n = tables.voxel.size();
  // By powers of two: no activity is rounded.
  const auto weighted = [&](std::size_t i) {
    const auto own = static_cast<long double>(activity[tables.voxel[i]]);
    return tables.shift.empty() ? own : std::ldexp(own, -static_cast<int>(tables.shift[i]));
  };
  if (!multiplicity.empty()) {
    add_shifts(tables, multiplicity);
    total = 0;
    for (std::size_t i = 0; i < n; ++i) total += weighted(i);
    tables.weighted_decays = static_cast<double>(total);
  }
  tables.below.resize(n);
  const long double scale = 0x1p64L / total;
  long double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    sum += weighted(i);
    const long double place = sum * scale;
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
  v.internal_number = {internal.number.data(), static_cast<std::uint32_t>(internal.number.size())};
  v.internal_share = {internal.share.data(), static_cast<std::uint32_t>(internal.share.size())};
  v.internal_rows_per_MeV = internal.rows_per_MeV;
  if (pairs > 0) {
    v.pair_chance = static_cast<std::uint32_t>(std::lround(pairs * 0x1p32));
    v.pair_quanta = static_cast<std::uint32_t>(std::lround(pair_level * static_cast<double>(quanta_per_MeV)));
    v.pair_beta_share = static_cast<std::uint32_t>(std::lround(pair_beta_share() * 0x1p32));
  }
  return v;
}

SourceTables build_source_tables(const Source& source, const Grid& grid, std::span<const std::uint8_t> multiplicity,
                                 double photon_cutoff) {
  if (source.voxels.has_value() == source.segment.has_value())
    throw Error(Fault::internal, "a source needs either voxels or a segment");
  SourceTables tables;
  if (source.voxels) {
    const std::vector<double>& activity = source.voxels->activity;
    if (activity.size() != grid.voxels())
      throw Error(Fault::input, "the source has " + std::to_string(activity.size()) + " voxels, the phantom " +
                                    std::to_string(grid.voxels()));
    if (!multiplicity.empty() && multiplicity.size() != activity.size())
      throw Error(Fault::internal, "the source's multiplicities are of another grid");
    add_voxels(tables, activity, grid, multiplicity);
    tables.decays *= source.nuclide.decays_per_becquerel();
    tables.weighted_decays *= source.nuclide.decays_per_becquerel();
  } else {
    check_inside(source.segment->from, grid);
    check_inside(source.segment->to, grid);
    tables.from = inside_in_float(source.segment->from, grid);
    tables.to = inside_in_float(source.segment->to, grid);
    tables.decays = tables.weighted_decays = 1;
  }
  if (source.mono_energy) {
    if (!(*source.mono_energy > 0 && *source.mono_energy < 3.9))
      throw Error(Fault::input, "energy is " + std::to_string(*source.mono_energy) + " MeV, needs to be 0 to 3.9");
    tables.spectrum = {static_cast<float>(*source.mono_energy)};
  } else {
    tables.spectrum = spectrum_quantiles(source.nuclide, spectrum_bins);
  }
  if (source.internal_bremsstrahlung)
    tables.internal = internal_photon_tables(static_cast<double>(tables.spectrum.back()), photon_cutoff);
  if (source.internal_pairs && !source.mono_energy) tables.pairs = pairs_per_decay;
  return tables;
}

}  // namespace ytterby
