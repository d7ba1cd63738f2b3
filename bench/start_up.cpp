// From decoded images to the first history, and the memory of a whole run. The CT has 512 x 512 x 300 voxels of
// 0.8 x 0.8 x 1 mm; the dose grid is 3 mm, or the CT's own.

#include <benchmark/benchmark.h>

#include <cmath>

#include "bench/bench.h"
#include "engine/simulation.h"
#include "engine/tables/transport_tables.h"
#include "io/prepare/parts.h"

namespace ytterby::bench {
namespace {

/// A trunk of fat with soft tissue, liver, lungs and spine inside, and noise of 30 HU: most of Schneider's bins occur.
Image<float> synthetic_ct(std::array<int, 3> shape) {
  Image<float> ct;
  ct.grid.shape = shape;
  ct.grid.spacing = {0.08, 0.08, 0.1};
  ct.values.reserve(ct.grid.voxels());
  std::uint32_t random = 1;
  const auto inside = [](double x, double y, double cx, double cy, double ax, double ay) {
    return (x - cx) * (x - cx) / (ax * ax) + (y - cy) * (y - cy) / (ay * ay) < 1;
  };
  for (int k = 0; k < shape[2]; ++k)
    for (int j = 0; j < shape[1]; ++j)
      for (int i = 0; i < shape[0]; ++i) {
        const double x = 2.0 * i / shape[0] - 1, y = 2.0 * j / shape[1] - 1, z = 1.0 * k / shape[2];
        random = random * 1664525u + 1013904223u;
        const double noise = (static_cast<double>(random >> 8) / 16777216.0 - 0.5) * 104;  // uniform, 30 HU
        double hu = -1000;
        if (inside(x, y, 0, 0, 0.9, 0.7)) hu = -100 + noise;
        if (inside(x, y, 0, 0, 0.8, 0.6)) hu = 40 + noise;
        if (z > 0.6 && inside(x, y, 0.35, 0, 0.3, 0.4)) hu = -780 + noise;
        if (inside(x, y, 0, 0.45, 0.1, 0.1)) hu = 500 + 8 * noise;
        ct.values.push_back(static_cast<float>(std::round(hu)));
      }
  return ct;
}

/// Activity in the middle eighth of the grid.
Source source_on(const Grid& grid) {
  Source source;
  source.voxels = VoxelSource{std::vector<double>(grid.voxels(), 0.0)};
  const auto middle = [](int i, int n) { return i >= n / 4 && i < n - n / 4; };
  for (int z = 0; z < grid.shape[2]; ++z)
    for (int y = 0; y < grid.shape[1]; ++y)
      for (int x = 0; x < grid.shape[0]; ++x)
        if (middle(x, grid.shape[0]) && middle(y, grid.shape[1]) && middle(z, grid.shape[2]))
          source.voxels->activity[grid.index(x, y, z)] = 1e3;
  return source;
}

Grid grid_3mm(const Grid& ct) {
  Grid grid = ct;
  for (std::size_t a = 0; a < 3; ++a) {
    grid.spacing[a] = 0.3;
    grid.shape[a] = static_cast<int>(std::ceil(ct.shape[a] * ct.spacing[a] / 0.3));
  }
  return grid;
}

io::MediumImage medium_of(std::array<int, 3> shape) {
  io::MediumImage medium;
  medium.calibration = io::schneider();
  medium.materials = io::schneider_materials();
  medium.ct = synthetic_ct(shape);
  medium.grid = medium.ct.grid;
  return medium;
}

void first_history(benchmark::State& state, std::array<int, 3> shape, bool fine) {
  const io::MediumImage medium = medium_of(shape);
  const Grid grid = fine ? medium.grid : grid_3mm(medium.grid);
  const Source source = source_on(grid);
  for (auto _ : state) {
    const double begin = program_seconds();
    const Phantom phantom = io::phantom_on(grid, medium);
    const double converted = program_seconds();
    const TransportTables tables(phantom, source, TransportOptions{});
    state.counters["conversion_cpu_s"] = converted - begin;
    state.counters["tables_cpu_s"] = program_seconds() - converted;
    std::vector<std::int64_t> tally(grid.voxels(), 0);
    benchmark::DoNotOptimize(best_cpu_launcher().run(tables.view(), 1, 0, 1, tally.data()));
    state.counters["materials"] = static_cast<double>(tables.listed.size());
  }
  state.counters["voxels"] = static_cast<double>(grid.voxels());
}

/// The largest memory of conversion and run, over the CT (4 bytes a voxel) and 64 bytes a dose voxel.
void memory(benchmark::State& state, std::array<int, 3> shape, bool fine, int threads) {
  const PeakMemory peak;
  double voxels = 0, inputs = 0;
  for (auto _ : state) {
    const io::MediumImage medium = medium_of(shape);
    const Grid grid = fine ? medium.grid : grid_3mm(medium.grid);
    const Phantom phantom = io::phantom_on(grid, medium);
    const Source source = source_on(grid);
    RunOptions options;
    options.backend = Backend::cpu;
    options.histories = 2000;
    options.batches = 2;
    options.threads = threads;
    benchmark::DoNotOptimize(simulate(phantom, source, options));
    voxels = static_cast<double>(grid.voxels());
    inputs = static_cast<double>(medium.ct.values.size()) * sizeof(float);
  }
  if (peak.bytes() < 0) return state.SkipWithError("this system does not tell the largest memory");
  state.counters["peak_MB"] = peak.bytes() / 1e6;
  state.counters["inputs_MB"] = inputs / 1e6;
  state.counters["bytes_per_voxel_beyond_inputs"] = (peak.bytes() - inputs) / voxels;
  state.counters["voxels"] = voxels;
}

}  // namespace

void register_start_up(const Settings& settings) {
  const std::array<int, 3> shape = settings.quick ? std::array{128, 128, 75} : std::array{512, 512, 300};
  for (const bool fine : {false, true}) {
    const std::string name = fine ? "ct_grid" : "3mm_grid";
    const auto timed = [](auto* benchmark) {
      benchmark->MeasureProcessCPUTime()->UseRealTime()->Iterations(1)->Unit(benchmark::kMillisecond);
    };
    timed(benchmark::RegisterBenchmark(("start_up/first_history/" + name).c_str(), first_history, shape, fine));
    for (const int threads : settings.quick ? std::vector<int>{settings.threads} : thread_counts(settings))
      timed(benchmark::RegisterBenchmark(("start_up/memory/" + name + "/" + std::to_string(threads)).c_str(), memory,
                                         shape, fine, threads));
  }
}

}  // namespace ytterby::bench
