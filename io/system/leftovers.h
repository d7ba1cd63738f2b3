#pragma once
// What is to go where the program ends at any moment: temporary files and locks, which else are removed by destructors.

#include <csignal>
#include <filesystem>

namespace ytterby::io {

/// A file that goes with the process that said so, while this lives. Of 64 at a time; more, and paths above 4095 bytes,
/// go by their destructors alone.
class Leftover {
 public:
  explicit Leftover(const std::filesystem::path& file);
  ~Leftover();
  Leftover(const Leftover&) = delete;
  Leftover& operator=(const Leftover&) = delete;

 private:
  int place_ = -1;
};

/// Removes the files of all that live in this process. Signal handlers may call it; the program then ends by _exit().
void remove_leftovers() noexcept;

/// The signals that ask a program to end.
inline constexpr int stop_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

/// Stop signals wait while it lives: what is made and noted is done in one go. Of the calling thread; the system gives
/// them to the first one as long as that takes them.
class StopSignalsLater {
 public:
  StopSignalsLater();
  ~StopSignalsLater();
  StopSignalsLater(const StopSignalsLater&) = delete;
  StopSignalsLater& operator=(const StopSignalsLater&) = delete;

 private:
  sigset_t before_;
};

}  // namespace ytterby::io
