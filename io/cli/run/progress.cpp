#include "io/cli/run/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "io/cli/run/verbosity.h"

namespace ytterby::cli {
namespace {

std::string time_text(double seconds) {
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  if (seconds < 6000) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace

ProgressBar::ProgressBar(bool quiet, const char* counted)
    : quiet_(quiet || verbosity() == Verbosity::quiet), counted_(counted), terminal_(isatty(STDERR_FILENO) == 1) {}

void ProgressBar::update(const Progress& progress) {
  if (quiet_) return;
  const double done = static_cast<double>(progress.histories_done);
  const double share = progress.histories_total > 0 ? done / static_cast<double>(progress.histories_total) : 0;
  const double speed = progress.seconds > 0 ? done / progress.seconds : 0;
  const double left = speed > 0 ? (static_cast<double>(progress.histories_total) - done) / speed : 0;
  std::string text = fmt::format("{:3.0f} %  {:.2e} {}/s  {} left", 100 * share, speed, counted_, time_text(left));
  if (progress.goal_error >= 0) text += fmt::format("  goal at {:.2f} %", 100 * progress.goal_error);
  if (terminal_) {
    constexpr int width = 30;
    const int filled = static_cast<int>(share * width);
    fmt::print(stderr, "\r[{:<{}}] {} ", std::string(static_cast<std::size_t>(filled), '#'), width, text);
    std::fflush(stderr);
    drawn_ = true;
    return;
  }
  if (share * 10 < next_tenth_) return;
  while (share * 10 >= next_tenth_) ++next_tenth_;
  fmt::print(stderr, "progress: {}\n", text);
}

void ProgressBar::finish() {
  if (drawn_) fmt::print(stderr, "\n");
  drawn_ = false;
}

}  // namespace ytterby::cli
