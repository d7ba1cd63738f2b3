// The benchmarks: Google Benchmark's program with our own settings. tools/bench is how a person runs it.
// usage: ytterby_bench [--work=SHARE] [--quick] [options of Google Benchmark]

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>

#include "bench/bench.h"
#include "engine/base/version.h"

namespace {

using namespace ytterby::bench;

Settings take_settings(int& argc, char** argv) {
  Settings settings;
  settings.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--work=", 7) == 0) {
      settings.work = std::stod(argv[i] + 7);
    } else if (std::strcmp(argv[i], "--quick") == 0) {
      settings.quick = true;
    } else {
      argv[kept++] = argv[i];
    }
  }
  argc = kept;
  return settings;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Settings settings = take_settings(argc, argv);
    if (settings.work <= 0) throw std::invalid_argument("not above 0");
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::AddCustomContext("commit", std::string(ytterby::git_commit()));
    benchmark::AddCustomContext("build", std::string(ytterby::build_description()));
    benchmark::AddCustomContext("levels", [] {
      std::string all;
      for (const std::string& level : levels()) all += (all.empty() ? "" : " ") + level;
      return all;
    }());
    register_routines(settings);
    register_histories(settings);
    register_efficiency(settings);
    register_convolution(settings);
    register_files(settings);
    register_start_up(settings);
    register_scaling(settings);
    benchmark::RunSpecifiedBenchmarks();
    forget_cases();
  } catch (const std::invalid_argument&) {
    std::fprintf(stderr, "ytterby_bench: --work needs a number above 0\n");
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ytterby_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
