#include "io/cli/ends/sudden_end.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <new>
#include <span>
#include <string>

#include "io/cli/run/out_of_memory.h"
#include "io/system/leftovers.h"
#include "io/system/own_process.h"
#include "io/system/stderr_capture.h"

namespace ytterby::cli {
namespace {

constexpr std::array crashes{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::array others{SIGQUIT, SIGPIPE, SIGXCPU};

std::array<struct sigaction, 65> before;  // by signal: what would happen without us, a sanitizer's report for one
std::atomic<bool> refused{false}, leaving{false};
pid_t home = 0;
static_assert(std::atomic<bool>::is_always_lock_free);

/// What `new` calls where it gets no memory, also the `new` that then returns null, which libraries forget to look at.
void note_refusal() {
  refused.store(true);
  throw std::bad_alloc();
}

[[noreturn]] void end_without_memory() {
  io::remove_leftovers();
  for (const char* text : {"ytterby: ", out_of_memory, "\n"}) {
    if (::write(io::StderrCapture::visible(), text, std::char_traits<char>::length(text)) < 0) break;
  }
  ::_exit(io::out_of_memory_status);
}

void on_end(int signal, siginfo_t* info, void* /*context*/) {
  const bool crash = signal != SIGQUIT && signal != SIGPIPE && signal != SIGXCPU;
  if (crash && (refused.load() || errno == ENOMEM)) end_without_memory();
  io::remove_leftovers();
  ::sigaction(signal, &before[static_cast<std::size_t>(signal)], nullptr);
  // What an instruction did it does again; what was sent is sent again.
  if (info->si_code <= 0 || !crash) ::raise(signal);
}

void on_terminate() {
  try {
    if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    end_without_memory();
  } catch (...) {
  }
  std::abort();
}

void on_exit() {
  if (leaving.load() || home != ::getpid()) return;
  if (refused.load() || errno == ENOMEM) end_without_memory();
  io::remove_leftovers();
}

}  // namespace

void be_ready_for_sudden_ends() {
  const bool again = home != 0;
  home = ::getpid();
  if (again) return;
  std::atexit(on_exit);
  std::set_terminate(on_terminate);
  std::set_new_handler(note_refusal);
  static std::array<char, 1 << 16> stack;  // where the other one has overflowed
  const stack_t own{stack.data(), 0, stack.size()};
  ::sigaltstack(&own, nullptr);
  struct sigaction ours {};
  ours.sa_sigaction = on_end;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&ours.sa_mask);
  for (const auto& signals : {std::span<const int>(crashes), std::span<const int>(others)}) {
    for (const int signal : signals) {
      struct sigaction& old = before[static_cast<std::size_t>(signal)];
      ::sigaction(signal, nullptr, &old);
      if ((old.sa_flags & SA_SIGINFO) != 0 || old.sa_handler != SIG_IGN) ::sigaction(signal, &ours, nullptr);
    }
  }
}

void end_is_near() { leaving.store(true); }

}  // namespace ytterby::cli
