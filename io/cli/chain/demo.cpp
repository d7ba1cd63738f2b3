// `ytterby demo -o DIR`: the built-in patient from images to dose, in one command.

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "io/case/phantom_case.h"
#include "io/cli/chain/chain.h"
#include "io/cli/ends/stop_signals.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/files.h"
#include "io/cli/run/run_flags.h"
#include "io/cli/run/verbosity.h"
#include "io/cli/verbs.h"

namespace ytterby::cli {
namespace {

/// Minutes on two cores, and a mean tumour dose within a few parts in ten thousand.
constexpr std::uint64_t default_histories = 50'000'000;

constexpr const char* patient = "rescue";

struct Options : RunFlags {
  std::string folder = "demo";
  bool force = false, full = false, json = false, dry_run = false;
};

ChainFiles demo_files(const std::filesystem::path& folder) {
  return {folder / "plan.json",
          folder / "verdict.json",
          folder / "report.html",
          {},
          {{"monte-carlo", folder / "dose.h5"},
           {"voxel-kernel", folder / "dose-kernel.h5"},
           {"voxel-kernel-scaled", folder / "dose-kernel-scaled.h5"},
           {"local-deposition", folder / "dose-local.h5"}}};
}

int run_demo(const Options& options) {
  const std::filesystem::path folder = options.folder;
  if (options.dry_run) {
    print_resolved(io::parse_case(io::phantom_case_text(patient), folder / "case.toml"));
    return 0;
  }
  SimulateOptions simulation;
  static_cast<RunFlags&>(simulation) = options;
  simulation.force = force_option(options.force);
  spdlog::info("writing the built-in patient to {}", folder.string());
  {
    const StopSignals signals;  // a file that its list lacks yet would have the next demo refuse the folder
    simulation.case_file = io::write_phantom_case(patient, folder);
  }
  stop_if_asked();
  const io::PreparedCase prepared = prepare_aloud(resolved_case(simulation));
  int status = 0;
  const ChainFiles files = demo_files(folder);
  const std::optional<ChainResult> result = run_chain(prepared, simulation, files, status);
  if (!result) return status;
  if (options.json) {
    std::cout << chain_json(*result);
    return result->exit_status();
  }
  if (options.full) std::cout << chain_tables(*result);
  std::cout << chain_summary(*result) << "\ncase: " << simulation.case_file.string()
            << "\ndose: " << files.doses.at("monte-carlo").string() << "\nreport: " << files.page.string() << '\n';
  return result->exit_status();
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
  app.add_flag("--full", options->full, "print the tables of all steps, too");
  app.add_flag("--json", options->json, "print the summary as JSON");
  app.add_flag("--dry-run", options->dry_run, "print the patient's case with every default and stop");
  return [options] { return run_demo(*options); };
}

}  // namespace ytterby::cli
