// `ytterby demo -o DIR`: the built-in patient from images to dose, in one command.

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "io/case/phantom_case.h"
#include "io/cli/convolve.h"
#include "io/cli/dose_table.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/files.h"
#include "io/cli/run/run_flags.h"
#include "io/cli/simulate.h"
#include "io/cli/text_output.h"
#include "io/cli/verbs.h"
#include "io/evaluation/evaluation.h"
#include "io/evaluation/plan.h"
#include "io/evaluation/verdict_text.h"
#include "io/report/report.h"

namespace ytterby::cli {
namespace {

/// Minutes on two cores, and a mean tumour dose within a few parts in ten thousand.
constexpr std::uint64_t default_histories = 50'000'000;

struct Options : RunFlags {
  std::string folder = "demo";
  bool force = false;
};

void heading(const std::string& text) { std::cout << "\n== " << text << "\n\n" << std::flush; }

/// The doses of the demo, each kept for the report and judged.
class Doses {
 public:
  explicit Doses(const io::PreparedCase& prepared) : evaluation_(prepared) {}
  /// Prints and takes up a dose that was just written.
  void add(const std::filesystem::path& file) {
    doses_.push_back(io::read_dose(file));
    print_dose(doses_.back(), false);
    evaluation_.add(doses_.back(), file.string());
  }
  io::Validation judged() { return evaluation_.judged(); }
  std::vector<io::DoseFile> take() { return std::move(doses_); }

 private:
  io::Evaluation evaluation_;
  std::vector<io::DoseFile> doses_;
};

SimulateOptions simulation_of(const Options& options) {
  SimulateOptions simulation;
  static_cast<RunFlags&>(simulation) = options;
  simulation.force = force_option(options.force);
  return simulation;
}

void convolve_all(const io::PreparedCase& prepared, const Options& options, const std::filesystem::path& folder,
                  Doses& doses) {
  ConvolveOptions convolution;
  static_cast<RunFlags&>(convolution) = options;
  convolution.seed.reset();  // that of the simulation
  convolution.force = force_option(options.force);
  convolution.histories = std::min<std::uint64_t>(kernel_histories, prepared.resolved.transport.histories);
  const auto convolve = [&](const char* title, const char* file) {
    heading(title);
    convolution.output = folder / file;
    convolve_prepared(prepared, convolution);
    doses.add(convolution.output);
  };
  convolve("convolve: voxel kernel", "dose-kernel.h5");
  convolution.scaling = DensityScaling::local;
  convolve("convolve: voxel kernel, scaled by density", "dose-kernel-scaled.h5");
  convolution.method = ConvolveMethod::local;
  convolve("convolve: local deposition", "dose-local.h5");
}

int run_demo(const Options& options) {
  const std::filesystem::path folder = options.folder;
  SimulateOptions simulation = simulation_of(options);
  spdlog::info("writing the built-in patient to {}", folder.string());
  simulation.case_file = io::write_phantom_case("rescue", folder);
  const io::PreparedCase prepared = prepare_aloud(resolved_case(simulation));
  spdlog::set_level(spdlog::level::err);  // the other steps would say the same again

  heading("plan: the partition model");
  const io::PlanResult plan = io::plan_prepared(prepared);
  write_text(folder / "plan.json", io::plan_json(plan));
  std::cout << io::plan_table(plan);

  Doses doses(prepared);
  heading("simulate: Monte Carlo");
  simulation.output = folder / "dose.h5";
  if (const io::DoseFile dose = simulate_prepared(prepared, simulation); dose.map.interrupted) {
    spdlog::set_level(spdlog::level::info);
    return stopped_status(dose, simulation);
  }
  doses.add(simulation.output);
  convolve_all(prepared, options, folder, doses);

  heading("validate: the RESCUE rules for every method");
  const io::Validation verdict = doses.judged();
  write_text(folder / "verdict.json", io::verdict_json(verdict));
  std::cout << io::verdict_table(verdict);
  write_text(folder / "report.html", io::report_page(io::report_of(prepared, doses.take(), verdict)));
  spdlog::set_level(spdlog::level::info);
  std::cout << "\ncase: " << simulation.case_file.string() << "\ndose: " << simulation.output.string()
            << "\nreport: " << (folder / "report.html").string() << '\n';
  return verdict.broken() ? 5 : 0;
}

}  // namespace

Action add_demo(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->histories = default_histories;
  options->seed = 1;
  app.add_option("-o,--output", options->folder,
                 "folder for the patient and the dose: new, empty, or an earlier demo's")
      ->capture_default_str();
  add_run_flags(app, *options,
                {.histories = "decays to simulate; default: 5e7",
                 .seed = "seed of the random numbers; default: 1",
                 .device = "cpu, cuda, cuda:0,1 or auto (the default)"});
  add_force_flag(app, options->force);
  return [options] { return run_demo(*options); };
}

}  // namespace ytterby::cli
