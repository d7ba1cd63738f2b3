// Histories per second on whole cases, by instruction level and threads.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <filesystem>

#include "bench/bench.h"
#include "engine/tables/transport_tables.h"
#include "io/case/phantom_case.h"
#include "io/prepare/prepare.h"

namespace ytterby::bench {
namespace {

void run(benchmark::State& state, const NamedCase& named, const std::string& level, int threads,
         std::uint64_t histories) {
  const Case& c = made(named);
  const CpuLauncher with = launcher(level);
  run_transport(c.tables, with, threads, std::max<std::uint64_t>(histories / 20, 2));
  double cpu = 0, segments = 0;
  for (auto _ : state) {
    const Transport done = run_transport(c.tables, with, threads, histories);
    state.SetIterationTime(done.seconds);
    cpu += done.cpu_seconds;
    segments += done.segments;
  }
  const auto iterations = static_cast<double>(state.iterations());
  const double all = static_cast<double>(histories / 2 * 2) * iterations;
  state.SetItemsProcessed(static_cast<std::int64_t>(all));
  state.counters["cpu_s"] = cpu / iterations;
  state.counters["flights_per_history"] = segments / all;
  state.counters["ns_per_flight"] = cpu * 1e9 / segments;
  state.counters["voxels"] = static_cast<double>(c.tables.words.size());
}

/// A case file as simulate reads it; spacing_mm 0 keeps its own grid.
Case case_of(const std::string& name, const std::filesystem::path& file, double spacing_mm) {
  io::CaseFile c = io::read_case(file);
  if (spacing_mm > 0) {
    c.grid.like = io::GridSection::Like::spacing;
    c.grid.spacing_mm = {spacing_mm, spacing_mm, spacing_mm};
  }
  const io::PreparedCase prepared = io::prepare(c);
  return {name, file.string(), TransportTables(prepared.phantom, prepared.source, TransportOptions{})};
}

std::vector<NamedCase> all_cases(const Settings& settings) {
  std::vector<NamedCase> cases{{"water_3mm", [] { return gpu_check::water_3mm(); }, 5e5},
                               {"interfaces_3mm", [] { return gpu_check::interfaces_3mm(); }, 5e5}};
  cases.push_back({settings.patient(),
                   [settings] {
                     const std::string folder = scratch_folder() + "/patient";
                     return case_of(settings.patient(),
                                    io::write_phantom_case("rescue", folder, settings.patient_spacing()), 0);
                   },
                   5e5});
  if (settings.quick) return cases;
  cases.push_back({"patient_1mm", [] { return gpu_check::patient_1mm(false); }, 4e5});
  for (const std::string& folder : case_folders()) {
    const std::filesystem::path file = std::filesystem::path(folder) / "case.toml";
    const std::string name = std::filesystem::path(folder).lexically_normal().filename().string();
    cases.push_back({name, [name, file] { return case_of(name, file, 0); }, 5e5});
    cases.push_back({name + "_at_1mm", [name, file] { return case_of(name, file, 1); }, 1.5e6});
  }
  return cases;
}

}  // namespace

void register_histories(const Settings& settings) {
  for (const NamedCase& named : all_cases(settings))
    for (const std::string& level : levels())
      for (const int threads : thread_counts(settings))
        benchmark::RegisterBenchmark(("histories/" + named.name + "/" + level + "/" + std::to_string(threads)).c_str(),
                                     run, named, level, threads, settings.histories(named.histories))
            ->UseManualTime()
            ->Iterations(1)
            ->Unit(benchmark::kMillisecond);
}

}  // namespace ytterby::bench
