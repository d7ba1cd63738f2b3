#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "engine/base/parallel.h"
#include "engine/ranks/rank_worker.h"
#include "engine/run/tally_pieces.h"

namespace ytterby {
namespace {

constexpr std::uint64_t largest_portion = 2048;  // histories a thread takes at a time

/// Calls body(t) for each thread t; thread 0 is the caller, which alone may talk to other ranks.
template <class Body>
void on_threads(int threads, const Body& body) {
  std::exception_ptr failure;
  std::mutex guard;
  const auto work = [&](int t) {
    try {
      body(t);
    } catch (...) {
      const std::lock_guard lock(guard);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (int t = 1; t < threads; ++t) others.emplace_back(work, t);
    work(0);
  }
  if (failure) std::rethrow_exception(failure);
}

class ThreadWorker : public RankWorker {
 public:
  ThreadWorker(const PortionRunner& runner, std::uint64_t per_batch, int threads,
               std::span<const SparseStructure> structures)
      : runner_(runner),
        per_batch_(per_batch),
        threads_(threads),
        portion_(std::clamp<std::uint64_t>(per_batch / (static_cast<std::uint64_t>(threads) * 16), 1, largest_portion)),
        structures_(structures),
        sums_(runner.voxels),
        tallies_(static_cast<std::size_t>(threads)) {
    for (auto& tally : tallies_) tally.assign(runner.voxels, 0);
  }

  [[nodiscard]] std::string level() const override { return runner_.level; }
  [[nodiscard]] std::string device() const override {
    return "cpu " + runner_.level + ", " + std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads");
  }

  void begin(int batch, const BatchPart* part, int /*next*/) override {
    batch_ = batch;
    next_ = 0;
    totals_ = {};
    if (part == nullptr) return;
    next_ = part->done;
    totals_ = part->totals;
    tallies_[0] = part->tally;
  }

  bool run(const std::function<bool()>& pause) override {
    const std::uint64_t first = static_cast<std::uint64_t>(batch_) * per_batch_;
    std::atomic<bool> stop{false};
    std::mutex guard;
    on_threads(threads_, [&](int t) {
      PortionTotals sum;
      bool begun = false;  // whoever asks for pauses without end must not keep the batch from going on
      while (true) {
        if (t == 0 && begun && pause()) stop = true;
        if (stop) break;
        begun = true;
        const std::uint64_t done = next_.fetch_add(portion_);
        if (done >= per_batch_) break;
        const std::uint64_t count = std::min(portion_, per_batch_ - done);
        sum += runner_.run(first + done, count, tallies_[static_cast<std::size_t>(t)].data());
      }
      const std::lock_guard lock(guard);
      totals_ += sum;
    });
    return next_ >= per_batch_;
  }

  [[nodiscard]] BatchPart part() override {
    gather();
    return {batch_, std::min(next_.load(), per_batch_), tallies_[0], totals_};
  }

  [[nodiscard]] std::vector<double> structure_energies() override {
    gather();
    std::vector<double> energies(structures_.size());
    const auto add_up = [&](int s) {
      const auto i = static_cast<std::size_t>(s);
      energies[i] = batch_energy(runner_, structures_[i], i, tallies_[0]);
    };
    parallel_for(static_cast<int>(structures_.size()), add_up, threads_);
    return energies;
  }

  BatchTotals count() override {
    gather();
    std::atomic<std::int64_t> deposited{0};
    on_slices([&](std::size_t first, std::size_t last) {
      deposited += fold_energy(tallies_[0], sums_, first, last);
      clear_energy(tallies_[0], first, last);
    });
    return {checked_ledger(batch_, totals_, deposited), totals_.segments};
  }

  [[nodiscard]] BatchSums sums() override { return sums_; }
  [[nodiscard]] BatchSums last_sums() override { return std::move(sums_); }

 private:
  template <class Body>
  void on_slices(const Body& body) {
    const auto n = static_cast<std::size_t>(threads_), voxels = runner_.voxels;
    on_threads(threads_, [&](int thread) {
      const auto t = static_cast<std::size_t>(thread);
      body(voxels * t / n, voxels * (t + 1) / n);
    });
  }

  /// All threads' energies into the first tally.
  void gather() {
    on_slices([&](std::size_t first, std::size_t last) {
      for (std::size_t t = 1; t < tallies_.size(); ++t) move_energy(tallies_[t], tallies_[0], first, last);
    });
  }

  const PortionRunner& runner_;
  std::uint64_t per_batch_;
  int threads_;
  std::uint64_t portion_;
  std::span<const SparseStructure> structures_;
  BatchSums sums_;
  std::vector<std::vector<std::int64_t>> tallies_;
  int batch_ = 0;
  std::atomic<std::uint64_t> next_{0};  // histories of the batch that were taken
  PortionTotals totals_;
};

}  // namespace

std::unique_ptr<RankWorker> thread_worker(const PortionRunner& runner, std::uint64_t per_batch, int threads,
                                          std::span<const SparseStructure> structures) {
  return std::make_unique<ThreadWorker>(runner, per_batch, threads, structures);
}

}  // namespace ytterby
