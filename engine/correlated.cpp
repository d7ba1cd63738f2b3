#include "engine/correlated.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/methods/kernel_dose.h"
#include "engine/methods/local_deposition.h"
#include "engine/patient/activity.h"
#include "kernels/transport/reference.h"

namespace ytterby {
namespace {

/// Calls body(first, stride, n) for every line of voxels along an axis, in no order: voxels first + i stride, i < n.
template <class Body>
void for_lines(const Grid& grid, std::size_t axis, const Body& body) {
  const auto n = static_cast<std::size_t>(grid.shape[axis]);
  std::size_t stride = 1;
  for (std::size_t a = 0; a < axis; ++a) stride *= static_cast<std::size_t>(grid.shape[a]);
  const std::size_t lines = grid.voxels() / n, pieces = std::min<std::size_t>(lines, 64);
  parallel_for(static_cast<int>(pieces), [&](int piece) {
    const auto p = static_cast<std::size_t>(piece);
    for (std::size_t l = lines * p / pieces; l < lines * (p + 1) / pieces; ++l)
      body(l / stride * stride * n + l % stride, stride, n);
  });
}

template <class T>
std::vector<T> line_of(const std::vector<T>& values, std::size_t first, std::size_t stride, std::size_t n) {
  std::vector<T> line(n);
  for (std::size_t i = 0; i < n; ++i) line[i] = values[first + i * stride];
  return line;
}

/// Voxels along an axis that are as long as `reach` [cm], or more.
std::size_t reach_in_voxels(const Grid& grid, std::size_t axis, double reach) {
  return static_cast<std::size_t>(std::ceil(reach / grid.spacing[axis] - 1e-9));
}

/// Spreads zeros by `reach` voxels along an axis: a voxel stays 1 where all within `reach` of it are.
void erode(std::vector<std::uint8_t>& mask, const Grid& grid, std::size_t axis, std::size_t reach) {
  for_lines(grid, axis, [&](std::size_t first, std::size_t stride, std::size_t n) {
    const std::vector<std::uint8_t> line = line_of(mask, first, stride, n);
    for (std::size_t i = 0; i < n; ++i) {
      if (line[i] != 0) continue;
      const std::size_t from = i > reach ? i - reach : 0, to = std::min(n - 1, i + reach);
      for (std::size_t j = from; j <= to; ++j) mask[first + j * stride] = 0;
    }
  });
}

/// The same along all axes, by a length [cm].
void erode(std::vector<std::uint8_t>& mask, const Grid& grid, double reach) {
  for (std::size_t a = 0; a < 3; ++a) erode(mask, grid, a, reach_in_voxels(grid, a, reach));
}

/// Sum of a voxel and those up to `reach` beside it along an axis; beyond the grid there is nothing.
void sum_along(std::vector<std::uint32_t>& values, const Grid& grid, std::size_t axis, std::size_t reach) {
  for_lines(grid, axis, [&](std::size_t first, std::size_t stride, std::size_t n) {
    std::vector<std::uint32_t> before(n + 1);  // sums of the line's first values
    for (std::size_t i = 0; i < n; ++i) before[i + 1] = before[i] + values[first + i * stride];
    for (std::size_t i = 0; i < n; ++i)
      values[first + i * stride] = before[std::min(i + reach + 1, n)] - before[i > reach ? i - reach : 0];
  });
}

/// Mean density of a voxel and its 26 neighbours, those inside the grid [g/cm3]: one axis after the other.
std::vector<float> mean_of_neighbours(const Phantom& phantom) {
  std::vector<float> mean(phantom.density);
  for (std::size_t a = 0; a < 3; ++a)
    for_lines(phantom.grid, a, [&](std::size_t first, std::size_t stride, std::size_t n) {
      const std::vector<float> line = line_of(mean, first, stride, n);
      for (std::size_t i = 0; i < n; ++i) {
        const float below = i > 0 ? line[i - 1] : line[i], above = i + 1 < n ? line[i + 1] : line[i];
        mean[first + i * stride] = (below + line[i] + above) / 3.0f;
      }
    });
  return mean;
}

/// 1 in voxels of soft tissue.
std::vector<std::uint8_t> soft_voxels(const Phantom& phantom) {
  const std::vector<float> mean = mean_of_neighbours(phantom);
  std::vector<std::uint8_t> mask(phantom.density.size());
  for (std::size_t v = 0; v < mask.size(); ++v) {
    const float own = phantom.density[v];
    mask[v] =
        own >= noisy_tissue_from && own <= noisy_tissue_to && mean[v] >= soft_tissue_from && mean[v] <= soft_tissue_to;
  }
  return mask;
}

/// Those of a mask that have no gas within electron_reach.
std::vector<std::uint8_t> away_from_gas(const Phantom& phantom, std::vector<std::uint8_t> mask) {
  std::vector<std::uint8_t> matter(mask.size());
  for (std::size_t v = 0; v < matter.size(); ++v) matter[v] = phantom.density[v] >= static_cast<float>(gas_density);
  erode(matter, phantom.grid, electron_reach);
  for (std::size_t v = 0; v < mask.size(); ++v) mask[v] = mask[v] & matter[v];
  return mask;
}

/// Activity [Bq] in the voxels of a mask alone.
std::vector<double> inside(const std::vector<double>& activity, const std::vector<std::uint8_t>& mask) {
  std::vector<double> result(activity.size());
  for (std::size_t v = 0; v < result.size(); ++v) result[v] = mask[v] != 0 ? activity[v] : 0.0;
  return result;
}

/// The material that has most of the mass of voxels so weighted, and their mean density to 0.01 g/cm3.
MeanMedium dominant_medium(const Phantom& phantom, const std::vector<double>& weight) {
  double volume = 0, mass = 0;
  std::vector<double> by_material(phantom.materials.size());
  for (std::size_t v = 0; v < weight.size(); ++v) {
    const double m = weight[v] * static_cast<double>(phantom.density[v]);
    volume += weight[v];
    mass += m;
    by_material[phantom.material[v]] += m;
  }
  const auto most = std::max_element(by_material.begin(), by_material.end()) - by_material.begin();
  return {phantom.materials[static_cast<std::size_t>(most)], std::round(mass / volume * 100) / 100};
}

const std::vector<double>& activity_of(const Source& source) {
  if (!source.voxels) throw Error(Fault::usage, "the correlated estimator needs a source of voxels");
  return source.voxels->activity;
}

std::uint32_t padded(int voxels, std::uint32_t pad) { return static_cast<std::uint32_t>(voxels) + 2 * pad; }

UniformGridView padded_grid(const Grid& grid, int margin, double density, std::uint32_t material) {
  UniformGridView view;
  view.pad = static_cast<std::uint32_t>(margin);
  double voxels = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    view.shape[a] = padded(grid.shape[a], view.pad);
    view.size[a] = static_cast<float>(grid.spacing[a]);
    voxels *= static_cast<double>(view.shape[a]);
  }
  if (voxels >= 4294967295.0)
    throw Error(Fault::input, "the grid is too large for the correlated estimator: --estimator plain can run it");
  view.word = (__builtin_bit_cast(std::uint32_t, static_cast<float>(density)) & 0xffffff00u) | material;
  return view;
}

}  // namespace

std::vector<std::uint8_t> coupled_voxels(const Phantom& phantom) {
  return away_from_gas(phantom, soft_voxels(phantom));
}

std::vector<std::uint8_t> multiplicities(const Phantom& phantom, const Material& reference, const Structure* goal) {
  const Grid& grid = phantom.grid;
  std::vector<std::uint8_t> inner = soft_voxels(phantom);
  const std::vector<std::uint8_t> coupled = away_from_gas(phantom, inner);
  erode(inner, grid, multiplicity_reach);  // nothing else is around them now
  std::vector<std::uint32_t> alike(inner.size());
  const auto own_alike = [&](std::size_t v) { return phantom.materials[phantom.material[v]].name == reference.name; };
  for (std::size_t v = 0; v < alike.size(); ++v) alike[v] = own_alike(v) ? 1 : 0;
  double all = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    const std::size_t reach = reach_in_voxels(grid, a, multiplicity_reach);
    sum_along(alike, grid, a, reach);
    all *= static_cast<double>(2 * reach + 1);
  }
  std::vector<std::uint8_t> k(inner.size(), multiplicity_outside);
  for (std::size_t v = 0; v < k.size(); ++v) {
    if (coupled[v] == 0) continue;
    const auto other = static_cast<float>(1 - alike[v] / all);
    const auto* const end = std::upper_bound(std::begin(multiplicity_shares), std::end(multiplicity_shares), other);
    const auto by_share = static_cast<std::uint8_t>(end - std::begin(multiplicity_shares));
    const std::uint8_t least = inner[v] == 0 ? multiplicity_at_edges : own_alike(v) ? 0 : 1;
    k[v] = std::max(by_share, least);
  }
  if (goal == nullptr) return k;
  std::vector<std::uint8_t> far(k.size());
  for (std::size_t v = 0; v < far.size(); ++v) far[v] = goal->fraction[v] > 0 ? 0 : 1;
  erode(far, grid, electron_reach);
  for (std::size_t v = 0; v < k.size(); ++v)
    if (far[v] != 0) k[v] = std::min(k[v], multiplicity_far);
  return k;
}

bool can_couple(const Phantom& phantom, const Source& source) {
  if (!source.voxels) return false;
  const std::vector<double> in_s = inside(source.voxels->activity, coupled_voxels(phantom));
  return std::any_of(in_s.begin(), in_s.end(), [](double a) { return a > 0; });
}

KernelOptions reference_kernel_options(const Phantom& phantom, const Source& source, const RunOptions& run) {
  const std::vector<double> in_s = inside(activity_of(source), coupled_voxels(phantom));
  if (!(std::accumulate(in_s.begin(), in_s.end(), 0.0) > 0))
    throw Error(Fault::input, "no source voxel has soft tissue alone around it");
  const MeanMedium mean = dominant_medium(phantom, in_s);
  KernelOptions options;
  options.particles = KernelParticles::electrons;
  options.medium = mean.material;
  options.density = mean.density;
  options.spacing = phantom.grid.spacing;
  options.extent = longest_restricted_range / mean.density;
  options.nuclide = source.nuclide;
  options.internal_bremsstrahlung = source.internal_bremsstrahlung;
  options.internal_pairs = source.internal_pairs;
  // Its error stays below that of the run, and a quick look does not wait for it.
  options.histories = 20'000'000;
  for (const std::uint64_t fewer : {2'000'000u, 200'000u})
    if (run.histories <= fewer) options.histories = fewer;
  options.run = run;
  options.run.estimator = Estimator::plain;
  options.run.seed = 0x5974'7465'7262'79;  // of the kernel alone, so that it is independent of the run's
  options.run.resume = nullptr;
  return options;
}

Coupling couple(const Phantom& phantom, std::span<const std::uint8_t> coupled, const TransportTables& tables,
                double density, int margin) {
  Coupling result;
  result.entries.reserve(tables.emission.voxel.size());
  const std::vector<std::uint8_t>& shift = tables.emission.shift;
  for (std::size_t i = 0; i < tables.emission.voxel.size(); ++i) {
    const bool twice = coupled[tables.emission.voxel[i]] != 0;
    result.entries.push_back(CoupledEntry::of(twice, shift.empty() ? 0u : shift[i]));
  }
  result.grid = padded_grid(phantom.grid, margin, density, tables.physics.materials - 1);
  return result;
}

int margin_of(const KernelOptions& reference) {
  const double side = *std::min_element(reference.spacing.begin(), reference.spacing.end());
  return static_cast<int>(std::ceil(reference.extent / side - 1e-9));
}

CorrelatedRun prepare_correlated(const Phantom& phantom, const Source& source, const TransportTables& tables,
                                 const VoxelKernel& kernel, const RunOptions& options,
                                 std::span<const Structure> structures) {
  if (kernel.particles != KernelParticles::electrons)
    throw Error(Fault::input, "the correlated estimator needs a kernel of electrons alone");
  if (kernel.electron_cutoff != options.transport.electron_cutoff ||
      kernel.photon_cutoff != options.transport.photon_cutoff)
    throw Error(Fault::input, "the reference kernel has other cutoffs than the run");
  const std::vector<double>& activity = activity_of(source);
  CorrelatedRun run;
  run.part.coupled = coupled_voxels(phantom);
  for (std::size_t v = 0; v < activity.size(); ++v)
    if (!(activity[v] > 0)) run.part.coupled[v] = 0;
  const std::vector<double> in_s = inside(activity, run.part.coupled);
  run.part.share =
      std::accumulate(in_s.begin(), in_s.end(), 0.0) / std::accumulate(activity.begin(), activity.end(), 0.0);
  run.part.weight = tables.emission.weighted_decays / tables.emission.decays;
  run.part.density = kernel.density;
  run.part.kernel_histories = kernel.histories;
  run.coupling = couple(phantom, run.part.coupled, tables, kernel.density,
                        *std::max_element(kernel.half.begin(), kernel.half.end()));
  run.known = kernel_dose_map(phantom, in_s, kernel, DensityScaling::local, {}, options);
  for (std::size_t v = 0; v < tables.words.size(); ++v)
    if (is_gas(tables.words[v])) run.known.dose[v] = run.known.uncertainty[v] = 0;
  run.known.structures = structure_doses(phantom, run.known.dose, run.known.uncertainty, structures);
  run.part.kernel_error = std::move(run.known.uncertainty);
  return run;
}

}  // namespace ytterby
