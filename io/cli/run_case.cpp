// `ytterby run CASE -o DIR`: the whole chain on a case, resumable, with one page at its end.

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "engine/base/error.h"
#include "io/cli/chain/chain.h"
#include "io/cli/options.h"
#include "io/cli/run/case_ensemble.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/files.h"
#include "io/cli/run/kept.h"
#include "io/cli/run/run_flags.h"
#include "io/cli/verbs.h"

namespace ytterby::cli {
namespace {

struct Options {
  SimulateOptions simulation;
  std::filesystem::path folder;
  std::uint64_t samples = 0;  // of an ensemble; 0: none
  bool full = false;
};

int run_case(const Options& options) {
  const io::CaseFile resolved = resolved_case(options.simulation);
  if (options.simulation.dry_run) {
    print_resolved(resolved);
    return 0;
  }
  if (options.folder.empty()) throw Error(Fault::usage, "run needs -o DIR");
  std::error_code failed;
  std::filesystem::create_directories(options.folder, failed);
  if (failed) throw Error(Fault::input, options.folder.string() + ": cannot be made a folder: " + failed.message());
  const bool drawn = options.samples > 0;
  const io::PreparedCase prepared = prepare_aloud(
      resolved,
      [&](const Grid& grid) { return drawn ? ensemble_bytes(resolved, grid, options.simulation.threads) : 0.0; },
      drawn ? io::Keep::images : io::Keep::result);
  int status = 0;
  const ChainFiles files = chain_files(options.folder, "index.html");
  const std::optional<ChainResult> result = run_chain(prepared, options.simulation, files, status, options.samples);
  if (!result) return status;
  if (options.simulation.json) {
    std::cout << chain_json(*result);
    return result->exit_status();
  }
  if (options.full) std::cout << chain_tables(*result);
  std::cout << chain_summary(*result) << "\npage: " << files.page.string() << '\n';
  return result->exit_status();
}

}  // namespace

Action add_run(CLI::App& app) {
  struct Text {
    Options options;
    std::string case_file, folder, ensemble;
    bool force = false;
  };
  auto text = std::make_shared<Text>();
  SimulateOptions& s = text->options.simulation;
  app.add_option("case", text->case_file, "case file (TOML)")->required();
  app.add_option("-o,--output", text->folder,
                 "folder for doses, plan, verdict and page; what is complete in it is kept");
  add_run_flags(app, s,
                {.histories = "decays to simulate, e.g. 2e7; default: the case's",
                 .seed = "seed of the random numbers; default: the case's",
                 .device = "cpu, cuda, cuda:0,1 or auto (the default)"});
  add_goal_flags(app, s);
  add_keep_older_flag(app, s.keep_older);
  add_force_flag(app, text->force);
  app.add_option("--ensemble", text->ensemble,
                 "samples of what the dose is known to, e.g. 400: intervals, probabilities and bands on the page");
  app.add_flag("--full", text->options.full, "print the tables of all steps, too");
  app.add_flag("--json", s.json, "print the summary as JSON");
  app.add_flag("--dry-run", s.dry_run, "print the resolved case with every default and stop");
  return [text] {
    SimulateOptions& simulation = text->options.simulation;
    simulation.case_file = text->case_file;
    text->options.folder = text->folder;
    if (!text->ensemble.empty()) text->options.samples = samples_option("--ensemble", text->ensemble);
    simulation.force = force_option(text->force);
    return run_case(text->options);
  };
}

}  // namespace ytterby::cli
