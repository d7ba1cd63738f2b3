#pragma once
// When a run has reached the uncertainty that was asked for.

#include <vector>

namespace ytterby {

/// Decides at the end of each batch whether the mean so far is known well enough.
///
/// The standard error of n batches is widened by Student's t for n - 1 degrees of freedom (68.27 %), and the variance
/// is the mean of the variances that were estimated after batches n/2 .. n: a single low estimate then does not stop a
/// run early, which would make stated errors too small. Tested from batch 16 on.
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
