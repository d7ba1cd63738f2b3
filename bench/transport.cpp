// A run of the engine's batches, with the clocks that the bench needs.

#include <atomic>

#include "bench/bench.h"
#include "engine/run_batches.h"

namespace ytterby::bench {

Transport run_transport(const TransportTables& tables, const CpuLauncher& launcher, int threads,
                        std::uint64_t histories) {
  RunOptions options;
  options.batches = 2;
  options.histories = histories / 2 * 2;
  options.threads = threads;
  const TransportView view = tables.view(histories / 2);
  std::atomic<double> cpu{0};
  const PortionRunner runner{[&](std::uint64_t first, std::uint64_t count, std::int64_t* tally) {
                               const double start = thread_seconds();
                               const PortionTotals totals = launcher.run(view, 1, first, count, tally);
                               cpu += thread_seconds() - start;
                               return totals;
                             },
                             view.grid.voxels.size, launcher.level};
  const BatchRun run = run_batches(runner, options, histories / 2, {});
  return {run.seconds, cpu, static_cast<double>(run.segments)};
}

}  // namespace ytterby::bench
