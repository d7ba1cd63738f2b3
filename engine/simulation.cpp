#include "engine/simulation.h"

#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>

#include "engine/backend.h"
#include "engine/batch_runner.h"
#include "engine/cuda_run.h"
#include "engine/error.h"
#include "engine/source_tables.h"
#include "engine/statistics.h"
#include "engine/tables.h"
#include "engine/units.h"
#include "kernels/launch/launch.h"

namespace ytterby {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void check_grid(const Grid& grid) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (grid.shape[i] < 1)
      throw Error(Fault::input, "the grid has " + std::to_string(grid.shape[i]) + " voxels along axis " +
                                    std::to_string(i) + ", needs to be above 0");
    if (!(grid.spacing[i] > 0 && std::isfinite(grid.spacing[i])))
      throw Error(Fault::input, "voxel spacing along axis " + std::to_string(i) + " is " +
                                    std::to_string(grid.spacing[i]) + " cm, needs to be above 0");
  }
  if (grid.voxels() > 0xfffffff0u)
    throw Error(Fault::input, "the grid has " + std::to_string(grid.voxels()) + " voxels, needs to be below 2^32");
}

void check(const Phantom& phantom, const RunOptions& options, std::span<const Structure> structures) {
  check_grid(phantom.grid);
  check_run(options);
  const std::size_t voxels = phantom.grid.voxels();
  const auto same = [voxels](std::size_t size, const std::string& what) {
    if (size != voxels)
      throw Error(Fault::input,
                  what + " has " + std::to_string(size) + " voxels, the grid has " + std::to_string(voxels));
  };
  same(phantom.density.size(), "density");
  same(phantom.material.size(), "material");
  for (const Structure& structure : structures) {
    same(structure.fraction.size(), "structure '" + structure.name + "'");
    for (const float fraction : structure.fraction)
      if (!(fraction >= 0.0f && fraction <= 1.0001f))
        throw Error(Fault::input, "structure '" + structure.name + "' has a volume fraction of " +
                                      std::to_string(fraction) + ", needs to be 0 to 1");
  }
  if (options.goal_uncertainty > 0 &&
      (options.goal_structure < 0 || static_cast<std::size_t>(options.goal_structure) >= structures.size()))
    throw Error(Fault::usage, "a goal for the uncertainty needs a structure to judge it by");
}

/// Materials that occur, with their largest densities; others need no tables.
struct UsedMaterials {
  std::vector<Material> materials;
  std::vector<double> largest_density;
  std::array<std::uint8_t, 256> index{};
};

UsedMaterials used_materials(const Phantom& phantom) {
  std::array<float, 256> largest{};
  std::array<bool, 256> used{};
  for (std::size_t v = 0; v < phantom.density.size(); ++v) {
    const float density = phantom.density[v];
    const std::uint8_t m = phantom.material[v];
    if (!(density >= 0.0f && density < 100.0f) || m >= phantom.materials.size())
      throw Error(Fault::input, "voxel " + std::to_string(v) + " has density " + std::to_string(density) +
                                    " g/cm3 and material " + std::to_string(m) +
                                    ", needs to be 0 to 100 and a material that is listed");
    used[m] = true;
    largest[m] = std::max(largest[m], density);
  }
  UsedMaterials result;
  for (std::size_t m = 0; m < phantom.materials.size(); ++m) {
    if (!used[m]) continue;
    result.index[m] = static_cast<std::uint8_t>(result.materials.size());
    result.materials.push_back(phantom.materials[m]);
    result.largest_density.push_back(static_cast<double>(largest[m]));
  }
  return result;
}

std::vector<std::uint32_t> voxel_words(const Phantom& phantom, const UsedMaterials& used) {
  std::vector<std::uint32_t> words(phantom.density.size());
  for (std::size_t v = 0; v < words.size(); ++v)
    words[v] = (__builtin_bit_cast(std::uint32_t, phantom.density[v]) & 0xffffff00u) | used.index[phantom.material[v]];
  return words;
}

/// Index of the CUDA device to use, or -1 for the CPU. Throws Fault::device where CUDA was asked for and cannot be had.
int chosen_cuda_device(Backend backend) {
  // No GPU run has been recorded under bench/records yet: until one has passed against the CPU, the choice is the
  // user's.
  if (backend != Backend::cuda) return -1;
  const CudaStatus status = cuda_status();
  const std::vector<CudaDeviceInfo> usable = usable_cuda_devices(status);
  if (!usable.empty()) return usable.front().index;
  const std::string why = status.devices.empty()
                              ? status.why_none
                              : status.devices.front().name + " has compute capability " +
                                    std::to_string(status.devices.front().major) + "." +
                                    std::to_string(status.devices.front().minor) + ", needs 8.0 or newer";
  throw Error(Fault::device, "no CUDA device can be used: " + why + "; use --device cpu");
}

BatchRun run_on_cpu(const TransportView& view, const RunOptions& options, std::uint64_t per_batch,
                    std::span<const SparseStructure> structures) {
  const CpuLauncher launcher = best_cpu_launcher();
  const PortionRunner runner{[&](std::uint64_t first, std::uint64_t count, std::int64_t* tally) {
                               return launcher.run(view, options.seed, first, count, tally);
                             },
                             view.grid.voxels.size, launcher.level};
  return run_batches(runner, options, per_batch, structures);
}

BatchRun run_on_cuda([[maybe_unused]] const TransportView& view, [[maybe_unused]] const RunOptions& options,
                     [[maybe_unused]] std::uint64_t per_batch,
                     [[maybe_unused]] std::span<const SparseStructure> structures, [[maybe_unused]] int device) {
#ifdef YTTERBY_HAS_CUDA
  return run_batches_cuda(view, options, per_batch, structures, device);
#else
  throw Error(Fault::internal, "a CUDA device was chosen in a build without CUDA");
#endif
}

void fill_dose(DoseMap& map, const Phantom& phantom, const BatchSums& sums, double histories_per_batch) {
  const double gray = map.decays / histories_per_batch * std::ldexp(1.0, -30) * gray_per_MeV_per_g;
  const double volume = phantom.grid.voxel_volume();
  map.dose.resize(phantom.density.size());
  map.uncertainty.resize(phantom.density.size());
  for (std::size_t v = 0; v < map.dose.size(); ++v) {
    const double mass = static_cast<double>(phantom.density[v]) * volume;
    const BatchSums::Estimate e = sums.estimate(v, map.batches);
    map.dose[v] = mass > 0 ? static_cast<float>(e.mean * gray / mass) : 0.0f;
    map.uncertainty[v] = mass > 0 ? static_cast<float>(e.error * gray / mass) : std::numeric_limits<float>::quiet_NaN();
  }
}

}  // namespace

DoseMap simulate(const Phantom& phantom, const Source& source, const RunOptions& options,
                 std::span<const Structure> structures) {
  check(phantom, options, structures);
  const int cuda_device = chosen_cuda_device(options.backend);
  const auto start = Clock::now();
  const UsedMaterials used = used_materials(phantom);
  const PhysicsTables physics = build_tables(used.materials, used.largest_density, options.electron_cutoff,
                                             options.photon_cutoff, built_in_library());
  const SourceTables emission = build_source_tables(source, phantom.grid);
  const std::vector<std::uint32_t> words = voxel_words(phantom, used);
  TransportView view{physics.view(), {}, emission.view()};
  for (std::size_t i = 0; i < 3; ++i) {
    view.grid.shape[i] = static_cast<std::uint32_t>(phantom.grid.shape[i]);
    view.grid.size[i] = static_cast<float>(phantom.grid.spacing[i]);
  }
  view.grid.voxels = {words.data(), static_cast<std::uint32_t>(words.size())};
  if (options.step_fraction > 0) view.physics.step_fraction = static_cast<float>(options.step_fraction);

  std::vector<SparseStructure> sparse;
  for (const Structure& structure : structures) sparse.emplace_back(structure, phantom);

  DoseMap map;
  map.method = "monte-carlo";
  map.grid = phantom.grid;
  map.seed = options.seed;
  map.decays = emission.decays;
  map.seconds_tables = seconds_since(start);
  const auto batches = static_cast<std::uint64_t>(options.batches);
  const std::uint64_t per_batch = (options.histories + batches - 1) / batches;

  const BatchRun run = cuda_device >= 0 ? run_on_cuda(view, options, per_batch, sparse, cuda_device)
                                        : run_on_cpu(view, options, per_batch, sparse);
  map.device = run.device;
  map.batches = run.batches;
  map.goal_reached = run.goal_reached;
  map.histories = per_batch * static_cast<std::uint64_t>(run.batches);
  map.seconds_transport = run.seconds;
  map.segments = run.segments;
  map.ledger = run.ledger;
  fill_dose(map, phantom, run.sums, static_cast<double>(per_batch));
  const double gray = map.decays / static_cast<double>(per_batch) * std::ldexp(1.0, -30) * gray_per_MeV_per_g;
  for (std::size_t s = 0; s < sparse.size(); ++s) {
    const BatchSums::Estimate e = mean_and_error(run.structure_energy[s]);
    const double scale = sparse[s].mass > 0 ? gray / sparse[s].mass : 0;
    // Where the run stopped at a goal, the goal's own batches would state too small an error.
    const bool is_goal = run.goal_error >= 0 && static_cast<int>(s) == options.goal_structure;
    const double error = is_goal ? run.goal_error * e.mean : e.error;
    map.structures.push_back({structures[s].name, sparse[s].mass, sparse[s].volume, e.mean * scale, error * scale});
  }
  return map;
}

}  // namespace ytterby
