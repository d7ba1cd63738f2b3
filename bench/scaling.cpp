// Cost as work grows: voxels, materials, threads.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdio>

#include "bench/bench.h"
#include "engine/patient/schneider.h"
#include "engine/tables/transport_tables.h"

namespace ytterby::bench {
namespace {

/// A cube of 3 mm voxels of density 1, active in its middle eighth; voxels take the materials in turn.
struct Block {
  Phantom phantom;
  Source source;
};

Block block_of(int side, int materials) {
  Block block;
  Phantom& p = block.phantom;
  p.grid = {{side, side, side}, {0.3, 0.3, 0.3}, {}, {}};
  // From soft tissue on, round through bone, metal, air, lung.
  constexpr std::size_t soft = 8;
  const auto& bins = schneider_bins();
  for (int m = 0; m < materials; ++m)
    p.materials.push_back(bins[(soft + static_cast<std::size_t>(m)) % bins.size()].material);
  p.density.assign(p.grid.voxels(), 1.0f);
  p.material.resize(p.grid.voxels());
  for (std::size_t v = 0; v < p.material.size(); ++v)
    p.material[v] = static_cast<std::uint8_t>(v * 2654435761u % 4294967296u % static_cast<std::uint64_t>(materials));
  block.source.voxels = VoxelSource{std::vector<double>(p.grid.voxels(), 0.0)};
  for (int z = side / 4; z < side - side / 4; ++z)
    for (int y = side / 4; y < side - side / 4; ++y)
      for (int x = side / 4; x < side - side / 4; ++x) block.source.voxels->activity[p.grid.index(x, y, z)] = 1;
  return block;
}

/// Tables, then transport. `state`'s time is the transport's.
void run(benchmark::State& state, int side, int materials, int threads, std::uint64_t histories) {
  forget_cases();
  const PeakMemory peak;
  std::unique_ptr<TransportTables> tables;
  {
    const Block block = block_of(side, materials);
    const auto made = std::chrono::steady_clock::now();
    tables = std::make_unique<TransportTables>(block.phantom, block.source, TransportOptions{});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - made;
    state.counters["tables_s"] = seconds.count();
  }
  double cpu = 0, segments = 0;
  run_transport(*tables, best_cpu_launcher(), threads, std::max<std::uint64_t>(histories / 20, 2));
  for (auto _ : state) {
    const Transport done = run_transport(*tables, best_cpu_launcher(), threads, histories);
    state.SetIterationTime(done.seconds);
    cpu += done.cpu_seconds;
    segments += done.segments;
  }
  const auto iterations = static_cast<double>(state.iterations());
  state.SetItemsProcessed(static_cast<std::int64_t>(static_cast<double>(histories / 2 * 2) * iterations));
  state.counters["cpu_s"] = cpu / iterations;
  state.counters["ns_per_flight"] = cpu * 1e9 / segments;
  state.counters["voxels"] = static_cast<double>(tables->words.size());
  state.counters["materials"] = materials;
  if (peak.bytes() >= 0) state.counters["peak_MB"] = peak.bytes() / 1e6;
}

/// Physical memory that a run of so many voxels needs, with room [bytes]: 64 bytes a voxel are the goal.
double needed(double side) { return 100 * side * side * side; }

}  // namespace

void register_scaling(const Settings& settings) {
  const auto add = [&](const std::string& name, int side, int materials, int threads) {
    benchmark::RegisterBenchmark(("scaling/" + name).c_str(),
                                 [=, histories = settings.histories(5e5)](benchmark::State& state) {
                                   use_level("");
                                   run(state, side, materials, threads, histories);
                                 })
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
  };
  const double memory = available_memory();
  for (const int side : {46, 100, 215, 464}) {
    if (settings.quick && side > 46) break;
    const std::string name = "voxels/" + std::to_string(side) + "^3";
    if (needed(side) > memory) {
      std::fprintf(stderr, "skipped %s: needs about %.0f GB, %.0f are free\n", name.c_str(), needed(side) / 1e9,
                   memory / 1e9);
      continue;
    }
    add(name, side, 1, 1);
  }
  for (const int materials : {1, 2, 4, 8, 16, 26})
    if (!settings.quick || materials < 4) add("materials/" + std::to_string(materials), 46, materials, 1);
  for (int threads = 1; threads < settings.threads; threads *= 2)
    add("threads/" + std::to_string(threads), 100, 1, threads);
  add("threads/" + std::to_string(settings.threads), 100, 1, settings.threads);
}

}  // namespace ytterby::bench
