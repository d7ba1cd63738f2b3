#include "io/cli/ends/stop_signals.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "io/cli/run/started_ranks.h"
#include "io/system/leftovers.h"
#include "io/system/stderr_capture.h"

namespace ytterby::cli {
namespace {

// A handler may use them where they are lock-free.
std::atomic<int> noted{0}, came{0}, last{0};
static_assert(std::atomic<int>::is_always_lock_free);
std::atomic<pid_t> home{0};
bool for_parent = false;
bool on_terminal = false;

constexpr char line[] =
    "warning: stopped: what was finished is whole, nothing else is left; the same command goes on or begins anew\n";

void say_line() {
  if (for_parent || !speaks()) return;
  const int out = io::StderrCapture::visible();
  const bool below = !on_terminal || ::write(out, "\n", 1) == 1;  // ^C, or a progress bar
  if (!below || ::write(out, line, sizeof line - 1) < 0) return;
}

void on_stop_signal(int signal, siginfo_t* info, void* /*context*/) {
  if (home.load() != ::getpid()) ::_exit(128 + signal);  // a process that has just been forked, before it sets its own
  if (for_parent && info->si_code == SI_KERNEL) return;
  last.store(signal);
  if (came.fetch_add(1) < noted.load()) return;
  io::remove_leftovers();
  say_line();
  ::_exit(128 + signal);
}

}  // namespace

void end_at_stop_signals() {
  home.store(::getpid());
  on_terminal = ::isatty(STDERR_FILENO) == 1;
  struct sigaction ours {
  }, before{};
  ours.sa_sigaction = on_stop_signal;
  ours.sa_flags = SA_SIGINFO | SA_RESTART;
  sigemptyset(&ours.sa_mask);
  for (const int signal : io::stop_signals) sigaddset(&ours.sa_mask, signal);
  for (const int signal : io::stop_signals) {
    ::sigaction(signal, nullptr, &before);
    if (signal != SIGHUP || before.sa_handler != SIG_IGN) ::sigaction(signal, &ours, nullptr);
  }
}

void end_at_stop_signals_of_parent() {
  for_parent = true;
  noted.store(0);
  came.store(0);
  last.store(0);
  home.store(::getpid());
}

StopSignals::StopSignals(int noted_alone) : noted_before_(noted.exchange(noted_alone)) {}
StopSignals::~StopSignals() { noted.store(noted_before_); }

int StopSignals::received() { return last.load(); }
int StopSignals::count() { return came.load(); }

void stop_if_asked() {
  if (StopSignals::received() != 0) throw Stopped{};
}

int stopped_between_steps() {
  say_line();
  return 128 + StopSignals::received();
}

}  // namespace ytterby::cli
