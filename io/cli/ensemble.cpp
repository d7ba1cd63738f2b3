// `ytterby ensemble CASE DOSE.h5 -o ENSEMBLE.json`: what a dose is known to.

#include "io/evaluation/ensemble.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "io/case/case_inputs.h"
#include "io/cli/run/case_ensemble.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/files.h"
#include "io/cli/run/run_flags.h"
#include "io/cli/verbs.h"
#include "io/evaluation/protocol_of.h"
#include "io/system/output_file.h"

namespace ytterby::cli {
namespace {

struct Options : RunFlags {
  std::string case_file, dose, output, kernel, samples = "400";
  bool no_check = false, json = false, dry_run = false, force = false;
};

/// The case with what is drawn: itself a valid case.
io::CaseFile with_uncertainty(io::CaseFile c) {
  c.uncertainty = io::uncertainty_of(c);
  return c;
}

io::EnsembleResult computed(const io::CaseFile& c, const Options& options, std::uint64_t samples) {
  const io::PreparedCase prepared = prepare_aloud(
      c, [&](const Grid& grid) { return ensemble_bytes(c, grid, options.threads); }, io::Keep::images);
  CaseEnsembleOptions ensemble;
  static_cast<RunFlags&>(ensemble) = options;
  ensemble.kernel = options.kernel;
  ensemble.samples = samples;
  ensemble.check = !options.no_check;
  return ensemble_of_case(prepared, io::read_dose(options.dose), options.dose, ensemble);
}

int run_ensemble(const Options& options) {
  const std::uint64_t samples = samples_option("--samples", options.samples);
  const io::CaseFile c = io::read_case(options.case_file);
  const auto held = options.output.empty() ? nullptr : hold_output(options.output);
  std::vector<io::ReadFile> inputs = with_doses(io::files_read_by(c), {options.dose});
  if (!options.kernel.empty()) inputs.push_back({options.kernel, "the kernel"});
  check_files({{options.output, "-o"}}, inputs, force_option(options.force));
  if (options.dry_run) {
    print_resolved(with_uncertainty(c));
    return 0;
  }
  io::protocol_of(c);  // refuses a wrong rule before images are read
  const io::EnsembleResult result = computed(c, options, samples);
  const std::string json = io::ensemble_json(result);
  if (!options.output.empty()) io::write_file(options.output, json);
  std::cout << (options.json ? json : io::ensemble_table(result));
  return 0;
}

}  // namespace

Action add_ensemble(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("case", options->case_file, "case file (TOML)")->required();
  app.add_option("dose", options->dose, "dose file of the case, of any method")->required();
  app.add_option("-o,--output", options->output, "ensemble to write (JSON)");
  app.add_option("--kernel", options->kernel, "kernel file to use; default: made for the grid, or from the cache");
  app.add_option("--samples", options->samples, "samples to draw")->capture_default_str();
  add_run_flags(app, *options,
                {.histories = "decays to simulate for a kernel that is made; default: 2e7",
                 .seed = "seed of the draws; default: 1",
                 .device = "cpu, cuda, cuda:0,1 or auto (the default), of the kernel and the check"});
  app.add_flag("--no-check", options->no_check, "do not follow every hundredth sample by transport");
  add_force_flag(app, options->force);
  app.add_flag("--json", options->json, "print the ensemble as JSON");
  app.add_flag("--dry-run", options->dry_run, "print the resolved case with every uncertainty and stop");
  return [options] { return run_ensemble(*options); };
}

}  // namespace ytterby::cli
