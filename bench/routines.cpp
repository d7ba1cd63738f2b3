// Single routines: sampling, the walk through voxels, the deposit. Samples include the random numbers they draw.

#include <benchmark/benchmark.h>

#include <utility>

#include "bench/bench.h"
#include "bench/routine_loops.h"

namespace ytterby {

#define YTTERBY_DECLARE_ROUTINES(name)                                                    \
  namespace name {                                                                        \
  double run_routine(bench::Routine, const TransportView&, std::uint64_t, std::int64_t*); \
  }
inline YTTERBY_DECLARE_ROUTINES(baseline)
#ifdef YTTERBY_HAS_AVX2
    YTTERBY_DECLARE_ROUTINES(avx2)
#endif
#ifdef YTTERBY_HAS_AVX512
        YTTERBY_DECLARE_ROUTINES(avx512)
#endif

            namespace bench {
  namespace {

  RoutineLoop loop_of(const std::string& level) {
#ifdef YTTERBY_HAS_AVX512
    if (level == "avx512") return &avx512::run_routine;
#endif
#ifdef YTTERBY_HAS_AVX2
    if (level == "avx2") return &avx2::run_routine;
#endif
    return &baseline::run_routine;
  }

  constexpr std::pair<Routine, const char*> routines[] = {
      {Routine::philox, "philox_block"}, {Routine::deflection, "hinge_deflection"},
      {Routine::moller, "moller"},       {Routine::bremsstrahlung, "bremsstrahlung"},
      {Routine::compton, "compton"},     {Routine::emit, "emit"},
      {Routine::walk, "voxel_walk"},     {Routine::deposit, "deposit"},
  };

  void run(benchmark::State& state, const NamedCase& named, Routine routine, RoutineLoop loop) {
    const Case& c = made(named);
    constexpr std::uint64_t count = 1u << 16;
    const TransportView view = c.tables.view(count);
    std::vector<std::int64_t> tally(view.grid.voxels.size, 0);
    benchmark::DoNotOptimize(loop(routine, view, count, tally.data()));
    for (auto _ : state) benchmark::DoNotOptimize(loop(routine, view, count, tally.data()));
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * count));
  }

  }  // namespace

  void register_routines(const Settings& settings) {
    const NamedCase interfaces{"interfaces_3mm", [] { return gpu_check::interfaces_3mm(); }, 0};
    for (const std::string& level : levels())
      for (const auto& [routine, name] : routines)
        benchmark::RegisterBenchmark(("routine/" + std::string(name) + "/" + level).c_str(), run, interfaces, routine,
                                     loop_of(level));
    if (settings.quick) return;
    const NamedCase patient{"patient_1mm", [] { return gpu_check::patient_1mm(false); }, 0};
    for (const std::string& level : levels())
      benchmark::RegisterBenchmark(("routine/deposit_patient_1mm/" + level).c_str(), run, patient, Routine::deposit,
                                   loop_of(level));
  }

}  // namespace bench
}  // namespace ytterby
