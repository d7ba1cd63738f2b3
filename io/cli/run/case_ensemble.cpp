#include "io/cli/run/case_ensemble.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "engine/base/error.h"
#include "engine/simulation.h"
#include "io/cli/convolve.h"
#include "io/cli/options.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/progress.h"
#include "io/results/kernel_file.h"

namespace ytterby::cli {
namespace {

constexpr std::uint64_t most_samples = 1'000'000;
constexpr std::uint64_t check_histories = 1'000'000;  // of a sample's transport: a tumour's mean to about 0.2 %

io::Transport transport_of(const io::CaseFile& c, const CaseEnsembleOptions& options) {
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
    own.internal_pairs = c.source.internal_pair_production;
    return simulate(phantom, own, run, structures);
  };
}

VoxelKernel kernel_for(const io::PreparedCase& prepared, const CaseEnsembleOptions& options) {
  if (!options.kernel.empty()) {
    io::Warnings told;
    VoxelKernel kernel = io::read_kernel(options.kernel, told);
    tell_warnings(told);
    return kernel;
  }
  ConvolveOptions made;
  static_cast<RunFlags&>(made) = options;
  made.seed.reset();  // kernels are shared
  return kernel_of_case(prepared, made);
}

}  // namespace

std::uint64_t samples_option(const char* option, const std::string& text) {
  const std::uint64_t samples = count_option(option, text, 1);
  if (samples > most_samples)
    throw Error(Fault::usage, std::string(option) + " is " + text + ", needs to be at most 1e6");
  return samples;
}

double ensemble_bytes(const Grid& grid, int threads) {
  constexpr double a_voxel = 200;
  const int used = threads > 0 ? threads : static_cast<int>(std::thread::hardware_concurrency());
  return a_voxel * static_cast<double>(grid.voxels()) * std::max(1, used);
}

CaseEnsembleOptions ensemble_options(const RunFlags& simulation, const io::PreparedCase& prepared,
                                     std::uint64_t samples) {
  CaseEnsembleOptions options;
  static_cast<RunFlags&>(options) = simulation;
  options.histories = std::min<std::uint64_t>(kernel_histories, prepared.resolved.transport.histories);
  options.seed.reset();
  options.samples = samples;
  return options;
}

io::EnsembleResult ensemble_of_case(const io::PreparedCase& prepared, const io::DoseFile& dose, const std::string& file,
                                    const CaseEnsembleOptions& options) {
  io::check_same_case(prepared, dose, file);  // before a kernel is made for it
  io::EnsembleOptions ensemble;
  ensemble.samples = options.samples;
  ensemble.seed = options.seed.value_or(1);
  ensemble.threads = options.threads;
  if (options.check) ensemble.transport = transport_of(prepared.resolved, options);
  const VoxelKernel kernel = kernel_for(prepared, options);
  ProgressBar bar(false, "samples");
  const auto start = std::chrono::steady_clock::now();
  ensemble.on_progress = [&](std::uint64_t done) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    bar.update({std::min(done, options.samples), options.samples, spent.count()});
  };
  io::EnsembleResult result = io::run_ensemble(prepared, dose, file, kernel, ensemble);
  bar.finish();
  return result;
}

}  // namespace ytterby::cli
