#include "bench/bench.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace ytterby::bench {
namespace {

struct Kept {
  std::string name;
  std::unique_ptr<Case> value;
};

Kept& kept() {
  static Kept instance;
  return instance;
}

/// A line of a file in /proc [bytes]; negative where there is none.
double memory_line(const std::string& key, const char* file = "/proc/self/status") {
  std::ifstream status(file);
  for (std::string line; std::getline(status, line);)
    if (line.rfind(key + ":", 0) == 0) return std::stod(line.substr(key.size() + 1)) * 1024;  // in kB
  return -1;
}

double seconds_of(clockid_t clock) {
  timespec t{};
  ::clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Scratch {
  std::string path;
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ytterby-bench-XXXXXX").string();
    path = ::mkdtemp(pattern.data()) ? pattern : "";
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove_all(path, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

}  // namespace

std::uint64_t Settings::histories(double full) const {
  return std::max<std::uint64_t>(1000, static_cast<std::uint64_t>(full * work));
}

void use_level(const std::string& level) { ::setenv("YTTERBY_LEVEL", level.c_str(), 1); }

CpuLauncher launcher(const std::string& level) {
  use_level(level);
  return best_cpu_launcher();
}

std::vector<std::string> levels() {
  std::vector<std::string> found;
  for (const char* level : {"baseline", "avx2", "avx512"})
    if (launcher(level).level == std::string(level)) found.emplace_back(level);
  return found;
}

std::vector<int> thread_counts(const Settings& settings) {
  return settings.threads > 1 ? std::vector<int>{1, settings.threads} : std::vector<int>{1};
}

const Case& made(const NamedCase& named) {
  if (kept().name != named.name || !kept().value) {
    forget_cases();
    kept() = {named.name, std::make_unique<Case>(named.make())};
  }
  return *kept().value;
}

void forget_cases() { kept() = {}; }

std::vector<std::string> case_folders() {
  std::vector<std::string> folders;
  const char* list = std::getenv("YTTERBY_BENCH_CASES");
  std::istringstream text(list ? list : "");
  for (std::string folder; std::getline(text, folder, ':');)
    if (!folder.empty()) folders.push_back(folder);
  return folders;
}

const std::string& scratch_folder() {
  static const Scratch scratch;
  return scratch.path;
}

double thread_seconds() { return seconds_of(CLOCK_THREAD_CPUTIME_ID); }
double program_seconds() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }

double available_memory() { return std::max(0.0, memory_line("MemAvailable", "/proc/meminfo")); }

PeakMemory::PeakMemory() {
  ::malloc_trim(0);
  std::ofstream reset("/proc/self/clear_refs");
  reset << "5" << std::flush;  // the peak starts over: man 5 proc
  if (reset) before_ = memory_line("VmRSS");
}

double PeakMemory::bytes() const { return before_ < 0 ? -1 : memory_line("VmHWM") - before_; }

}  // namespace ytterby::bench
