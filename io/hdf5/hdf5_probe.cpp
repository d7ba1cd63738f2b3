#include "io/hdf5/hdf5_probe.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <new>

#include "engine/base/error.h"

namespace ytterby::io {
namespace {

constexpr rlim_t more_memory = rlim_t{1} << 30;
constexpr rlim_t most_seconds = 10;  // of processor time; the structure of a large dose file takes some milliseconds
constexpr unsigned most_wait = 60;   // s by the clock: a slow disk, or a lock that another thread held at the fork
constexpr int out_of_memory = 3;
constexpr std::array crashes{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

rlim_t address_space() {
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

void lower(int what, rlim_t most) {
  rlimit limit{};
  ::getrlimit(static_cast<__rlimit_resource>(what), &limit);
  limit.rlim_max = std::min(limit.rlim_max, most);
  limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
  ::setrlimit(static_cast<__rlimit_resource>(what), &limit);
}

[[noreturn]] void in_child(const std::function<void()>& read, rlim_t memory) {
  for (const int signal : crashes) ::signal(signal, SIG_DFL);
  for (const int signal : {SIGALRM, SIGXCPU}) ::signal(signal, SIG_DFL);
  // A terminal's Ctrl-C reaches both processes, and is the caller's to answer.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) ::signal(signal, SIG_IGN);
  ::alarm(most_wait);
  if (const int nothing = ::open("/dev/null", O_WRONLY); nothing >= 0) ::dup2(nothing, STDERR_FILENO);
  lower(RLIMIT_CORE, 0);
  lower(RLIMIT_CPU, most_seconds);
  if (memory > 0) lower(RLIMIT_AS, memory + more_memory);
  int status = 0;
  try {
    read();
  } catch (const std::bad_alloc&) {
    status = out_of_memory;
  } catch (...) {
    status = 0;  // the caller meets it again
  }
  ::_exit(status);
}

}  // namespace

void probe_hdf5(const std::filesystem::path& path, const std::function<void()>& read) {
  const rlim_t memory = address_space();
  const pid_t child = ::fork();
  if (child < 0) return;  // no process to be had: as without the probe
  if (child == 0) in_child(read, memory);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  const bool crashed = std::find(crashes.begin(), crashes.end(), signal) != crashes.end();
  const bool greedy = signal == SIGXCPU || signal == SIGKILL ||  // at the limit of time; by a full machine
                      (WIFEXITED(status) && WEXITSTATUS(status) == out_of_memory);
  if (!crashed && !greedy) return;  // whatever else ended it says nothing about the file
  throw Error(Fault::input, path.string() + ": is damaged: the HDF5 library " +
                                (crashed ? "crashes on it" : "needs more memory or time for it than it can be worth"));
}

}  // namespace ytterby::io
