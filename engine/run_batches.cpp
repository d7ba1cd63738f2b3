#include "engine/run_batches.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/base/error.h"
#include "engine/ranks/run_on_ranks.h"
#include "engine/run/checkpoint_pace.h"
#include "engine/run/stop_rule.h"
#include "engine/run/tally_pieces.h"
#include "kernels/tables/tables_view.h"

namespace ytterby {
namespace {

constexpr std::uint64_t largest_portion = 2048;  // histories a thread takes at a time

using Clock = std::chrono::steady_clock;

std::string status_text(std::uint32_t status) {
  std::string text;
  if (status & status_electron_stack_full) text += " electron stack full;";
  if (status & status_photon_queue_full) text += " photon queue full;";
  if (status & status_step_cap) text += " step cap met;";
  if (status & status_tally_overflow) text += " tally overflow;";
  if (status & status_reference_left) text += " an electron left the reference medium;";
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
    if (options.resume != nullptr) take_up(*options.resume);
  }

  /// What each thread does: histories, fold, structures; in step with the others at every stage.
  void work(int thread) {
    const int first = run_.batches;
    barrier_.arrive_and_wait();  // nobody writes what all have just read before everybody has
    if (quit_) return;
    for (int batch = first; batch < options_.batches; ++batch) {
      while (true) {
        guarded([&] { run_portions(thread, batch); });
        barrier_.arrive_and_wait();
        if (!pausing_) break;
        guarded([&] { gather(thread); });
        barrier_.arrive_and_wait();
        if (thread == 0) guarded([&] { pause(); });
        barrier_.arrive_and_wait();
        if (quit_) return;
      }
      guarded([&] { fold(thread); });
      barrier_.arrive_and_wait();
      guarded([&] { close_batch(thread, batch); });
      barrier_.arrive_and_wait();
      clear(thread, later_part(batch + 1));
      if (thread == 0) guarded([&] { finish_batch(batch); });
      barrier_.arrive_and_wait();
      if (quit_) return;
    }
  }

  /// The state at the end, for those who want to raise the histories later.
  void close() {
    // Asked to end while the last histories were under way: nothing is left to interrupt.
    if (run_.batches >= options_.batches || (stop_rule_ && run_.goal_reached)) run_.interrupted = false;
    if (!options_.on_checkpoint || !options_.last_state || failed_.load() || run_.interrupted) return;
    RunState last = state();
    last.complete = true;
    options_.on_checkpoint(std::move(last));
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  /// Decides, while all threads wait, whether they go on: a thread that looked for itself could see a failure that
  /// another one has only just met, leave, and let that one wait for ever.
  struct Latch {
    Crew* crew;
    void operator()() const noexcept {
      crew->quit_ = crew->failed_.load() || crew->stop_;
      crew->pausing_ = crew->pause_.load() && crew->next_.load() < crew->per_batch_;
    }
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
    while (true) {
      if (thread == 0) look_up();
      if (pause_.load(std::memory_order_relaxed)) break;
      const std::uint64_t done = next_.fetch_add(portion_);
      if (done >= per_batch_) break;
      const std::uint64_t count = std::min(portion_, per_batch_ - done);
      sum += runner_.run(first + done, count, tally);
    }
    const std::lock_guard lock(mutex_);
    batch_ += sum;
  }

  /// Thread 0, between portions: is it time for a checkpoint, or to end?
  void look_up() {
    if (options_.interrupted && options_.interrupted()) run_.interrupted = true;
    if (!run_.interrupted && !pace_.due()) return;
    if (!pause_.load(std::memory_order_relaxed)) pause_begun_ = Clock::now();
    pause_.store(true);
  }

  /// This thread's slice of the grid: adds up the tallies into the first one, and clears the others.
  void gather(int thread) {
    const auto [first, last] = slice(thread);
    for (std::size_t t = 1; t < tallies_.size(); ++t) move_energy(tallies_[t], tallies_[0], first, last);
  }

  /// All portions that were begun are done: the batch under way is its first next_ histories.
  void pause() {
    if (options_.on_checkpoint) options_.on_checkpoint(state());
    pace_.taken(pause_begun_);
    pause_.store(false);
    stop_ = stop_ || run_.interrupted;
  }

  [[nodiscard]] RunState state() const {
    RunState s;
    s.seed = options_.seed;
    s.per_batch = per_batch_;
    s.level = runner_.level;
    s.batches = run_.batches;
    s.sums = run_.sums;
    s.ledger = run_.ledger;
    s.structure_energy = run_.structure_energy;
    for (auto& energies : s.structure_energy) energies.resize(static_cast<std::size_t>(run_.batches));
    s.segments = run_.segments;
    s.seconds = before_ + seconds_since(start_);
    if (options_.resume != nullptr)
      for (const BatchPart& part : options_.resume->later)
        if (part.batch > run_.batches) s.later.push_back(part);
    s.done = std::min(next_.load(), per_batch_);
    if (s.done == 0) return s;
    s.tally = tallies_[0];
    s.totals = batch_;
    return s;
  }

  /// Goes on from where a run was.
  void take_up(const RunState& s) {
    check_resume(s, options_, per_batch_, runner_.voxels, structures_.size(), runner_.level);
    run_.batches = std::min(s.batches, options_.batches);
    run_.sums = s.sums;
    run_.ledger = s.ledger;
    for (std::size_t i = 0; i < structures_.size(); ++i)
      std::copy(s.structure_energy[i].begin(), s.structure_energy[i].end(), run_.structure_energy[i].begin());
    run_.segments = s.segments;
    run_.seconds = before_ = s.seconds;
    next_.store(s.done);
    batch_ = s.totals;
    if (!s.tally.empty()) tallies_[0] = s.tally;
    if (!stop_rule_) return;
    for (int batch = 0; batch < run_.batches && !stop_; ++batch) ask_stop_rule(batch);
  }

  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  /// This thread's slice of the grid: adds up the tallies into the first and the first into the run's sums.
  void fold(int thread) {
    const auto [first, last] = slice(thread);
    gather(thread);
    deposited_.fetch_add(fold_energy(tallies_[0], run_.sums, first, last));
  }

  void close_batch(int thread, int batch) {
    for (std::size_t s = static_cast<std::size_t>(thread); s < structures_.size();
         s += static_cast<std::size_t>(threads_))
      run_.structure_energy[s][static_cast<std::size_t>(batch)] = batch_energy(runner_, structures_[s], s, tallies_[0]);
    if (thread != 0) return;
    const EnergyLedger ledger = checked_ledger(batch, batch_, deposited_.load());
    run_.ledger.emitted += ledger.emitted;
    run_.ledger.deposited += ledger.deposited;
    run_.ledger.escaped += ledger.escaped;
    run_.ledger.discarded += ledger.discarded;
    run_.segments += batch_.segments;
    run_.seconds = before_ + seconds_since(start_);
    batch_ = {};
    deposited_.store(0);
    next_.store(0);
    run_.batches = batch + 1;
  }

  /// With all structures known: is the goal reached? Reports progress.
  void finish_batch(int batch) {
    if (stop_rule_) ask_stop_rule(batch);
    if (const BatchPart* part = later_part(batch + 1)) {
      next_.store(part->done);
      batch_ = part->totals;
    }
    const double goal_error = stop_rule_ ? run_.goal_error : -1;
    const auto batches = static_cast<std::uint64_t>(options_.batches);
    const auto done = static_cast<std::uint64_t>(batch) + 1;
    if (options_.on_progress) options_.on_progress({done * per_batch_, per_batch_ * batches, run_.seconds, goal_error});
  }

  void ask_stop_rule(int batch) {
    const auto goal = static_cast<std::size_t>(options_.goal_structure);
    stop_ = stop_rule_->add(run_.structure_energy[goal][static_cast<std::size_t>(batch)]);
    run_.goal_reached = stop_;
    run_.goal_error = stop_rule_->relative_error();
  }

  /// What other processes had done of a batch, in a run that several shared and that is gone on with alone.
  [[nodiscard]] const BatchPart* later_part(int batch) const {
    if (options_.resume == nullptr) return nullptr;
    for (const BatchPart& part : options_.resume->later)
      if (part.batch == batch) return &part;
    return nullptr;
  }

  /// This thread's slice of the grid: the tallies as the next batch begins with them.
  void clear(int thread, const BatchPart* part) {
    const auto [first, last] = slice(thread);
    const auto from = static_cast<std::ptrdiff_t>(first), to = static_cast<std::ptrdiff_t>(last);
    clear_energy(tallies_[0], first, last);  // gather() has emptied the others
    if (part != nullptr) std::copy(part->tally.begin() + from, part->tally.begin() + to, tallies_[0].begin() + from);
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
  std::atomic<bool> pause_{false};
  bool stop_ = false;     // written by thread 0 between barriers
  bool quit_ = false;     // written by Latch alone
  bool pausing_ = false;  // the same
  std::mutex mutex_;
  std::exception_ptr failure_;
  PortionTotals batch_;
  double before_ = 0;  // seconds of transport in the state that was taken up
  Clock::time_point start_ = Clock::now(), pause_begun_ = start_;
  CheckpointPace pace_{options_, start_};
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

EnergyLedger checked_ledger(int batch, const PortionTotals& totals, std::int64_t tallied) {
  const EnergyLedger ledger{totals.emitted, tallied + totals.reference_deposited, totals.escaped, totals.discarded};
  check_batch(batch, totals.status, ledger);
  check_batch(batch, 0, {totals.reference_emitted, totals.reference_deposited, totals.reference_lost, 0});
  return ledger;
}

double batch_energy(const PortionRunner& runner, const SparseStructure& structure, std::size_t index,
                    std::span<const std::int64_t> tally) {
  return structure.energy(tally) + (runner.known.empty() ? 0.0 : runner.known[index]);
}

void check_resume(const RunState& state, const RunOptions& options, std::uint64_t per_batch, std::size_t voxels,
                  std::size_t structures, const std::string& level) {
  const auto refuse = [](const std::string& what) { throw Error(Fault::input, "the checkpoint is of " + what); };
  if (state.seed != options.seed)
    refuse("seed " + std::to_string(state.seed) + ", this run has " + std::to_string(options.seed));
  if (state.per_batch != per_batch)
    refuse(std::to_string(state.per_batch) + " histories a batch, this run has " + std::to_string(per_batch));
  if (state.level != level) refuse("a run at level " + state.level + ", this one is at " + level);
  bool fits = state.sums.sum().size() == voxels && (state.tally.empty() || state.tally.size() == voxels);
  for (const BatchPart& part : state.later) fits = fits && part.tally.size() == voxels;
  if (!fits) refuse("another grid");
  fits = state.structure_energy.size() == structures && state.batches >= 0 && state.done <= per_batch;
  for (const auto& energies : state.structure_energy)
    fits = fits && energies.size() == static_cast<std::size_t>(state.batches);
  for (const BatchPart& part : state.later) fits = fits && part.batch > state.batches && part.done <= per_batch;
  if (!fits) refuse("other structures");
}

BatchRun run_batches(const PortionRunner& runner, const RunOptions& options, std::uint64_t per_batch,
                     std::span<const SparseStructure> structures) {
  const int processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  if (options.ranks != nullptr) {
    const auto worker =
        thread_worker(runner, per_batch, options.threads > 0 ? options.threads : options.ranks->threads(), structures);
    return run_batches_on_ranks(*worker, options, per_batch, runner.voxels, structures.size());
  }
  const int threads = options.threads > 0 ? options.threads : processors;
  BatchRun run{BatchSums(runner.voxels), {}, {}, 0, true, false, -1, 0, 0, {}};
  Crew crew(runner, options, per_batch, structures, run, threads);
  {
    std::vector<std::jthread> others;
    for (int t = 1; t < threads; ++t) others.emplace_back([&crew, t] { crew.work(t); });
    crew.work(0);
  }
  crew.rethrow();
  crew.close();
  for (auto& energies : run.structure_energy) energies.resize(static_cast<std::size_t>(run.batches));
  return run;
}

}  // namespace ytterby
