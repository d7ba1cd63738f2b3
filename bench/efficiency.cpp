// Efficiency 1/(sigma^2 T) of simulate(), by estimator. T is its transport's wall time, sigma relative.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>

#include "bench/bench.h"
#include "engine/phantoms/phantoms.h"
#include "engine/schneider.h"
#include "engine/simulation.h"

namespace ytterby::bench {
namespace {

struct Estimator {
  const char* name;
  void (*choose)(RunOptions& options);
};

/// Another estimator is another line here.
constexpr Estimator estimators[] = {{"plain", [](RunOptions&) {}}};

struct Problem {
  Phantom phantom;
  Source source;
};

/// 41^3 voxels of 3 mm water, decays in the middle one: the case of the EGSnrc run that efficiencies are compared with.
Problem water() {
  constexpr int side = 41;
  Problem p;
  p.phantom.grid = {{side, side, side}, {0.3, 0.3, 0.3}, {}, {}};
  p.phantom.materials = {built_in_material("water")};
  p.phantom.density.assign(p.phantom.grid.voxels(), 1.0f);
  p.phantom.material.assign(p.phantom.grid.voxels(), 0);
  std::vector<double> activity(p.phantom.grid.voxels(), 0.0);
  activity[p.phantom.grid.index(side / 2, side / 2, side / 2)] = 1;
  p.source.voxels = VoxelSource{std::move(activity)};
  return p;
}

/// The built-in patient with its activity as drawn.
Problem patient(const AnalyticPhantom& drawn) {
  Problem p;
  p.phantom.grid = drawn.activity.grid;
  for (const SchneiderBin& bin : schneider_bins()) p.phantom.materials.push_back(bin.material);
  for (const float hu : drawn.ct->values) {
    p.phantom.density.push_back(static_cast<float>(schneider_density(static_cast<double>(hu))));
    p.phantom.material.push_back(static_cast<std::uint8_t>(schneider_bin(static_cast<double>(hu))));
  }
  p.source.voxels = VoxelSource{{drawn.activity.values.begin(), drawn.activity.values.end()}};
  return p;
}

RunOptions options_of(const Estimator& estimator, std::uint64_t histories, int batches, int threads) {
  RunOptions options;
  options.backend = Backend::cpu;
  options.histories = histories;
  options.batches = batches;
  options.threads = threads;
  estimator.choose(options);
  return options;
}

/// 1024 batches: sigma^2 is known to 4.4 %.
void water_source_voxel(benchmark::State& state, const Estimator& estimator, const std::string& level, int threads,
                        std::uint64_t histories) {
  use_level(level);
  const Problem p = water();
  const auto source =
      static_cast<std::size_t>(std::max_element(p.source.voxels->activity.begin(), p.source.voxels->activity.end()) -
                               p.source.voxels->activity.begin());
  double seconds = 0, variance = 0, all = 0;
  for (auto _ : state) {
    const DoseMap map = simulate(p.phantom, p.source, options_of(estimator, histories, 1024, threads));
    state.SetIterationTime(map.seconds_transport);
    seconds = map.seconds_transport;
    const double sigma = static_cast<double>(map.uncertainty[source]) / static_cast<double>(map.dose[source]);
    variance = sigma * sigma;
    all = static_cast<double>(map.histories);
  }
  state.counters["efficiency_per_s"] = 1 / (variance * seconds);
  state.counters["variance_per_history"] = variance * all;
  state.counters["histories_per_s"] = all / seconds;
}

/// Relative variance of each tumour voxel (more than half inside), averaged with those of the tumour around it: the
/// largest of 1e4 estimates from 64 batches would say more of the batches than of the voxel.
std::vector<double> tumour_variances(const AnalyticPhantom& drawn, const DoseMap& map) {
  const Grid& grid = map.grid;
  std::vector<double> variance(grid.voxels(), -1);
  for (const Structure& s : drawn.structures) {
    if (s.role != Role::tumour) continue;
    for (std::size_t v = 0; v < variance.size(); ++v) {
      const double sigma = static_cast<double>(map.uncertainty[v]) / static_cast<double>(map.dose[v]);
      if (s.fraction[v] > 0.5f) variance[v] = sigma * sigma;
    }
  }
  std::vector<double> smooth;
  for (int z = 1; z + 1 < grid.shape[2]; ++z)
    for (int y = 1; y + 1 < grid.shape[1]; ++y)
      for (int x = 1; x + 1 < grid.shape[0]; ++x) {
        if (variance[grid.index(x, y, z)] < 0) continue;
        double sum = 0;
        int n = 0;
        for (int i = 0; i < 27; ++i) {
          const double near = variance[grid.index(x + i % 3 - 1, y + i / 3 % 3 - 1, z + i / 9 - 1)];
          if (near < 0) continue;
          sum += near;
          ++n;
        }
        smooth.push_back(sum / n);
      }
  return smooth;
}

/// The time is extrapolated: sigma falls as 1/sqrt(N).
void patient_tumours(benchmark::State& state, const Estimator& estimator, double spacing, int threads,
                     std::uint64_t histories) {
  use_level("");
  const AnalyticPhantom drawn = make_phantom("rescue", spacing);
  const Problem p = patient(drawn);
  double seconds = 0, worst = 0, middle = 0;
  for (auto _ : state) {
    const DoseMap map = simulate(p.phantom, p.source, options_of(estimator, histories, 64, threads));
    state.SetIterationTime(map.seconds_transport);
    seconds = map.seconds_transport;
    std::vector<double> variances = tumour_variances(drawn, map);
    std::sort(variances.begin(), variances.end());
    worst = variances.back();
    middle = variances[variances.size() / 2];
    state.counters["tumour_voxels"] = static_cast<double>(variances.size());
    state.counters["histories_for_1_percent"] = static_cast<double>(map.histories) * worst / 1e-4;
  }
  state.counters["seconds_to_1_percent"] = seconds * worst / 1e-4;
  state.counters["worst_error_percent"] = 100 * std::sqrt(worst);
  state.counters["median_error_percent"] = 100 * std::sqrt(middle);
}

}  // namespace

void register_efficiency(const Settings& settings) {
  for (const Estimator& estimator : estimators) {
    std::vector<std::string> chosen{"baseline"};
    if (levels().back() != "baseline") chosen.push_back(levels().back());
    for (const std::string& level : chosen)
      benchmark::RegisterBenchmark(("efficiency/water_3mm/" + std::string(estimator.name) + "/" + level + "/1").c_str(),
                                   water_source_voxel, estimator, level, 1, settings.histories(1e6))
          ->UseManualTime()
          ->Iterations(1)
          ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("efficiency/" + settings.patient() + "/" + std::string(estimator.name) + "/best/" +
                                  std::to_string(settings.threads))
                                     .c_str(),
                                 patient_tumours, estimator, settings.patient_spacing(), settings.threads,
                                 settings.histories(1e7))
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace ytterby::bench
