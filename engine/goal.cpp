#include "engine/goal.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "engine/base/units.h"
#include "engine/dose/few_hits.h"
#include "engine/run/run_on_threads.h"
#include "engine/run_batches.h"

namespace ytterby {
namespace {

constexpr int pilot_batches = 32, batches_to_goal = 40;
constexpr std::uint64_t most_batches = 0xffff;  // that BatchSums counts hits in
constexpr std::uint64_t least_batch = 500;
/// A batch has at least a history for so many voxels, so that no run spends its time on adding up voxels. Roughly
/// chosen.
constexpr std::uint64_t voxels_a_history = 200;
constexpr std::uint64_t pilot_batch = 2000;
constexpr std::uint64_t pilot_seed = 0x7069'6c6f'7400'0000;  // apart from every seed of a run

/// What 95 % of the voxels stay below: of few batches the largest of thousands says little.
double high_error(std::vector<double>& errors) {
  if (errors.empty()) return std::numeric_limits<double>::infinity();
  const auto place = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() * 19 / 20);
  std::nth_element(errors.begin(), place, errors.end());
  return *place;
}

/// Relative errors of the goal's voxels.
std::vector<double> voxel_errors(const GoalRun& run, double gray, const BatchSums& sums, int batches) {
  struct Voxel {
    double dose, error;
  };
  std::vector<Voxel> inside;
  const double volume = run.phantom.grid.voxel_volume();
  double energy = 0, mass = 0;
  for (std::size_t v = 0; v < run.goal->fraction.size(); ++v) {
    const auto fraction = static_cast<double>(run.goal->fraction[v]);
    const double own = static_cast<double>(run.phantom.density[v]) * volume;
    if (!(fraction > 0) || !(own > 0)) continue;
    const double mean = sums.estimate(v, batches).mean, of_mean = covering_error(run.phantom, sums, batches, v);
    const double known = run.coupled ? static_cast<double>(run.coupled->known.dose[v]) : 0;
    const double kernel = run.coupled ? static_cast<double>(run.coupled->part.kernel_error[v]) : 0;
    const double dose = mean * gray / own + known;
    mass += fraction * own;
    energy += fraction * own * dose;
    const double error = std::isnan(of_mean) ? std::numeric_limits<double>::infinity() : of_mean * gray / own;
    if (fraction >= 0.5) inside.push_back({dose, std::hypot(error, kernel)});
  }
  std::vector<double> errors;
  for (const Voxel& voxel : inside)
    if (voxel.dose > 0.5 * energy / mass) errors.push_back(voxel.error / voxel.dose);
  return errors;
}

/// Runs to its end even where the run is asked to stop: batches of another size would be another run's, and one that is
/// taken up again has to end with the bits of one that was not stopped.
BatchRun pilot_of(const GoalRun& run, const RunOptions& given) {
  RunOptions options;
  options.seed = given.seed ^ pilot_seed;
  options.histories = pilot_batch * pilot_batches;
  options.batches = pilot_batches;
  options.threads = given.threads;
  options.transport = given.transport;
  const TransportView view = run.tables.view(given.transport.even_emission ? pilot_batch : 0);
  if (run.coupled == nullptr) return run_batches(plain_runner(view, options.seed), options, pilot_batch, run.sparse);
  return run_correlated_batches(view, run.coupled->view(), options, pilot_batch, run.sparse, run.known(pilot_batch));
}

}  // namespace

std::vector<double> GoalRun::known(std::uint64_t per_batch) const {
  std::vector<double> energies;
  if (coupled == nullptr) return energies;
  const double gray = gray_per_quantum(tables.emission.weighted_decays, per_batch);
  for (const StructureDose& s : coupled->known.structures) energies.push_back(s.mean * s.mass / gray);
  return energies;
}

double gray_per_quantum(double decays, std::uint64_t per_batch) {
  return decays / static_cast<double>(per_batch) * std::ldexp(1.0, -30) * gray_per_MeV_per_g;
}

std::function<double(const BatchSums&, int)> worst_voxel_error(const GoalRun& run, std::uint64_t per_batch) {
  const double gray = gray_per_quantum(run.tables.emission.weighted_decays, per_batch);
  return [run, gray](const BatchSums& sums, int batches) {
    const std::vector<double> errors = voxel_errors(run, gray, sums, batches);
    return errors.empty() ? std::numeric_limits<double>::infinity() : *std::max_element(errors.begin(), errors.end());
  };
}

std::uint64_t batch_for_goal(const GoalRun& run, const RunOptions& options) {
  const std::uint64_t largest = histories_per_batch(options.histories, options.batches);
  if (largest <= pilot_batch) return largest;
  const BatchRun pilot = pilot_of(run, options);
  double wanted = 0;  // times the pilot's histories
  if (options.goal_uncertainty > 0) {
    const auto goal = static_cast<std::size_t>(options.goal_structure);
    const BatchSums::Estimate e = mean_and_error(pilot.structure_energy[goal]);
    wanted = std::max(wanted, std::pow(e.error / e.mean / options.goal_uncertainty, 2));
  }
  if (options.goal_voxel_uncertainty > 0) {
    const double gray = gray_per_quantum(run.tables.emission.weighted_decays, pilot_batch);
    std::vector<double> errors = voxel_errors(run, gray, pilot.sums, pilot.batches);
    wanted = std::max(wanted, std::pow(high_error(errors) / options.goal_voxel_uncertainty, 2));
  }
  const double batch = wanted * static_cast<double>(pilot_batch) * pilot_batches / batches_to_goal;
  if (!(batch < static_cast<double>(largest))) return largest;  // so too for what is unknown
  const std::uint64_t least = std::max({(options.histories + most_batches - 1) / most_batches, least_batch,
                                        run.phantom.density.size() / voxels_a_history});
  return std::clamp(static_cast<std::uint64_t>(batch), std::min(least, largest), largest);
}

}  // namespace ytterby
