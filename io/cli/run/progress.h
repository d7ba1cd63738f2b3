#pragma once
// How far a run is, on stderr.

#include "engine/run/run_options.h"

namespace ytterby::cli {

/// A bar with histories/s and time left where stderr is a terminal, else a plain line at every tenth;
/// nothing with -q, or where `quiet`. `counted`: what there are so many of a second.
class ProgressBar {
 public:
  explicit ProgressBar(bool quiet = false, const char* counted = "histories");
  void update(const Progress& progress);
  /// Ends the bar's line; nothing where none was drawn.
  void finish();

 private:
  bool quiet_;
  const char* counted_;
  bool terminal_;
  bool drawn_ = false;
  int next_tenth_ = 1;
};

}  // namespace ytterby::cli
