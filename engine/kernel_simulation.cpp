#include "engine/kernel_simulation.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/units.h"
#include "engine/patient/activity.h"
#include "engine/run_batches.h"
#include "engine/simulation.h"
#include "engine/tables/transport_tables.h"

namespace ytterby {
namespace {

constexpr double most_voxels = 1 << 28;

void require(bool holds, const std::string& what, double value, const std::string& right) {
  if (!holds) throw Error(Fault::input, what + " is " + std::to_string(value) + ", needs to be " + right);
}

Grid kernel_grid(const KernelOptions& options) {
  require(options.density > 0 && options.density < 100, "the kernel's density", options.density, "above 0 g/cm3");
  require(options.extent > 0 && options.extent <= 100, "the kernel's extent", options.extent * 10,
          "above 0 to 1000 mm");
  Grid grid;
  double voxels = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    require(options.spacing[a] > 0 && std::isfinite(options.spacing[a]), "the kernel's spacing",
            options.spacing[a] * 10, "above 0 mm");
    const double half = std::ceil(options.extent / options.spacing[a] - 1e-9);
    voxels *= 2 * half + 1;
    if (voxels > most_voxels) {
      throw Error(Fault::input,
                  "a kernel of this extent and spacing has more than 2^28 voxels: a smaller extent or "
                  "coarser voxels are needed");
    }
    grid.shape[a] = 2 * static_cast<int>(half) + 1;
    grid.spacing[a] = options.spacing[a];
  }
  return grid;
}

bool same_length(double a, double b) { return std::abs(a - b) <= 1e-9 * a; }

/// Voxels that are mirror images, or one another with equal axes swapped, share one place.
class Symmetry {
 public:
  Symmetry(const std::array<int, 3>& half, const Vector3& spacing) : half_(half) {
    xy_ = same_length(spacing[0], spacing[1]);
    xz_ = same_length(spacing[0], spacing[2]);
    yz_ = same_length(spacing[1], spacing[2]);
  }
  [[nodiscard]] std::size_t place(int x, int y, int z) const {
    std::array<int, 3> d{std::abs(x - half_[0]), std::abs(y - half_[1]), std::abs(z - half_[2])};
    if (xy_ && xz_) {
      std::sort(d.begin(), d.end());
    } else if (xy_ && d[0] > d[1]) {
      std::swap(d[0], d[1]);
    } else if (xz_ && d[0] > d[2]) {
      std::swap(d[0], d[2]);
    } else if (yz_ && d[1] > d[2]) {
      std::swap(d[1], d[2]);
    }
    return (static_cast<std::size_t>(d[2]) * static_cast<std::size_t>(half_[1] + 1) + static_cast<std::size_t>(d[1])) *
               static_cast<std::size_t>(half_[0] + 1) +
           static_cast<std::size_t>(d[0]);
  }

 private:
  std::array<int, 3> half_;
  bool xy_, xz_, yz_;
};

/// Averages over the symmetries of voxel and source.
std::vector<double> symmetrised(const std::vector<double>& values, const Grid& grid, const VoxelKernel& kernel) {
  const Symmetry symmetry(kernel.half, kernel.spacing);
  std::vector<double> sum(static_cast<std::size_t>(kernel.half[0] + 1) * static_cast<std::size_t>(kernel.half[1] + 1) *
                          static_cast<std::size_t>(kernel.half[2] + 1));
  std::vector<int> count(sum.size());
  const auto each = [&](const auto& visit) {
    std::size_t i = 0;
    for (int z = 0; z < grid.shape[2]; ++z)
      for (int y = 0; y < grid.shape[1]; ++y)
        for (int x = 0; x < grid.shape[0]; ++x) visit(i++, symmetry.place(x, y, z));
  };
  each([&](std::size_t voxel, std::size_t place) {
    sum[place] += values[voxel];
    ++count[place];
  });
  std::vector<double> result(values.size());
  each([&](std::size_t voxel, std::size_t place) { result[voxel] = sum[place] / count[place]; });
  return result;
}

/// A uniform block with one decay in its middle.
struct DecayInBlock {
  Phantom phantom;
  Source source;

  DecayInBlock(const KernelOptions& options, const Grid& grid)
      : phantom{grid,
                std::vector<float>(grid.voxels(), static_cast<float>(options.density)),
                std::vector<std::uint8_t>(grid.voxels(), 0),
                {options.medium}} {
    source.nuclide = options.nuclide;
    source.internal_bremsstrahlung = options.internal_bremsstrahlung;
    source.internal_pairs = options.internal_pairs;
    source.voxels = VoxelSource{std::vector<double>(grid.voxels())};
    source.voxels->activity[grid.voxels() / 2] = 1 / source.nuclide.decays_per_becquerel();  // one decay in all
  }
};

/// Before the symmetries are made use of; per decay.
struct RawKernel {
  std::vector<double> dose, variance;  // [Gy], [Gy2]
};

/// By simulate(); fills in what the kernel says of its run.
RawKernel follow_all_particles(const KernelOptions& options, const Grid& grid, VoxelKernel& kernel) {
  const DecayInBlock block(options, grid);
  RunOptions run = options.run;
  run.estimator = Estimator::plain;
  run.histories = options.histories;
  run.goal_uncertainty = run.goal_voxel_uncertainty = 0;
  const Structure whole{"kernel", Role::other, std::vector<float>(grid.voxels(), 1.0F)};
  const DoseMap map = simulate(block.phantom, block.source, run, {&whole, 1});
  if (map.interrupted) throw KernelStopped();

  RawKernel raw{{map.dose.begin(), map.dose.end()}, std::vector<double>(grid.voxels())};
  for (std::size_t v = 0; v < grid.voxels(); ++v) {
    const auto error = static_cast<double>(map.uncertainty[v]);
    raw.variance[v] = std::isfinite(error) ? error * error : 0;
  }
  kernel.histories = map.histories;
  kernel.seconds = map.seconds_tables + map.seconds_transport;
  const StructureDose& all = map.structures.front();
  kernel.energy_fraction = all.mean * all.mass / gray_per_MeV_per_g / block.source.nuclide.mean_energy;
  kernel.relative_error = all.mean > 0 ? all.mean_error / all.mean : 0;
  return raw;
}

/// Mean of the energies that sample_spectrum() draws [MeV].
double mean_of_spectrum(const std::vector<float>& quantiles) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < quantiles.size(); ++i)
    sum += 0.5 * (static_cast<double>(quantiles[i]) + static_cast<double>(quantiles[i + 1]));
  return sum / static_cast<double>(quantiles.size() - 1);
}

/// By the reference runs of the correlated estimator. The mean energy emitted is known, and what was emitted in fact
/// is put right to it: that takes most of the error off the sum over all voxels.
RawKernel follow_electrons(const KernelOptions& options, const Grid& grid, VoxelKernel& kernel) {
  const auto start = std::chrono::steady_clock::now();
  const DecayInBlock block(options, grid);
  const TransportTables tables(block.phantom, block.source, options.run.transport);
  const std::vector<std::uint8_t> coupled(tables.emission.voxel.size(), 1);
  ReferenceView reference{{}, {coupled.data(), static_cast<std::uint32_t>(coupled.size())}};
  static_cast<GridView&>(reference.grid) = tables.grid;
  reference.grid.word = tables.words.front();

  RunOptions run = options.run;
  run.goal_uncertainty = run.goal_voxel_uncertainty = 0;
  run.resume = nullptr;
  run.on_checkpoint = nullptr;
  const std::uint64_t per_batch = histories_per_batch(options.histories, run.batches);
  const TransportView view = tables.view(per_batch);
  const Structure whole{"kernel", Role::other, std::vector<float>(grid.voxels(), 1.0F)};
  const SparseStructure everything(whole, block.phantom);
  BackendChoice choice = choose_backend(run.backend, run.cuda_devices);
  const BatchRun done = run_reference_batches(choice, view, reference, run, per_batch, {&everything, 1});
  if (done.interrupted) throw KernelStopped();

  const double histories = static_cast<double>(per_batch) * done.batches;
  const double emitted = static_cast<double>(done.ledger.emitted) / histories;  // [quanta]
  const double mean_energy = mean_of_spectrum(tables.emission.spectrum);
  const double to_true_mean = mean_energy / (emitted * std::ldexp(1.0, -30));
  const double mass = options.density * grid.voxel_volume();
  const double gray = to_true_mean * std::ldexp(1.0, -30) * gray_per_MeV_per_g / mass / static_cast<double>(per_batch);
  RawKernel raw;
  for (std::size_t v = 0; v < grid.voxels(); ++v) {
    const BatchSums::Estimate e = done.sums.estimate(v, done.batches);
    raw.dose.push_back(e.mean * gray);
    raw.variance.push_back(std::isfinite(e.error) ? e.error * e.error * gray * gray : 0);
  }
  kernel.histories = per_batch * static_cast<std::uint64_t>(done.batches);
  kernel.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  kernel.energy_fraction = static_cast<double>(done.ledger.deposited) / static_cast<double>(done.ledger.emitted);
  const BatchSums::Estimate all = mean_and_error(done.structure_energy.front());
  kernel.relative_error = all.error / all.mean;
  return raw;
}

}  // namespace

VoxelKernel make_voxel_kernel(const KernelOptions& options) {
  const Grid grid = kernel_grid(options);
  VoxelKernel kernel;
  kernel.particles = options.particles;
  for (std::size_t a = 0; a < 3; ++a) kernel.half[a] = grid.shape[a] / 2;
  kernel.spacing = options.spacing;
  kernel.medium = options.medium;
  kernel.density = options.density;
  kernel.electron_cutoff = options.run.transport.electron_cutoff;
  kernel.photon_cutoff = options.run.transport.photon_cutoff;
  kernel.seed = options.run.seed;
  kernel.mean_energy = options.nuclide.mean_energy;
  RawKernel raw = options.particles == KernelParticles::all ? follow_all_particles(options, grid, kernel)
                                                            : follow_electrons(options, grid, kernel);
  kernel.dose = symmetrised(raw.dose, grid, kernel);
  kernel.variance = symmetrised(raw.variance, grid, kernel);
  return kernel;
}

}  // namespace ytterby
