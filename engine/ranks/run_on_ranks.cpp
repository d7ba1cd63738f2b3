#include "engine/ranks/run_on_ranks.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <optional>

#include "engine/run/checkpoint_pace.h"
#include "engine/run/stop_rule.h"

namespace ytterby {
namespace {

using Clock = std::chrono::steady_clock;

// Parts of batches that a checkpoint keeps beside the first; those beyond are done again after a resume.
constexpr std::size_t most_part_bytes = std::size_t{1} << 30;

/// What has to be the same on all ranks.
struct Agreement {
  std::uint64_t voxels, structures, per_batch, batches, resumed, seed, level;
};

/// What a rank says at a meeting; the structures' energies follow.
struct Record {
  bool finished = false, interrupted = false, due = false;
};

void add(const BatchTotals& more, BatchRun& run) {
  run.ledger.emitted += more.ledger.emitted;
  run.ledger.deposited += more.ledger.deposited;
  run.ledger.escaped += more.ledger.escaped;
  run.ledger.discarded += more.ledger.discarded;
  run.segments += more.segments;
}

/// What a rank has of its batch at a checkpoint; the tally follows on its own.
struct PartRecord {
  std::uint64_t done = 0;
  PortionTotals totals;
};

template <class T>
T at(const std::vector<std::byte>& bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

class RankRun {
 public:
  RankRun(RankWorker& worker, const RunOptions& options, std::uint64_t per_batch, std::size_t voxels,
          std::size_t structures)
      : worker_(worker), ranks_(*options.ranks), options_(options), per_batch_(per_batch), voxels_(voxels) {
    run_.device = worker.device() + ", " + std::to_string(ranks_.size()) + " ranks";
    run_.structure_energy.resize(structures);
    if (options.goal_uncertainty > 0) stop_rule_.emplace(options.goal_uncertainty);
    if (options.resume != nullptr) take_up(*options.resume);
    agree();
  }

  BatchRun go() {
    while (run_.batches < options_.batches && !stop_) {
      const int batch = run_.batches + ranks_.rank(), next = batch + ranks_.size();
      has_batch_ = batch < options_.batches;
      if (has_batch_) worker_.begin(batch, part_of(batch), next < options_.batches ? next : -1);
      if (!finish_round(batch)) break;
    }
    run_.sums = run_.interrupted ? worker_.last_sums() : summed(worker_.last_sums());
    const BatchTotals all = totals();
    if (!run_.interrupted && first() && options_.on_checkpoint) {
      RunState last = state(run_.sums, all);
      last.complete = true;
      options_.on_checkpoint(std::move(last));
    }
    run_.ledger = all.ledger;
    run_.segments = all.segments;
    return std::move(run_);
  }

 private:
  [[nodiscard]] bool first() const { return ranks_.rank() == 0; }

  void take_up(const RunState& s) {
    check_resume(s, options_, per_batch_, voxels_, run_.structure_energy.size(), worker_.level());
    run_.batches = std::min(s.batches, options_.batches);
    if (first()) add({s.ledger, s.segments}, run_);
    run_.structure_energy = s.structure_energy;
    run_.seconds = before_ = s.seconds;
    parts_ = s.later;
    if (s.done > 0) parts_.push_back({s.batches, s.done, s.tally, s.totals});
    std::erase_if(parts_, [&](const BatchPart& p) {
      return !first() && (p.batch - run_.batches) % ranks_.size() != ranks_.rank();
    });
    for (int batch = 0; batch < run_.batches && !stop_; ++batch) ask_stop_rule(batch);
  }

  /// Ranks of another build, level or case would give other bits, or wait for each other for ever.
  void agree() {
    const Agreement mine{voxels_,
                         run_.structure_energy.size(),
                         per_batch_,
                         static_cast<std::uint64_t>(options_.batches),
                         static_cast<std::uint64_t>(run_.batches),
                         options_.seed,
                         std::hash<std::string>{}(worker_.level())};
    const std::vector<std::byte> all = ranks_.gather(std::as_bytes(std::span(&mine, 1)));
    for (int r = 1; r < ranks_.size(); ++r) {
      const Agreement other = at<Agreement>(all, static_cast<std::size_t>(r) * sizeof(Agreement));
      const Agreement zero = at<Agreement>(all, 0);
      if (other.level != zero.level)
        throw Error(Fault::device, "rank " + std::to_string(r) +
                                       " is on another device or instruction level than rank 0: give --device, and "
                                       "YTTERBY_LEVEL where processors differ");
      if (std::memcmp(&other, &zero, sizeof(Agreement)) != 0)
        throw Error(Fault::input,
                    "rank " + std::to_string(r) +
                        " has another case or checkpoint than rank 0: all ranks need to see the same files");
    }
  }

  [[nodiscard]] const BatchPart* part_of(int batch) const {
    const auto found = std::find_if(parts_.begin(), parts_.end(), [=](const BatchPart& p) { return p.batch == batch; });
    return found == parts_.end() ? nullptr : &*found;
  }

  /// Until all ranks have done their batch and the round is booked; false where the run ends early.
  bool finish_round(int batch) {
    bool finished = !has_batch_, everybody = false;
    std::vector<double> energies(run_.structure_energy.size());
    while (!everybody && !run_.interrupted) {
      if (!finished) {
        finished = worker_.run([this] { return look_up(); });
        if (finished) energies = worker_.structure_energies();
      }
      const std::vector<std::byte> all = meet(finished, energies);
      everybody = true;
      for (int r = 0; r < ranks_.size(); ++r) everybody = everybody && record(all, r).finished;
      if (everybody) close_round(batch, all);
      const bool over = run_.batches >= options_.batches || stop_;
      if (over) run_.interrupted = false;
      if (!over && (run_.interrupted || due_)) keep();
    }
    return !run_.interrupted;
  }

  /// The calling thread, between portions: is it time to meet?
  bool look_up() {
    look_at_clock();
    if (!interrupted_ && !due_here_) return ranks_.called(meeting_);
    call();
    return true;
  }

  void look_at_clock() {
    interrupted_ = interrupted_ || (options_.interrupted && options_.interrupted());
    due_here_ = first() && pace_.due();
  }

  void call() {
    if (called_ != meeting_) ranks_.call(meeting_);
    called_ = meeting_;
  }

  [[nodiscard]] std::size_t record_bytes() const {
    return sizeof(Record) + run_.structure_energy.size() * sizeof(double);
  }
  [[nodiscard]] Record record(const std::vector<std::byte>& all, int rank) const {
    return at<Record>(all, static_cast<std::size_t>(rank) * record_bytes());
  }

  /// Everybody's records; and whether anybody has to end or rank 0 wants a checkpoint.
  std::vector<std::byte> meet(bool finished, std::span<const double> energies) {
    look_at_clock();
    if (interrupted_) call();
    const Record mine{finished, interrupted_, due_here_};
    std::vector<std::byte> bytes(record_bytes());
    std::memcpy(bytes.data(), &mine, sizeof mine);
    if (!energies.empty()) std::memcpy(bytes.data() + sizeof mine, energies.data(), energies.size_bytes());
    std::vector<std::byte> all = ranks_.gather(bytes);
    ++meeting_;
    for (int r = 0; r < ranks_.size(); ++r) run_.interrupted = run_.interrupted || record(all, r).interrupted;
    due_ = record(all, 0).due;
    return all;
  }

  /// In the order of batches, up to the one that reaches the goal: all ranks come to the same end.
  void close_round(int batch, const std::vector<std::byte>& all) {
    for (int r = 0; r < ranks_.size() && run_.batches < options_.batches && !stop_; ++r) {
      const std::size_t energies = static_cast<std::size_t>(r) * record_bytes() + sizeof(Record);
      for (std::size_t s = 0; s < run_.structure_energy.size(); ++s)
        run_.structure_energy[s].push_back(at<double>(all, energies + s * sizeof(double)));
      ask_stop_rule(run_.batches++);
    }
    run_.seconds = before_ + since(start_);
    if (has_batch_ && batch < run_.batches) add(worker_.count(), run_);
    has_batch_ = false;
    std::erase_if(parts_, [this](const BatchPart& p) { return p.batch < run_.batches; });
    if (first() && options_.on_progress)
      options_.on_progress({per_batch_ * static_cast<std::uint64_t>(run_.batches),
                            per_batch_ * static_cast<std::uint64_t>(options_.batches), run_.seconds,
                            stop_rule_ ? run_.goal_error : -1});
  }

  void ask_stop_rule(int batch) {
    if (!stop_rule_) return;
    const auto goal = static_cast<std::size_t>(options_.goal_structure);
    stop_ = stop_rule_->add(run_.structure_energy[goal][static_cast<std::size_t>(batch)]);
    run_.goal_reached = stop_;
    run_.goal_error = stop_rule_->relative_error();
  }

  /// A checkpoint, for which all ranks give what they have.
  void keep() {
    const Clock::time_point begun = Clock::now();
    std::vector<BatchPart> parts = gather_parts();
    BatchSums sums = summed(worker_.sums());
    const BatchTotals all = totals();
    if (first() && options_.on_checkpoint) {
      RunState s = state(std::move(sums), all);
      if (!parts.empty() && parts.front().batch == run_.batches) {
        s.done = parts.front().done;
        s.tally = std::move(parts.front().tally);
        s.totals = parts.front().totals;
        parts.erase(parts.begin());
      }
      s.later = std::move(parts);
      options_.on_checkpoint(std::move(s));
    }
    pace_.taken(begun);
  }

  /// On rank 0: what is done of the batches under way, by all ranks, and of those that a resumed run had begun.
  std::vector<BatchPart> gather_parts() {
    BatchPart mine = has_batch_ ? worker_.part() : BatchPart{};
    const PartRecord record{mine.done, mine.totals};
    const std::vector<std::byte> all = ranks_.gather(std::as_bytes(std::span(&record, 1)));
    std::vector<BatchPart> parts;
    std::size_t bytes = 0;
    for (int r = 0; r < ranks_.size(); ++r) {
      const PartRecord other = at<PartRecord>(all, static_cast<std::size_t>(r) * sizeof(PartRecord));
      const std::size_t more = voxels_ * sizeof(std::int64_t);
      if (other.done == 0 || (r > 0 && bytes + more > most_part_bytes)) continue;
      if (r > 0) bytes += more;
      if (r > 0 && r == ranks_.rank()) ranks_.send(0, mine.tally);
      if (!first()) continue;
      BatchPart part{run_.batches + r, other.done, {}, other.totals};
      if (r == 0) part.tally = std::move(mine.tally);
      if (r > 0) {
        part.tally.resize(voxels_);
        ranks_.receive(r, part.tally);
      }
      parts.push_back(std::move(part));
    }
    for (const BatchPart& p : parts_)
      if (p.batch >= run_.batches + ranks_.size()) parts.push_back(p);
    return parts;
  }

  /// On rank 0: the sums of all ranks and of the run that was taken up.
  BatchSums summed(BatchSums sums) {
    ranks_.add_up(sums.sum_in_place(), sums.square_in_place());
    if (first() && options_.resume != nullptr) sums.add(options_.resume->sums);
    return sums;
  }

  /// Of all ranks' batches that were counted.
  BatchTotals totals() {
    const BatchTotals mine{run_.ledger, run_.segments};
    const std::vector<std::byte> all = ranks_.gather(std::as_bytes(std::span(&mine, 1)));
    BatchRun sum{BatchSums(0), {}, {}, 0, true, false, -1, 0, 0, {}};
    for (int r = 0; r < ranks_.size(); ++r)
      add(at<BatchTotals>(all, static_cast<std::size_t>(r) * sizeof(BatchTotals)), sum);
    return {sum.ledger, sum.segments};
  }

  [[nodiscard]] RunState state(BatchSums sums, const BatchTotals& all) const {
    RunState s;
    s.seed = options_.seed;
    s.per_batch = per_batch_;
    s.level = worker_.level();
    s.batches = run_.batches;
    s.sums = std::move(sums);
    s.ledger = all.ledger;
    s.structure_energy = run_.structure_energy;
    s.segments = all.segments;
    s.seconds = before_ + since(start_);
    return s;
  }

  static double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

  RankWorker& worker_;
  Ranks& ranks_;
  const RunOptions& options_;
  std::uint64_t per_batch_;
  std::size_t voxels_;
  BatchRun run_{BatchSums(0), {}, {}, 0, true, false, -1, 0, 0, {}};
  std::optional<StopRule> stop_rule_;
  std::vector<BatchPart> parts_;  // of batches to come, from the run that was taken up
  bool stop_ = false, has_batch_ = false;
  bool interrupted_ = false, due_here_ = false;  // on this rank
  bool due_ = false;                             // on rank 0
  std::uint64_t meeting_ = 1, called_ = 0;
  double before_ = 0;
  Clock::time_point start_ = Clock::now();
  CheckpointPace pace_{options_, start_};
};

}  // namespace

BatchRun run_batches_on_ranks(RankWorker& worker, const RunOptions& options, std::uint64_t per_batch,
                              std::size_t voxels, std::size_t structures) {
  return RankRun(worker, options, per_batch, voxels, structures).go();
}

}  // namespace ytterby
