// Efficiency 1/(sigma^2 T) of simulate(), by estimator. sigma is relative, T the transport's CPU time: that is its wall
// time, where nobody else uses the processor.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bench/bench.h"
#include "engine/correlated.h"
#include "engine/dose/voxel_uncertainty.h"
#include "engine/kernel_simulation.h"
#include "engine/patient/schneider.h"
#include "engine/phantoms/phantoms.h"
#include "engine/simulation.h"
#include "io/prepare/dose_of_case.h"
#include "io/prepare/prepare.h"
#include "io/results/dose_file.h"

namespace ytterby::bench {
namespace {

/// Another estimator is another entry here.
constexpr Estimator estimators[] = {Estimator::plain, Estimator::correlated};

struct Problem {
  Phantom phantom;
  Source source;
  std::vector<Structure> structures;
};

/// 41^3 voxels of 3 mm, decays in the middle one, as in the EGSnrc run that efficiencies are compared with: in water,
/// or in liver tissue whose density varies from voxel to voxel by 3 % (one standard deviation), as in a CT. In the
/// uniform water the correlated estimator would have nothing to do.
Problem middle_voxel(bool tissue) {
  constexpr int side = 41;
  Problem p;
  p.phantom.grid = {{side, side, side}, {0.3, 0.3, 0.3}, {}, {}};
  p.phantom.materials = {built_in_material(tissue ? "liver_icru44" : "water")};
  std::mt19937 random(1);
  std::normal_distribution<float> density(1.06f, 0.03f * 1.06f);
  for (std::size_t v = 0; v < p.phantom.grid.voxels(); ++v)
    p.phantom.density.push_back(tissue ? std::clamp(density(random), soft_tissue_from, soft_tissue_to) : 1.0f);
  p.phantom.material.assign(p.phantom.grid.voxels(), 0);
  std::vector<double> activity(p.phantom.grid.voxels(), 0.0);
  activity[p.phantom.grid.index(side / 2, side / 2, side / 2)] = 1;
  p.source.voxels = VoxelSource{std::move(activity)};
  return p;
}

/// The built-in patient with its activity as drawn. Its densities are drawn uniform, which would flatter the correlated
/// estimator: they get the 1.5 % that a CT in voxels of 3 mm has (real liver and tumour: 1.5 and 1.7 %).
Problem built_in_patient(double spacing) {
  const AnalyticPhantom drawn = make_phantom("rescue", spacing);
  Problem p;
  p.phantom.grid = drawn.activity.grid;
  for (const SchneiderBin& bin : schneider_bins()) p.phantom.materials.push_back(bin.material);
  std::mt19937 random(1);
  std::normal_distribution<float> noise(1.0f, 0.015f);
  for (const float hu : drawn.ct->values) {
    p.phantom.density.push_back(static_cast<float>(schneider_density(static_cast<double>(hu))) * noise(random));
    p.phantom.material.push_back(static_cast<std::uint8_t>(schneider_bin(static_cast<double>(hu))));
  }
  p.source.voxels = VoxelSource{{drawn.activity.values.begin(), drawn.activity.values.end()}};
  p.structures = drawn.structures;
  return p;
}

Problem real_patient(const std::filesystem::path& file) {
  io::PreparedCase prepared = io::prepare(io::read_case(file));
  return {std::move(prepared.phantom), std::move(prepared.source), std::move(prepared.structures)};
}

/// What a run takes: the correlated estimator has a kernel, which a program keeps from one patient to the next. It is
/// not in the time, and few histories serve here, because its error is not in sigma.
struct Plan {
  RunOptions options;
  std::optional<VoxelKernel> kernel;

  Plan(const Problem& p, Estimator estimator, std::uint64_t histories, int batches, int threads) {
    options.backend = Backend::cpu;
    options.histories = histories;
    options.batches = batches;
    options.threads = threads;
    options.estimator = estimator;
    if (estimator == Estimator::plain) return;
    KernelOptions made = reference_kernel_options(p.phantom, p.source, options);
    made.histories = 1'000'000;
    made.run.threads = 0;
    made.run.batches = 64;
    kernel = make_voxel_kernel(made);
    options.reference = &*kernel;
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
};

struct Run {
  DoseMap map;
  double cpu_seconds = 0;  // of the transport, all threads
};

/// The CPU time of all batches but the first, whose start cannot be seen from here, stands for all.
Run run_of(const Problem& p, const RunOptions& given) {
  double first = -1, last = -1;
  RunOptions options = given;
  options.on_progress = [&](const Progress&) {
    last = program_seconds();
    if (first < 0) first = last;
  };
  Run run{simulate(p.phantom, p.source, options)};
  run.cpu_seconds = (last - first) * run.map.batches / (run.map.batches - 1);
  return run;
}

/// 1024 batches: sigma^2 is known to 4.4 %.
void source_voxel(benchmark::State& state, bool tissue, Estimator estimator, const std::string& level,
                  std::uint64_t histories) {
  use_level(level);
  const Problem p = middle_voxel(tissue);
  const Plan plan(p, estimator, histories, 1024, 1);
  const std::vector<double>& activity = p.source.voxels->activity;
  const auto source = static_cast<std::size_t>(std::max_element(activity.begin(), activity.end()) - activity.begin());
  for (auto _ : state) {
    const Run run = run_of(p, plan.options);
    state.SetIterationTime(run.map.seconds_transport);
    const double sigma = static_cast<double>(run.map.uncertainty[source]) / static_cast<double>(run.map.dose[source]);
    const auto all = static_cast<double>(run.map.histories);
    state.counters["cpu_s"] = run.cpu_seconds;
    state.counters["efficiency_per_s"] = 1 / (sigma * sigma * run.cpu_seconds);
    state.counters["variance_per_history"] = sigma * sigma * all;
    state.counters["histories_per_s"] = all / run.cpu_seconds;
  }
}

/// Relative variance of each tumour voxel (more than half inside), averaged with those of the tumour around it: the
/// largest of 1e4 estimates from 64 batches would say more of the batches than of the voxel.
std::vector<double> tumour_variances(const Problem& p, const DoseMap& map) {
  const Grid& grid = map.grid;
  std::vector<double> variance(grid.voxels(), -1);
  for (const Structure& s : p.structures) {
    if (s.role != Role::tumour) continue;
    for (std::size_t v = 0; v < variance.size(); ++v) {
      const double sigma = static_cast<double>(map.uncertainty[v]) / static_cast<double>(map.dose[v]);
      if (s.fraction[v] > 0.5f) variance[v] = sigma * sigma;
    }
  }
  std::vector<double> smooth;
  const auto from = [](int i) { return std::max(i - 1, 0); };
  const auto to = [&](int i, std::size_t axis) { return std::min(i + 1, grid.shape[axis] - 1); };
  for (int z = 0; z < grid.shape[2]; ++z)
    for (int y = 0; y < grid.shape[1]; ++y)
      for (int x = 0; x < grid.shape[0]; ++x) {
        if (variance[grid.index(x, y, z)] < 0) continue;
        double sum = 0;
        int n = 0;
        for (int k = from(z); k <= to(z, 2); ++k)
          for (int j = from(y); j <= to(y, 1); ++j)
            for (int i = from(x); i <= to(x, 0); ++i) {
              const double near = variance[grid.index(i, j, k)];
              if (near < 0) continue;
              sum += near;
              ++n;
            }
        smooth.push_back(sum / n);
      }
  return smooth;
}

/// The time is extrapolated: sigma falls as 1/sqrt(N).
void patient_tumours(benchmark::State& state, const std::function<Problem()>& make, Estimator estimator, int threads,
                     std::uint64_t histories) {
  use_level("");
  const Problem p = make();
  const Plan plan(p, estimator, histories, 64, threads);
  for (auto _ : state) {
    const Run run = run_of(p, plan.options);
    state.SetIterationTime(run.map.seconds_transport);
    std::vector<double> variances = tumour_variances(p, run.map);
    std::sort(variances.begin(), variances.end());
    const double worst = variances.back(), more = worst / 1e-4;
    state.counters["cpu_s"] = run.cpu_seconds;
    state.counters["tumour_voxels"] = static_cast<double>(variances.size());
    state.counters["histories_for_1_percent"] = static_cast<double>(run.map.histories) * more;
    state.counters["seconds_to_1_percent"] = run.map.seconds_transport * more;
    state.counters["cpu_seconds_to_1_percent"] = run.cpu_seconds * more;
    state.counters["worst_error_percent"] = 100 * std::sqrt(worst);
    state.counters["median_error_percent"] = 100 * std::sqrt(variances[variances.size() / 2]);
  }
}

/// From the case's files to the dose file, each with another seed, with the goal of 1 % in every voxel of the tumours.
/// The reference kernel is made before, as it is for every patient but the first of its kind.
void to_goal(benchmark::State& state, const std::filesystem::path& file, int threads) {
  use_level("");
  std::optional<VoxelKernel> kernel;
  RunOptions options;
  options.backend = Backend::cpu;
  options.threads = threads;
  options.estimator = Estimator::correlated;
  options.goal_voxel_uncertainty = 0.01;
  const auto prepare_goal = [&] {
    io::PreparedCase prepared = io::prepare(io::read_case(file));
    const auto goal = std::find_if(prepared.structures.begin(), prepared.structures.end(),
                                   [](const Structure& s) { return s.name == "tumours"; });
    options.goal_structure = static_cast<int>(goal - prepared.structures.begin());
    return prepared;
  };
  {
    const io::PreparedCase prepared = prepare_goal();
    KernelOptions made = reference_kernel_options(prepared.phantom, prepared.source, options);
    made.run.threads = 0;
    kernel = make_voxel_kernel(made);
    options.reference = &*kernel;
  }
  const std::string dose = scratch_folder() + "/to_goal.h5";
  for (auto _ : state) {
    std::vector<double> seconds;
    double cpu = 0, histories = 0, worst = 0;
    constexpr int seeds = 5;
    for (int seed = 1; seed <= seeds; ++seed) {
      options.seed = static_cast<std::uint64_t>(seed);
      const double cpu_before = program_seconds();
      const auto start = std::chrono::steady_clock::now();
      io::PreparedCase prepared = prepare_goal();
      const io::Method method = [&](const Phantom& phantom, const Source& source, std::span<const Structure> structures,
                                    int) { return simulate(phantom, source, options, structures); };
      const io::DoseFile file_of_run = io::dose_by(method, std::move(prepared));
      io::write_dose(dose, file_of_run);
      seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      cpu += (program_seconds() - cpu_before) / seeds;
      histories += static_cast<double>(file_of_run.map.histories) / seeds;
      if (!file_of_run.map.goal_reached) state.SkipWithError("the goal was not reached");
      for (std::size_t s = 0; s < file_of_run.structures.size(); ++s)
        if (file_of_run.structures[s].name == "tumours")
          worst = std::max(
              worst,
              voxel_uncertainty(file_of_run.map, file_of_run.structures[s], file_of_run.map.structures[s].mean).worst);
    }
    std::sort(seconds.begin(), seconds.end());
    state.SetIterationTime(seconds[seeds / 2]);
    state.counters["seconds_to_dose_file"] = seconds[seeds / 2];
    state.counters["shortest_s"] = seconds.front();
    state.counters["longest_s"] = seconds.back();
    state.counters["cpu_s"] = cpu;
    state.counters["goal_histories"] = histories;
    state.counters["worst_error_percent"] = 100 * worst;
  }
}

}  // namespace

void register_efficiency(const Settings& settings) {
  const auto add = [](const std::string& name, auto run) {
    benchmark::RegisterBenchmark(("efficiency/" + name).c_str(), run)
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
  };
  if (!settings.quick)
    for (const std::string& folder : case_folders()) {
      const std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
      add("to_goal/" + path.filename().string() + "/" + std::to_string(settings.threads),
          [path, threads = settings.threads](benchmark::State& state) { to_goal(state, path / "case.toml", threads); });
    }
  std::vector<std::string> chosen{"baseline"};
  if (levels().back() != "baseline") chosen.push_back(levels().back());
  for (const Estimator estimator : estimators) {
    const std::string name(estimator_name(estimator));
    for (const bool tissue : {false, true}) {
      if (!tissue && estimator == Estimator::correlated) continue;
      for (const std::string& level : chosen)
        add((tissue ? "tissue_3mm/" : "water_3mm/") + name + "/" + level + "/1",
            [=, histories = settings.histories(1e6)](benchmark::State& state) {
              source_voxel(state, tissue, estimator, level, histories);
            });
    }
    const auto add_patient = [&](const std::string& patient, const std::function<Problem()>& make) {
      add(patient + "/" + name + "/best/" + std::to_string(settings.threads),
          [=, threads = settings.threads, histories = settings.histories(1e7)](benchmark::State& state) {
            patient_tumours(state, make, estimator, threads, histories);
          });
    };
    add_patient(settings.patient(), [spacing = settings.patient_spacing()] { return built_in_patient(spacing); });
    if (settings.quick) continue;
    for (const std::string& folder : case_folders()) {
      const std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
      add_patient(path.filename().string(), [path] { return real_patient(path / "case.toml"); });
    }
  }
}

}  // namespace ytterby::bench
