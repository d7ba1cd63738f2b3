#include "io/cli/run/estimator.h"

#include <spdlog/spdlog.h>

#include <cstdint>
#include <limits>
#include <utility>

#include "engine/kernel_simulation.h"
#include "engine/run/device_choice.h"
#include "io/cli/ends/stop_signals.h"
#include "io/cli/run/started_ranks.h"
#include "io/results/kernel_file.h"

namespace ytterby::cli {
namespace {

bool has_gpu(const RunOptions& run) { return !choose_backend(run.backend, run.cuda_devices).cuda_devices.empty(); }

/// Asked every few milliseconds while a rank makes its kernel: where one is stopped, none has to come to its end.
class StopOfAnyRank {
 public:
  bool operator()() {
    const bool here = StopSignals::received() != 0;
    if (ranks() == nullptr || (here && called_)) return here;
    if (here) ranks()->call(after_all_meetings);
    called_ = here;
    return here || ranks()->called(after_all_meetings);
  }

 private:
  static constexpr std::uint64_t after_all_meetings = std::numeric_limits<std::uint64_t>::max();
  bool called_ = false;
};

}  // namespace

Estimator chosen_estimator(const io::PreparedCase& prepared, const RunOptions& run) {
  if (of_rank_0(has_gpu(run)) || histories_per_batch(run.histories, run.batches) > most_correlated_histories)
    return Estimator::plain;
  bool couples = prepared.sessions.empty() && can_couple(prepared.phantom, prepared.source);
  for (const io::PreparedSession& session : prepared.sessions)
    couples = couples || can_couple(prepared.phantom, session.source);
  const Estimator chosen = couples ? Estimator::correlated : Estimator::plain;
  spdlog::info("estimator: {}{}", estimator_name(chosen), couples ? ", on the CPU" : "");
  return chosen;
}

std::optional<VoxelKernel> reference_kernel(const Phantom& phantom, const Source& source, const RunOptions& run,
                                            ProgressBar& bar) {
  if (run.estimator == Estimator::plain) return {};
  if (!can_couple(phantom, source)) {
    spdlog::warn("no source voxel has soft tissue alone around it: the estimator is plain");
    return {};
  }
  KernelOptions made = reference_kernel_options(phantom, source, run);
  made.run.ranks = nullptr;  // each makes its own, or finds it in the cache: the same bits
  made.run.interrupted = StopOfAnyRank();
  io::CachedKernel cached;
  bool stopped = false;
  try {
    cached = io::cached_kernel(made, io::cache_folder());
  } catch (const KernelStopped&) {
    stopped = true;
  }
  bar.finish();
  if (of_any_rank(stopped || StopSignals::received() != 0)) throw Stopped();
  if (!cached.remark.empty()) spdlog::warn("{}", cached.remark);
  spdlog::info("reference kernel for {} of {} g/cm3: {}", made.medium.name, made.density,
               cached.from_cache ? "from the cache" : fmt::format("{} histories", cached.kernel.histories));
  return std::move(cached.kernel);
}

}  // namespace ytterby::cli
