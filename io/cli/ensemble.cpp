// `ytterby ensemble CASE DOSE.h5 -o ENSEMBLE.json`: what a dose is known to.

#include "io/evaluation/ensemble.h"

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/simulation.h"
#include "io/case/case_inputs.h"
#include "io/cli/convolve.h"
#include "io/cli/options.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/files.h"
#include "io/cli/run/progress.h"
#include "io/cli/run/run_flags.h"
#include "io/cli/verbs.h"
#include "io/evaluation/protocol_of.h"
#include "io/results/kernel_file.h"
#include "io/system/output_file.h"

namespace ytterby::cli {
namespace {

constexpr std::uint64_t most_samples = 1'000'000;
constexpr std::uint64_t check_histories = 1'000'000;  // of a sample's transport: a tumour's mean to about 0.2 %

struct Options : RunFlags {
  std::string case_file, dose, output, kernel, samples = "400";
  bool no_check = false, json = false, dry_run = false, force = false;
};

/// The case with what is drawn: itself a valid case.
io::CaseFile with_uncertainty(io::CaseFile c) {
  c.uncertainty = io::uncertainty_of(c);
  return c;
}

/// Beside the prepared case: fields of a sample on each thread, and its transform.
double sample_bytes(const Grid& grid, const Options& options) {
  constexpr double a_voxel = 200;
  const int threads = options.threads > 0 ? options.threads : static_cast<int>(std::thread::hardware_concurrency());
  return a_voxel * static_cast<double>(grid.voxels()) * std::max(1, threads);
}

io::Transport transport_of(const io::CaseFile& c, const Options& options) {
  return [&c, &options](const Phantom& phantom, const Source& source, std::span<const Structure> structures,
                        std::uint64_t sample) {
    RunOptions run;
    run.histories = check_histories;
    run.seed = options.seed.value_or(1) + sample;
    run.threads = options.threads;
    run.backend = options.backend;
    run.cuda_devices = options.cuda_devices;
    run.transport.electron_cutoff = c.transport.electron_cutoff_keV / 1000;
    run.transport.photon_cutoff = c.transport.photon_cutoff_keV / 1000;
    Source own = source;  // decays as the case has them
    own.nuclide = io::nuclide_of(c);
    own.internal_bremsstrahlung = c.source.internal_bremsstrahlung;
    return simulate(phantom, own, run, structures);
  };
}

io::EnsembleResult computed(const io::CaseFile& c, const Options& options, std::uint64_t samples) {
  const io::PreparedCase prepared = prepare_aloud(
      c, [&](const Grid& grid) { return sample_bytes(grid, options); }, io::Keep::images);
  const io::DoseFile dose = io::read_dose(options.dose);
  io::check_same_case(prepared, dose, options.dose);  // before a kernel is made for it
  ConvolveOptions kernel;
  kernel.threads = options.threads;
  kernel.histories = options.histories;
  kernel.backend = options.backend;
  kernel.cuda_devices = options.cuda_devices;
  io::EnsembleOptions ensemble;
  ensemble.samples = samples;
  ensemble.seed = options.seed.value_or(1);
  ensemble.threads = options.threads;
  if (!options.no_check) ensemble.transport = transport_of(c, options);
  io::Warnings told;
  const VoxelKernel made =
      options.kernel.empty() ? kernel_of_case(prepared, kernel) : io::read_kernel(options.kernel, told);
  tell_warnings(told);
  ProgressBar bar(false, "samples");
  const auto start = std::chrono::steady_clock::now();
  ensemble.on_progress = [&](std::uint64_t done) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    bar.update({std::min(done, samples), samples, spent.count()});
  };
  io::EnsembleResult result = io::run_ensemble(prepared, dose, options.dose, made, ensemble);
  bar.finish();
  return result;
}

int run_ensemble(const Options& options) {
  const std::uint64_t samples = count_option("--samples", options.samples, 1);
  if (samples > most_samples) {
    throw Error(Fault::usage, "--samples is " + options.samples + ", needs to be at most 1e6");
  }
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
