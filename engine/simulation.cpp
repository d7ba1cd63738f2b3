#include "engine/simulation.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "engine/base/error.h"
#include "engine/base/units.h"
#include "engine/correlated.h"
#include "engine/dose/few_hits.h"
#include "engine/dose/statistics.h"
#include "engine/goal.h"
#include "engine/run/device_choice.h"
#include "engine/run_batches.h"
#include "engine/tables/transport_tables.h"

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
  if (options.goal_voxel_uncertainty > 0 && options.ranks != nullptr)
    throw Error(Fault::usage, "a goal for voxels is looked at by one process alone so far: run without mpirun");
  if ((options.goal_uncertainty > 0 || options.goal_voxel_uncertainty > 0) &&
      (options.goal_structure < 0 || static_cast<std::size_t>(options.goal_structure) >= structures.size()))
    throw Error(Fault::usage, "a goal for the uncertainty needs a structure to judge it by");
}

void check_weights(std::uint64_t per_batch) {
  if (per_batch > most_correlated_histories)
    throw Error(Fault::usage, "a batch has " + std::to_string(per_batch) +
                                  " histories, the correlated estimator needs at most 2^26: --estimator plain can do "
                                  "more");
}

/// The dose is the sum over all histories, so that it does not depend on how they were cut into batches.
void fill_dose(DoseMap& map, const Phantom& phantom, const BatchSums& sums, double decays, double per_batch) {
  const double quantum = std::ldexp(1.0, -30) * gray_per_MeV_per_g;
  const double gray = decays / per_batch * quantum;
  const double gray_of_all = decays / static_cast<double>(map.histories) * quantum;
  const double volume = phantom.grid.voxel_volume();
  map.dose.resize(phantom.density.size());
  map.uncertainty = covering_errors(phantom, sums, map.batches);
  map.hits = sums.hits();
  for (std::size_t v = 0; v < map.dose.size(); ++v) {
    const double mass = static_cast<double>(phantom.density[v]) * volume;
    map.dose[v] = mass > 0 ? static_cast<float>(static_cast<double>(sums.sum()[v]) * gray_of_all / mass) : 0.0f;
    map.uncertainty[v] = mass > 0 ? static_cast<float>(static_cast<double>(map.uncertainty[v]) * gray / mass)
                                  : std::numeric_limits<float>::quiet_NaN();
  }
}

/// The histories gave the difference from the reference medium; K A_S comes to it.
void add_known(DoseMap& map, CorrelatedRun& run) {
  for (std::size_t v = 0; v < map.dose.size(); ++v) map.dose[v] += run.known.dose[v];
  map.correlated = std::move(run.part);
}

}  // namespace

DoseMap simulate(const Phantom& phantom, const Source& source, const RunOptions& options,
                 std::span<const Structure> structures) {
  check(phantom, options, structures);
  const bool correlated = options.estimator == Estimator::correlated;
  if (correlated && options.reference == nullptr)
    throw Error(Fault::internal, "the correlated estimator was given no kernel");
  BackendChoice choice = choose_backend(options.backend, options.cuda_devices);
  const auto start = Clock::now();
  const Structure* const voxel_goal =
      options.goal_voxel_uncertainty > 0 ? &structures[static_cast<std::size_t>(options.goal_structure)] : nullptr;
  const TransportTables tables(
      phantom, source, options.transport, correlated ? &options.reference->medium : nullptr,
      correlated ? multiplicities(phantom, options.reference->medium, voxel_goal) : std::vector<std::uint8_t>{});

  std::vector<SparseStructure> sparse;
  for (const Structure& structure : structures) sparse.emplace_back(structure, phantom);

  DoseMap map;
  map.method = "monte-carlo";
  map.grid = phantom.grid;
  map.seed = options.seed;
  map.decays = tables.emission.decays;
  const double decays = tables.emission.weighted_decays;  // that the histories' quanta stand for
  map.seconds_tables = seconds_since(start);
  std::optional<CorrelatedRun> coupled;
  if (correlated) {
    coupled = prepare_correlated(phantom, source, tables, *options.reference, options, structures);
    map.seconds_tables = seconds_since(start);
  }
  const bool has_goal = options.goal_uncertainty > 0 || options.goal_voxel_uncertainty > 0;
  const GoalRun goal{phantom, tables, coupled ? &*coupled : nullptr, sparse,
                     has_goal ? &structures[static_cast<std::size_t>(options.goal_structure)] : nullptr};
  RunOptions planned = options;
  std::uint64_t per_batch = histories_per_batch(options.histories, options.batches);
  if (has_goal && options.resume == nullptr) {
    per_batch = batch_for_goal(goal, options);
    planned.batches = static_cast<int>((options.histories + per_batch - 1) / per_batch);
  }
  if (options.resume != nullptr) {
    // Batches keep their size; more histories are more batches.
    per_batch = std::max<std::uint64_t>(options.resume->per_batch, 1);
    planned.batches =
        std::max(options.resume->batches, static_cast<int>((options.histories + per_batch - 1) / per_batch));
  }
  if (correlated) check_weights(per_batch);
  if (options.goal_voxel_uncertainty > 0) {
    planned.worst_voxel_error = worst_voxel_error(goal, per_batch);
    planned.voxels_asked = voxels_asked(goal);
  }
  const TransportView view = tables.view(options.transport.even_emission ? per_batch : 0);
  const BatchRun run =
      coupled ? run_correlated_batches(choice, view, coupled->view(), planned, per_batch, sparse, goal.known(per_batch))
              : run_batches(choice, view, planned, per_batch, sparse);
  map.interrupted = run.interrupted;
  map.device = run.device;
  map.device_note = choice.note;
  map.batches = run.batches;
  map.goal_reached = run.goal_reached;
  map.histories = per_batch * static_cast<std::uint64_t>(run.batches);
  map.seconds_transport = run.seconds;
  map.segments = run.segments;
  map.ledger = run.ledger;
  fill_dose(map, phantom, run.sums, decays, static_cast<double>(per_batch));
  if (coupled) add_known(map, *coupled);
  const double gray = gray_per_quantum(decays, per_batch);
  for (std::size_t s = 0; s < sparse.size(); ++s) {
    const BatchSums::Estimate e = mean_and_error(run.structure_energy[s]);
    const double scale = sparse[s].mass > 0 ? gray / sparse[s].mass : 0;
    // Where the run stopped at a goal, the goal's own batches would state too small an error.
    const bool is_goal = run.goal_error >= 0 && static_cast<int>(s) == options.goal_structure;
    const double error = is_goal ? run.goal_error * e.mean : e.error;
    const double kernel_error = coupled ? coupled->known.structures[s].mean_error : 0;
    map.structures.push_back(
        {structures[s].name, sparse[s].mass, sparse[s].volume, e.mean * scale, error * scale, kernel_error});
  }
  return map;
}

}  // namespace ytterby
