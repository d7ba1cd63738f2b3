#include "engine/ranks/run_on_ranks.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <utility>

#include "engine/run/run_book.h"

namespace ytterby {
namespace {

using Clock = RunBook::Clock;

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
      : worker_(worker),
        ranks_(*options.ranks),
        options_(options),
        per_batch_(per_batch),
        voxels_(voxels),
        book_(options, per_batch, worker.level(),
              worker.device() + ", " + std::to_string(options.ranks->size()) + " ranks", voxels, structures) {
    if (options.resume != nullptr) take_up_parts(*options.resume);
    agree();
  }

  BatchRun go() {
    while (!book_.over()) {
      const int batch = book_.run.batches + ranks_.rank(), next = batch + ranks_.size();
      has_batch_ = batch < options_.batches;
      if (has_batch_) worker_.begin(batch, part_of(batch), next < options_.batches ? next : -1);
      if (!finish_round(batch)) break;
    }
    book_.run.sums = book_.run.interrupted ? worker_.last_sums() : summed(worker_.last_sums());
    const BatchTotals all = totals();
    if (book_.close() && first()) book_.keep_last(state(book_.run.sums, all));
    book_.run.ledger = all.ledger;
    book_.run.segments = all.segments;
    return std::move(book_.run);
  }

 private:
  [[nodiscard]] bool first() const { return ranks_.rank() == 0; }

  /// Batches that were counted before are rank 0's; what is done of others is of the rank that does them.
  void take_up_parts(const RunState& s) {
    if (!first()) {
      book_.run.ledger = {};
      book_.run.segments = 0;
    }
    parts_ = s.later;
    if (s.done > 0) parts_.push_back({s.batches, s.done, s.tally, s.totals});
    std::erase_if(parts_, [&](const BatchPart& p) {
      return !first() && (p.batch - book_.run.batches) % ranks_.size() != ranks_.rank();
    });
  }

  /// Ranks of another build, level or case would give other bits, or wait for each other for ever.
  void agree() {
    const Agreement mine{voxels_,
                         structures(),
                         per_batch_,
                         static_cast<std::uint64_t>(options_.batches),
                         static_cast<std::uint64_t>(book_.run.batches),
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
    std::vector<double> energies(structures());
    while (!everybody && !book_.run.interrupted) {
      if (!finished) {
        finished = worker_.run([this] { return look_up(); });
        if (finished) energies = worker_.structure_energies();
      }
      const std::vector<std::byte> all = meet(finished, energies);
      everybody = true;
      for (int r = 0; r < ranks_.size(); ++r) everybody = everybody && record(all, r).finished;
      if (everybody) close_round(batch, all);
      const bool over = book_.over();
      if (over) book_.run.interrupted = false;
      if (!over && (book_.run.interrupted || due_)) keep();
    }
    return !book_.run.interrupted;
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
    due_here_ = first() && book_.checkpoint_due();
  }

  void call() {
    if (called_ != meeting_) ranks_.call(meeting_);
    called_ = meeting_;
  }

  [[nodiscard]] std::size_t record_bytes() const { return sizeof(Record) + structures() * sizeof(double); }
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
    for (int r = 0; r < ranks_.size(); ++r) book_.run.interrupted = book_.run.interrupted || record(all, r).interrupted;
    due_ = record(all, 0).due;
    return all;
  }

  /// In the order of batches, up to the one that reaches the goal: all ranks come to the same end.
  void close_round(int batch, const std::vector<std::byte>& all) {
    for (int r = 0; r < ranks_.size() && !book_.over(); ++r) {
      const std::size_t at_rank = static_cast<std::size_t>(r) * record_bytes() + sizeof(Record);
      std::vector<double> energies;
      for (std::size_t s = 0; s < structures(); ++s) energies.push_back(at<double>(all, at_rank + s * sizeof(double)));
      book_.book(energies);
    }
    if (has_batch_ && batch < book_.run.batches) book_.add(worker_.count());
    has_batch_ = false;
    std::erase_if(parts_, [this](const BatchPart& p) { return p.batch < book_.run.batches; });
    if (first()) book_.report_progress();
  }

  /// A checkpoint, for which all ranks give what they have.
  void keep() {
    const Clock::time_point begun = Clock::now();
    std::vector<BatchPart> parts = gather_parts();
    BatchSums sums = summed(worker_.sums());
    const BatchTotals all = totals();
    if (first() && book_.keeps_checkpoints()) {
      RunState s = state(std::move(sums), all);
      if (!parts.empty() && parts.front().batch == book_.run.batches) {
        s.done = parts.front().done;
        s.tally = std::move(parts.front().tally);
        s.totals = parts.front().totals;
        parts.erase(parts.begin());
      }
      s.later = std::move(parts);
      book_.keep(std::move(s));
    }
    book_.kept(begun);
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
      BatchPart part{book_.run.batches + r, other.done, {}, other.totals};
      if (r == 0) part.tally = std::move(mine.tally);
      if (r > 0) {
        part.tally.resize(voxels_);
        ranks_.receive(r, part.tally);
      }
      parts.push_back(std::move(part));
    }
    for (const BatchPart& p : parts_)
      if (p.batch >= book_.run.batches + ranks_.size()) parts.push_back(p);
    return parts;
  }

  /// On rank 0: the sums of all ranks and of the run that was taken up.
  BatchSums summed(BatchSums sums) {
    ranks_.add_up(sums.sum_in_place(), sums.square_in_place(), sums.hits_in_place());
    return first() ? book_.with_former(std::move(sums)) : std::move(sums);
  }

  /// Of all ranks' batches that were counted.
  BatchTotals totals() {
    const BatchTotals mine{book_.run.ledger, book_.run.segments};
    const std::vector<std::byte> all = ranks_.gather(std::as_bytes(std::span(&mine, 1)));
    BatchTotals sum;
    for (int r = 0; r < ranks_.size(); ++r) {
      const auto other = at<BatchTotals>(all, static_cast<std::size_t>(r) * sizeof(BatchTotals));
      sum.ledger += other.ledger;
      sum.segments += other.segments;
    }
    return sum;
  }

  [[nodiscard]] RunState state(BatchSums sums, const BatchTotals& all) const {
    RunState s = book_.state(std::move(sums));
    s.ledger = all.ledger;
    s.segments = all.segments;
    return s;
  }

  [[nodiscard]] std::size_t structures() const { return book_.run.structure_energy.size(); }

  RankWorker& worker_;
  Ranks& ranks_;
  const RunOptions& options_;
  std::uint64_t per_batch_;
  std::size_t voxels_;
  RunBook book_;
  std::vector<BatchPart> parts_;  // of batches to come, from the run that was taken up
  bool has_batch_ = false;
  bool interrupted_ = false, due_here_ = false;  // on this rank
  bool due_ = false;                             // on rank 0
  std::uint64_t meeting_ = 1, called_ = 0;
};

}  // namespace

BatchRun run_batches_on_ranks(RankWorker& worker, const RunOptions& options, std::uint64_t per_batch,
                              std::size_t voxels, std::size_t structures) {
  return RankRun(worker, options, per_batch, voxels, structures).go();
}

}  // namespace ytterby
