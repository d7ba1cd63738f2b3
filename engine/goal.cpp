#include "engine/goal.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "engine/base/parallel.h"
#include "engine/base/units.h"
#include "engine/dose/few_hits.h"
#include "engine/run/run_on_threads.h"
#include "engine/run_batches.h"

namespace ytterby {
namespace {

constexpr int pilot_batches = 32, batches_to_goal = 80;
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
class GoalVoxels {
 public:
  explicit GoalVoxels(const GoalRun& run) : run_(run) {
    for (std::size_t v = 0; v < run.goal->fraction.size(); ++v)
      if (run.goal->fraction[v] > 0 && run.phantom.density[v] > 0) voxels_.push_back(v);
  }

  [[nodiscard]] std::vector<double> errors(double gray, const BatchSums& sums, int batches) const {
    struct Part {
      std::vector<std::pair<double, double>> inside;  // dose, error [Gy]
      double energy = 0, mass = 0;
    };
    constexpr std::size_t piece = 1024;
    std::vector<Part> parts((voxels_.size() + piece - 1) / piece);
    parallel_for(static_cast<int>(parts.size()), [&](int i) {
      Part& part = parts[static_cast<std::size_t>(i)];
      const std::size_t first = static_cast<std::size_t>(i) * piece;
      for (std::size_t at = first; at < std::min(first + piece, voxels_.size()); ++at) {
        const std::size_t v = voxels_[at];
        const auto fraction = static_cast<double>(run_.goal->fraction[v]);
        const double own = static_cast<double>(run_.phantom.density[v]) * run_.phantom.grid.voxel_volume();
        const double of_mean = covering_error(run_.phantom, sums, batches, v);
        const double known = run_.coupled ? static_cast<double>(run_.coupled->known.dose[v]) : 0;
        const double kernel = run_.coupled ? static_cast<double>(run_.coupled->part.kernel_error[v]) : 0;
        const double dose = sums.estimate(v, batches).mean * gray / own + known;
        part.mass += fraction * own;
        part.energy += fraction * own * dose;
        const double error = std::isnan(of_mean) ? std::numeric_limits<double>::infinity() : of_mean * gray / own;
        if (fraction >= 0.5) part.inside.emplace_back(dose, std::hypot(error, kernel));
      }
    });
    double energy = 0, mass = 0;
    for (const Part& part : parts) {
      energy += part.energy;
      mass += part.mass;
    }
    std::vector<double> errors;
    for (const Part& part : parts)
      for (const auto& [dose, error] : part.inside)
        if (dose > 0.5 * energy / mass) errors.push_back(error / dose);
    return errors;
  }

 private:
  GoalRun run_;
  std::vector<std::size_t> voxels_;  // those of the goal that have a mass
};

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
  BackendChoice cpu;
  return run_correlated_batches(cpu, view, run.coupled->view(), options, pilot_batch, run.sparse,
                                run.known(pilot_batch));
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
  return [voxels = GoalVoxels(run), gray](const BatchSums& sums, int batches) {
    const std::vector<double> errors = voxels.errors(gray, sums, batches);
    return errors.empty() ? std::numeric_limits<double>::infinity() : *std::max_element(errors.begin(), errors.end());
  };
}

std::vector<std::uint32_t> voxels_asked(const GoalRun& run) {
  const Grid& grid = run.phantom.grid;
  std::vector<std::uint8_t> near(run.goal->fraction.size());
  for (int z = 0; z < grid.shape[2]; ++z)
    for (int y = 0; y < grid.shape[1]; ++y)
      for (int x = 0; x < grid.shape[0]; ++x) {
        if (!(run.goal->fraction[grid.index(x, y, z)] > 0)) continue;
        for (int k = std::max(z - 2, 0); k <= std::min(z + 2, grid.shape[2] - 1); ++k)
          for (int j = std::max(y - 2, 0); j <= std::min(y + 2, grid.shape[1] - 1); ++j)
            for (int i = std::max(x - 2, 0); i <= std::min(x + 2, grid.shape[0] - 1); ++i)
              near[grid.index(i, j, k)] = 1;
      }
  std::vector<std::uint32_t> voxels;
  for (std::size_t v = 0; v < near.size(); ++v)
    if (near[v] != 0) voxels.push_back(static_cast<std::uint32_t>(v));
  return voxels;
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
    std::vector<double> errors = GoalVoxels(run).errors(gray, pilot.sums, pilot.batches);
    wanted = std::max(wanted, std::pow(high_error(errors) / options.goal_voxel_uncertainty, 2));
  }
  const double batch = wanted * static_cast<double>(pilot_batch) * pilot_batches / batches_to_goal;
  if (!(batch < static_cast<double>(largest))) return largest;  // so too for what is unknown
  const std::uint64_t least = std::max({(options.histories + most_batches - 1) / most_batches, least_batch,
                                        run.phantom.density.size() / voxels_a_history});
  return std::clamp(static_cast<std::uint64_t>(batch), std::min(least, largest), largest);
}

}  // namespace ytterby
