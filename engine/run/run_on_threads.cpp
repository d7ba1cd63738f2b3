#include "engine/run/run_on_threads.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/run/run_book.h"
#include "engine/run/tally_pieces.h"

namespace ytterby {
namespace {

using Clock = RunBook::Clock;

/// Everything the threads of one run share.
class Crew {
 public:
  Crew(const PortionRunner& runner, const RunOptions& options, std::uint64_t per_batch,
       std::span<const SparseStructure> structures, int threads)
      : runner_(runner),
        options_(options),
        per_batch_(per_batch),
        portion_(portion_size(per_batch, threads)),
        structures_(structures),
        threads_(threads),
        book_(options, per_batch, runner.level, threads_text(runner.level, threads), runner.voxels, structures.size()),
        energies_(structures.size()),
        tallies_(static_cast<std::size_t>(threads)),
        barrier_(threads, Latch{this}) {
    for (auto& tally : tallies_) tally.assign(runner.voxels, 0);
    // No conditional expression: of a const and a new one it would make a const one, which is copied.
    if (options.resume != nullptr) {
      book_.run.sums = options.resume->sums;
      take_up_part(*options.resume);
      book_.ask_voxels();
    } else {
      book_.run.sums = BatchSums(runner.voxels);
    }
    end_ = book_.over();
  }

  /// What each thread does: histories, fold, structures; in step with the others at every stage.
  void work(int thread) {
    const int first = book_.run.batches;
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
      guarded([&] { sum_structures(thread); });
      barrier_.arrive_and_wait();
      clear(thread, later_part(batch + 1));
      if (thread == 0) guarded([&] { finish_batch(batch); });
      barrier_.arrive_and_wait();
      if (quit_) return;
    }
  }

  /// When all threads have ended.
  BatchRun result() {
    if (failure_) std::rethrow_exception(failure_);
    if (book_.close()) book_.keep_last(state());
    return std::move(book_.run);
  }

 private:
  /// Decides, while all threads wait, whether they go on: a thread that looked for itself could see a failure that
  /// another one has only just met, leave, and let that one wait for ever.
  struct Latch {
    Crew* crew;
    void operator()() const noexcept {
      crew->quit_ = crew->failed_.load() || crew->end_;
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
    if (!book_.asked_to_end() && !book_.checkpoint_due()) return;
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
    if (book_.keeps_checkpoints()) book_.keep(state());
    book_.kept(pause_begun_);
    pause_.store(false);
    end_ = end_ || book_.run.interrupted;
  }

  [[nodiscard]] RunState state() const {
    RunState s = book_.state(book_.run.sums);
    if (options_.resume != nullptr)
      for (const BatchPart& part : options_.resume->later)
        if (part.batch > book_.run.batches) s.later.push_back(part);
    s.done = std::min(next_.load(), per_batch_);
    if (s.done == 0) return s;
    s.tally = tallies_[0];
    s.totals = batch_;
    return s;
  }

  /// Goes on in the middle of a batch.
  void take_up_part(const RunState& s) {
    next_.store(s.done);
    batch_ = s.totals;
    if (!s.tally.empty()) tallies_[0] = s.tally;
  }

  /// This thread's slice of the grid: adds up the tallies into the first and the first into the run's sums.
  void fold(int thread) {
    const auto [first, last] = slice(thread);
    gather(thread);
    deposited_.fetch_add(fold_energy(tallies_[0], book_.run.sums, first, last));
  }

  void sum_structures(int thread) {
    const auto step = static_cast<std::size_t>(threads_);
    for (std::size_t s = static_cast<std::size_t>(thread); s < structures_.size(); s += step)
      energies_[s] = batch_energy(runner_, structures_[s], s, tallies_[0]);
  }

  /// Thread 0, with all structures known: books the batch, and decides whether another one is wanted.
  void finish_batch(int batch) {
    book_.add({checked_ledger(batch, batch_, deposited_.load()), batch_.segments});
    batch_ = {};
    deposited_.store(0);
    next_.store(0);
    if (const BatchPart* part = later_part(batch + 1)) {
      next_.store(part->done);
      batch_ = part->totals;
    }
    book_.book(energies_);
    book_.ask_voxels();
    end_ = book_.over();
    book_.report_progress();
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
  std::uint64_t per_batch_, portion_;
  std::span<const SparseStructure> structures_;
  int threads_;
  RunBook book_;
  std::vector<double> energies_;  // [structure] of the batch under way
  std::vector<std::vector<std::int64_t>> tallies_;
  std::barrier<Latch> barrier_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::int64_t> deposited_{0};
  std::atomic<bool> failed_{false};
  std::atomic<bool> pause_{false};
  bool end_ = false;      // written by thread 0 between barriers
  bool quit_ = false;     // written by Latch alone
  bool pausing_ = false;  // the same
  std::mutex mutex_;
  std::exception_ptr failure_;
  PortionTotals batch_;
  Clock::time_point pause_begun_ = Clock::now();
};

}  // namespace

PortionRunner plain_runner(const TransportView& view, std::uint64_t seed) {
  const CpuLauncher launcher = best_cpu_launcher();
  return {[view, seed, run = launcher.run](std::uint64_t first, std::uint64_t count, std::int64_t* tally) {
            return run(view, seed, first, count, tally);
          },
          view.grid.voxels.size, launcher.level};
}

PortionRunner correlated_runner(const TransportView& view, const ReferenceView& reference, std::uint64_t seed,
                                std::vector<double> known) {
  const CpuLauncher launcher = best_cpu_launcher();
  return {[view, reference, seed, run = launcher.run_correlated](std::uint64_t first, std::uint64_t count,
                                                                 std::int64_t* tally) {
            return run(view, reference, seed, first, count, tally);
          },
          view.grid.voxels.size, launcher.level, std::move(known)};
}

std::uint64_t portion_size(std::uint64_t per_batch, int threads) {
  constexpr std::uint64_t largest = 2048;
  return std::clamp<std::uint64_t>(per_batch / (static_cast<std::uint64_t>(threads) * 16), 1, largest);
}

std::string threads_text(const std::string& level, int threads) {
  return "cpu " + level + ", " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

BatchRun run_on_threads(const PortionRunner& runner, const RunOptions& options, std::uint64_t per_batch,
                        std::span<const SparseStructure> structures) {
  const int processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int threads = options.threads > 0 ? options.threads : processors;
  Crew crew(runner, options, per_batch, structures, threads);
  {
    std::vector<std::jthread> others;
    for (int t = 1; t < threads; ++t) others.emplace_back([&crew, t] { crew.work(t); });
    crew.work(0);
  }
  return crew.result();
}

}  // namespace ytterby
