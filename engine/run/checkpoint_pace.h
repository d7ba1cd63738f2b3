#pragma once
// When a run under way gives its next checkpoint.

#include <algorithm>
#include <chrono>

#include "engine/run/run_options.h"

namespace ytterby {

/// As often as RunOptions asks, but no sooner than 20 times what the last checkpoint took: however large the grid and
/// short the interval, they take less than 5 % of the run. The end by a signal does not wait for this.
class CheckpointPace {
 public:
  using Clock = std::chrono::steady_clock;

  explicit CheckpointPace(const RunOptions& options, Clock::time_point start = Clock::now())
      : options_(options), ended_(start) {}

  [[nodiscard]] bool due(Clock::time_point now = Clock::now()) const {
    if (!options_.on_checkpoint) return false;
    const double since = seconds(ended_, now);
    if (since < std::max(options_.checkpoint_seconds, rest * paused_)) return false;
    return !options_.write_seconds || since >= rest * (paused_ + options_.write_seconds());
  }

  /// A checkpoint was taken, for which the run paused from `begun` on.
  void taken(Clock::time_point begun, Clock::time_point now = Clock::now()) {
    paused_ = seconds(begun, now);
    ended_ = now;
  }

 private:
  static constexpr double rest = 20;

  static double seconds(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }

  const RunOptions& options_;
  double paused_ = 0;  // for the last one [s]
  Clock::time_point ended_;
};

}  // namespace ytterby
