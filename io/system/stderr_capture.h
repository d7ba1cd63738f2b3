#pragma once
// What C libraries print to stderr while they read a file.

#include <string>

namespace ytterby::io {

/// Redirects file descriptor 2 into a temporary file while it lives: ITK's C libraries report damage there and go on.
/// Not for use while other threads log.
class StderrCapture {
 public:
  StderrCapture();
  ~StderrCapture();
  StderrCapture(const StderrCapture&) = delete;
  StderrCapture& operator=(const StderrCapture&) = delete;

  /// Ends the redirection and returns what was printed, its lines joined by blanks.
  std::string finish();

  /// The descriptor that a person reads, whatever is captured. Signal handlers may ask.
  [[nodiscard]] static int visible();

 private:
  int saved_ = -1, captured_ = -1;
};

}  // namespace ytterby::io
