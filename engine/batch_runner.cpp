#include "engine/batch_runner.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/error.h"
#include "engine/stop_rule.h"
#include "kernels/transport/tables_view.h"

namespace ytterby {
namespace {

constexpr std::uint64_t largest_portion = 2048;  // histories a thread takes at a time

std::string status_text(std::uint32_t status) {
  std::string text;
  if (status & status_electron_stack_full) text += " electron stack full;";
  if (status & status_photon_queue_full) text += " photon queue full;";
  if (status & status_step_cap) text += " step cap met;";
  if (status & status_tally_overflow) text += " tally overflow;";
  return text;
}

/// Everything the threads of one run share.
class Crew {
 public:
  Crew(const PortionRunner& runner, const RunOptions& options, std::uint64_t per_batch,
       std::span<const SparseStructure> structures, BatchRun& run, int threads)

      : runner_(runner),
        options_(options),
        per_batch_(per_batch),
        structures_(structures),
        run_(run),
        threads_(threads),
        tallies_(static_cast<std::size_t>(threads)),
        barrier_(threads, Latch{this}) {
    portion_ = std::clamp<std::uint64_t>(per_batch / (static_cast<std::uint64_t>(threads) * 16), 1, largest_portion);
    for (auto& tally : tallies_) tally.assign(runner.voxels, 0);
    if (options.goal_uncertainty > 0) stop_rule_.emplace(options.goal_uncertainty);
    run_.structure_energy.assign(structures.size(), std::vector<double>(static_cast<std::size_t>(options.batches)));
    run_.device = "cpu " + runner.level + ", " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
  }

  /// What each thread does: histories, fold, structures; in step with the others at every stage.
  void work(int thread) {
    for (int batch = 0; batch < options_.batches; ++batch) {
      guarded([&] { run_portions(thread, batch); });
      barrier_.arrive_and_wait();
      guarded([&] { fold(thread); });
      barrier_.arrive_and_wait();
      guarded([&] { close_batch(thread, batch); });
      barrier_.arrive_and_wait();
      if (thread == 0) guarded([&] { finish_batch(batch); });
      clear(thread);
      barrier_.arrive_and_wait();
      if (quit_) return;
    }
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  /// Decides, while all threads wait, whether they go on: a thread that looked for itself could see a failure that
  /// another one has only just met, leave, and let that one wait for ever.
  struct Latch {
    Crew* crew;
    void operator()() const noexcept { crew->quit_ = crew->failed_.load() || crew->stop_; }
  };

  template <class Work>
  void guarded(Work work) {
    if (failed_.load()) return;
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      failed_.store(true);
    }
  }

  void run_portions(int thread, int batch) {
    PortionTotals sum;
    std::int64_t* tally = tallies_[static_cast<std::size_t>(thread)].data();
    const std::uint64_t first = static_cast<std::uint64_t>(batch) * per_batch_;
    for (std::uint64_t done = next_.fetch_add(portion_); done < per_batch_; done = next_.fetch_add(portion_)) {
      const std::uint64_t count = std::min(portion_, per_batch_ - done);
      const PortionTotals part = runner_.run(first + done, count, tally);
      sum.emitted += part.emitted;
      sum.escaped += part.escaped;
      sum.discarded += part.discarded;
      sum.segments += part.segments;
      sum.status |= part.status;
    }
    const std::lock_guard lock(mutex_);
    batch_.emitted += sum.emitted;
    batch_.escaped += sum.escaped;
    batch_.discarded += sum.discarded;
    batch_.segments += sum.segments;
    batch_.status |= sum.status;
  }

  /// This thread's slice of the grid: adds up the tallies into the first and the first into the run's sums.
  void fold(int thread) {
    const auto [first, last] = slice(thread);
    std::vector<std::int64_t>& total = tallies_[0];
    for (std::size_t t = 1; t < tallies_.size(); ++t)
      for (std::size_t v = first; v < last; ++v) total[v] += tallies_[t][v];
    std::int64_t deposited = 0;
    for (std::size_t v = first; v < last; ++v) deposited += total[v];
    run_.sums.add(total, first, last);
    deposited_.fetch_add(deposited);
  }

  void close_batch(int thread, int batch) {
    for (std::size_t s = static_cast<std::size_t>(thread); s < structures_.size();
         s += static_cast<std::size_t>(threads_))
      run_.structure_energy[s][static_cast<std::size_t>(batch)] = structures_[s].energy(tallies_[0]);
    if (thread != 0) return;
    const EnergyLedger ledger{batch_.emitted, deposited_.load(), batch_.escaped, batch_.discarded};
    check_batch(batch, batch_.status, ledger);
    run_.ledger.emitted += ledger.emitted;
    run_.ledger.deposited += ledger.deposited;
    run_.ledger.escaped += ledger.escaped;
    run_.ledger.discarded += ledger.discarded;
    run_.segments += batch_.segments;
    run_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    batch_ = {};
    deposited_.store(0);
    next_.store(0);
    run_.batches = batch + 1;
  }

  /// With all structures known: is the goal reached? Reports progress.
  void finish_batch(int batch) {
    double goal_error = -1;
    if (stop_rule_) {
      const auto goal = static_cast<std::size_t>(options_.goal_structure);
      stop_ = stop_rule_->add(run_.structure_energy[goal][static_cast<std::size_t>(batch)]);
      run_.goal_reached = stop_;
      goal_error = run_.goal_error = stop_rule_->relative_error();
    }
    const auto batches = static_cast<std::uint64_t>(options_.batches);
    const auto done = static_cast<std::uint64_t>(batch) + 1;
    if (options_.on_progress) options_.on_progress({done * per_batch_, per_batch_ * batches, run_.seconds, goal_error});
  }

  void clear(int thread) {
    const auto [first, last] = slice(thread);
    for (auto& tally : tallies_)
      std::fill(tally.begin() + static_cast<std::ptrdiff_t>(first), tally.begin() + static_cast<std::ptrdiff_t>(last),
                0);
  }

  [[nodiscard]] std::pair<std::size_t, std::size_t> slice(int thread) const {
    const std::size_t voxels = tallies_[0].size(), t = static_cast<std::size_t>(thread);
    const auto n = static_cast<std::size_t>(threads_);
    return {voxels * t / n, voxels * (t + 1) / n};
  }

  const PortionRunner& runner_;
  const RunOptions& options_;
  std::uint64_t per_batch_, portion_ = 1;
  std::span<const SparseStructure> structures_;
  BatchRun& run_;
  int threads_;
  std::vector<std::vector<std::int64_t>> tallies_;
  std::barrier<Latch> barrier_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::int64_t> deposited_{0};
  std::atomic<bool> failed_{false};
  std::optional<StopRule> stop_rule_;
  bool stop_ = false;  // written by thread 0 between barriers
  bool quit_ = false;  // written by Latch alone
  std::mutex mutex_;
  std::exception_ptr failure_;
  PortionTotals batch_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

void check_run(const RunOptions& options) {
  constexpr int most_batches = 4096, most_threads = 4096;
  if (options.batches < 2 || options.batches > most_batches)
    throw Error(Fault::usage, "batches is " + std::to_string(options.batches) + ", needs to be 2 to 4096");
  if (options.threads < 0 || options.threads > most_threads)
    throw Error(Fault::usage,
                "threads is " + std::to_string(options.threads) + ", needs to be 1 to 4096, or 0 for all processors");
  if (options.histories == 0) throw Error(Fault::usage, "histories is 0, needs to be above 0");
  if (options.histories / static_cast<std::uint64_t>(options.batches) > std::uint64_t{1} << 31)
    throw Error(Fault::usage, "histories is " + std::to_string(options.histories) +
                                  ", needs to be at most 2^31 in a batch: raise the number of batches");
}

void check_batch(int batch, std::uint32_t status, const EnergyLedger& ledger) {
  const std::string place = "batch " + std::to_string(batch) + ":";
  if (status != 0) throw Error(Fault::internal, place + status_text(status));
  if (ledger.balanced()) return;
  const __int128 off = ledger.emitted - ledger.deposited - ledger.escaped - ledger.discarded;
  throw Error(Fault::internal,
              place + " the energy ledger is off by " + std::to_string(static_cast<std::int64_t>(off)) + " quanta");
}

BatchRun run_batches(const PortionRunner& runner, const RunOptions& options, std::uint64_t per_batch,
                     std::span<const SparseStructure> structures) {
  const int processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int threads = options.threads > 0 ? options.threads : processors;
  BatchRun run{BatchSums(runner.voxels), {}, {}, 0, true, -1, 0, 0, {}};
  Crew crew(runner, options, per_batch, structures, run, threads);
  {
    std::vector<std::jthread> others;
    for (int t = 1; t < threads; ++t) others.emplace_back([&crew, t] { crew.work(t); });
    crew.work(0);
  }
  crew.rethrow();
  for (auto& energies : run.structure_energy) energies.resize(static_cast<std::size_t>(run.batches));
  return run;
}

}  // namespace ytterby
