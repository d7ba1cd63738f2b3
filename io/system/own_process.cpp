#include "io/system/own_process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>

namespace ytterby::io {
namespace {

constexpr std::array crashes{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

void lower(int what, rlim_t most) {
  rlimit limit{};
  ::getrlimit(static_cast<__rlimit_resource>(what), &limit);
  limit.rlim_max = std::min(limit.rlim_max, most);
  limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
  ::setrlimit(static_cast<__rlimit_resource>(what), &limit);
}

}  // namespace

std::uint64_t address_space() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void confine(const ProcessLimits& limits) {
  for (const int signal : crashes) ::signal(signal, SIG_DFL);
  for (const int signal : {SIGALRM, SIGXCPU, SIGPIPE}) ::signal(signal, SIG_DFL);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) ::signal(signal, SIG_IGN);
  ::alarm(limits.wait);
  if (const int nothing = ::open("/dev/null", O_WRONLY); nothing >= 0) ::dup2(nothing, STDERR_FILENO);
  lower(RLIMIT_CORE, 0);
  lower(RLIMIT_CPU, limits.seconds);
  if (limits.memory > 0) lower(RLIMIT_AS, limits.memory);
}

ProcessEnd wait_for(pid_t child) {
  int status = 0;
  pid_t ended = 0;
  while ((ended = ::waitpid(child, &status, 0)) < 0 && errno == EINTR) {
  }
  if (ended < 0) return ProcessEnd::other;
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  if (std::find(crashes.begin(), crashes.end(), signal) != crashes.end()) return ProcessEnd::crashed;
  if (signal == SIGXCPU || signal == SIGKILL) return ProcessEnd::greedy;  // at the limit of time; by a full machine
  if (WIFEXITED(status) && WEXITSTATUS(status) == out_of_memory_status) return ProcessEnd::greedy;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ProcessEnd::well : ProcessEnd::other;
}

}  // namespace ytterby::io
