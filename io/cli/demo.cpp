// `ytterby demo -o DIR`: the built-in patient from images to dose, in one command.

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "io/case/phantom_case.h"
#include "io/cli/convolve.h"
#include "io/cli/options.h"
#include "io/cli/report.h"
#include "io/cli/run/case_run.h"
#include "io/cli/simulate.h"
#include "io/cli/text_output.h"
#include "io/cli/verbs.h"
#include "io/evaluation/evaluation.h"
#include "io/evaluation/plan.h"
#include "io/evaluation/verdict_text.h"

namespace ytterby::cli {
namespace {

/// Minutes on two cores, and a mean tumour dose within a few parts in ten thousand.
constexpr const char* default_histories = "5e7";

struct Options {
  std::string folder = "demo", histories = default_histories, seed = "1", device = "auto", threads;
};

void heading(const std::string& text) { std::cout << "\n== " << text << "\n\n" << std::flush; }

int run_demo(const Options& options) {
  SimulateOptions simulation;
  simulation.histories = count_option("--histories", options.histories, 1);
  simulation.seed = count_option("--seed", options.seed, 0);
  const DeviceOption device = device_option(options.device);
  simulation.backend = device.backend;
  simulation.cuda_devices = device.cuda_devices;
  if (!options.threads.empty()) simulation.threads = threads_option(options.threads);

  const std::filesystem::path folder = options.folder;
  spdlog::info("writing the built-in patient to {}", folder.string());
  simulation.case_file = io::write_phantom_case("rescue", folder);
  const io::CaseFile c = io::read_case(simulation.case_file);
  const io::PreparedCase prepared = prepare_aloud(c);
  spdlog::set_level(spdlog::level::err);  // the other steps would say the same again

  heading("plan: the partition model");
  const PlanResult plan = plan_prepared(prepared);
  write_text(folder / "plan.json", plan_json(plan));
  std::cout << plan_table(plan);

  std::vector<std::string> doses;
  heading("simulate: Monte Carlo");
  simulation.output = folder / "dose.h5";
  if (const int status = run_simulate(simulation); status != 0) return status;
  doses.push_back(simulation.output.string());

  ConvolveOptions convolution;
  convolution.case_file = simulation.case_file;
  convolution.threads = simulation.threads;
  convolution.backend = simulation.backend;
  convolution.histories = std::min<std::uint64_t>(convolution.histories, *simulation.histories);
  const auto convolve = [&](const char* title, const char* file) {
    heading(title);
    convolution.output = folder / file;
    run_convolve(convolution);
    doses.push_back(convolution.output.string());
  };
  convolve("convolve: voxel kernel", "dose-kernel.h5");
  convolution.scaling = DensityScaling::local;
  convolve("convolve: voxel kernel, scaled by density", "dose-kernel-scaled.h5");
  convolution.method = ConvolveMethod::local;
  convolve("convolve: local deposition", "dose-local.h5");

  heading("validate: the RESCUE rules for every method");
  const Validation verdict = validate_prepared(prepared, doses);
  write_text(folder / "verdict.json", verdict_json(verdict));
  std::cout << verdict_table(verdict);
  write_text(folder / "report.html", report_of(prepared, doses));
  spdlog::set_level(spdlog::level::info);
  std::cout << "\ncase: " << simulation.case_file.string() << "\ndose: " << simulation.output.string()
            << "\nreport: " << (folder / "report.html").string() << '\n';
  return verdict.broken() ? 5 : 0;
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
