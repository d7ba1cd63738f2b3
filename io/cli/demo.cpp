// `ytterby demo -o DIR`: the built-in patient from images to dose, in one command.

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "io/cli/dose_table.h"
#include "io/cli/options.h"
#include "io/cli/simulate.h"
#include "io/cli/verbs.h"
#include "io/phantom_case.h"

namespace ytterby::cli {
namespace {

/// Minutes on two cores, and a mean tumour dose within a few parts in ten thousand.
constexpr const char* default_histories = "5e7";

struct Options {
  std::string folder = "demo", histories = default_histories, seed = "1", device = "auto", threads;
};

int run_demo(const Options& options) {
  SimulateOptions simulation;
  simulation.histories = count_option("--histories", options.histories, 1);
  simulation.seed = count_option("--seed", options.seed, 0);
  const DeviceOption device = device_option(options.device);
  simulation.backend = device.backend;
  simulation.cuda_devices = device.cuda_devices;
  if (!options.threads.empty()) simulation.threads = static_cast<int>(count_option("--threads", options.threads, 1));

  const std::filesystem::path folder = options.folder;
  spdlog::info("writing the built-in patient to {}", folder.string());
  simulation.case_file = io::write_phantom_case("rescue", folder);
  simulation.output = folder / "dose.h5";
  if (const int status = run_simulate(simulation); status != 0) return status;
  std::cout << "\ncase: " << simulation.case_file.string() << "\ndose: " << simulation.output.string() << '\n';
  return 0;
}

}  // namespace

Action add_demo(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("-o,--output", options->folder, "folder for the patient and the dose")->capture_default_str();
  app.add_option("--histories", options->histories, "decays to simulate")->capture_default_str();
  app.add_option("--seed", options->seed, "seed of the random numbers")->capture_default_str();
  app.add_option("--device", options->device, "auto, cpu or cuda")->capture_default_str();
  app.add_option("--threads", options->threads, "threads on the CPU; default: all processors");
  return [options] { return run_demo(*options); };
}

}  // namespace ytterby::cli
