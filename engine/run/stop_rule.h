#pragma once
// When a run has reached the uncertainty that was asked for.

#include <vector>

namespace ytterby {

/// Decides at the end of each batch whether the mean so far is known well enough.
///
/// A run that stops when its error happens to look small states errors that are too small: 6 to 12 % with the plain
/// standard error. Here the variance is the largest of those estimated after batches max(16, n/2) .. n, and the error
/// is widened by Student's t for n - 1 degrees of freedom (68.27 %). At the end this is then the error to state, too:
/// it is the spread of results within 5 % (tests/engine/run/test_stop_rule.cpp). Tested from batch 16 on.
class StopRule {
 public:
  /// goal: relative standard error, e.g. 0.01.
  explicit StopRule(double goal) : goal_(goal) {}

  /// Adds a batch's value; true when the goal is reached.
  bool add(double value);

  /// Smoothed relative standard error of the batches so far; infinite before batch 2 or where the mean is 0.
  [[nodiscard]] double relative_error() const;

  static constexpr std::size_t first_test = 16;

 private:
  double goal_;
  double mean_ = 0, spread_ = 0;  // Welford's running mean and sum of squared deviations
  std::vector<double> variance_;  // after batch i + 1
};

}  // namespace ytterby
