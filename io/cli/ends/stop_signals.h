#pragma once
// What the signals do that ask the program to end: SIGINT, SIGTERM, SIGUSR1 (which mpirun passes on without a deadline)
// and SIGHUP, unless that was ignored when the program began (nohup).

#include <exception>
#include <limits>

namespace ytterby::cli {

/// From here on a stop signal ends the program at once, whatever it is at: its temporary files and locks go, finished
/// files stay whole, one line says so, and the exit status is 128 + the signal. main() calls it first.
void end_at_stop_signals();

/// In a forked process that works for its parent: it ends in silence, and leaves a terminal's signals, which come to
/// both, to its parent, which passes them on.
void end_at_stop_signals_of_parent();

/// While it lives the first stop signal is only noted, for the work to come to an end of its own; the next one ends the
/// program at once.
class StopSignals {
 public:
  /// Of signals that are noted alone; `all` where another process works, and is told of each.
  static constexpr int all = std::numeric_limits<int>::max();
  explicit StopSignals(int noted = 1);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  /// The last signal that was noted; 0 without one.
  [[nodiscard]] static int received();
  /// How many came in all.
  [[nodiscard]] static int count();

 private:
  int noted_before_;
};

/// Work was ended by a signal that had been noted.
class Stopped : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "stopped by a signal"; }
};

/// Between steps: throws Stopped where a signal was noted.
void stop_if_asked();

/// What main() does with Stopped: says the same line as at any other time, and returns the same exit status.
int stopped_between_steps();

}  // namespace ytterby::cli
