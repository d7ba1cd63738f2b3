#pragma once
// The book of a run: what threads, devices and ranks keep of it in the same way.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "engine/run/batch_run.h"
#include "engine/run/checkpoint_pace.h"
#include "engine/run/stop_rule.h"

namespace ytterby {

/// Batches are booked in their order: structures' energies, the stop rule, the ledger, seconds and progress. What is
/// under way, and where energies per voxel are added up, is its owner's. Not safe to be used by several threads at
/// once.
class RunBook {
 public:
  using Clock = std::chrono::steady_clock;

  /// Goes on from options.resume where it is given: throws Fault::input where that is of another run. Its sums are
  /// added by with_former(). `options` has to outlive this.
  RunBook(const RunOptions& options, std::uint64_t per_batch, std::string level, std::string device, std::size_t voxels,
          std::size_t structures);

  BatchRun run;  // what is booked

  /// No batch is wanted any more.
  [[nodiscard]] bool over() const { return goal_met() || run.batches >= options_.batches; }

  /// The next batch: its energy in each structure [quanta]. Asks the stop rule.
  void book(std::span<const double> energies);
  /// Whether ask_voxels() would look at run.sums now.
  [[nodiscard]] bool voxels_due() const;
  /// With the sums of all that is booked in run.sums: asks for the voxels' errors, where they are a goal.
  void ask_voxels();
  /// Of a batch that is booked, or is about to be.
  void add(const BatchTotals& totals);
  void report_progress() const;

  /// Asks whether the run is to end now; once it was, it stays so.
  bool asked_to_end();
  [[nodiscard]] bool checkpoint_due(Clock::time_point now = Clock::now()) const { return pace_.due(now); }
  [[nodiscard]] bool keeps_checkpoints() const { return static_cast<bool>(options_.on_checkpoint); }
  /// The state of whole batches, which have these sums, those of the run that was taken up included.
  [[nodiscard]] RunState state(BatchSums sums) const;
  void keep(RunState state) const { options_.on_checkpoint(std::move(state)); }
  /// A checkpoint is over, for which the run paused from `begun` on.
  void kept(Clock::time_point begun) { pace_.taken(begun); }

  /// Sums of this run's batches become those of all batches.
  [[nodiscard]] BatchSums with_former(BatchSums sums) const;

  /// Nothing is left to interrupt where all is done. True where the last state is wanted, for keep_last().
  [[nodiscard]] bool close();
  /// For those who want to raise the histories later.
  void keep_last(RunState state) const;

 private:
  void take_up(const RunState& state);
  void ask_stop_rule(int batch);
  [[nodiscard]] bool has_goal() const { return stop_rule_ || options_.goal_voxel_uncertainty > 0; }
  [[nodiscard]] bool goal_met() const { return has_goal() && mean_met_ && voxels_met_; }

  const RunOptions& options_;
  std::uint64_t per_batch_;
  std::string level_;
  std::optional<StopRule> stop_rule_;
  bool mean_met_, voxels_met_;  // true where they are no goal
  double before_ = 0;           // seconds of transport in the state that was taken up
  Clock::time_point start_ = Clock::now();
  CheckpointPace pace_{options_, start_};
};

}  // namespace ytterby
