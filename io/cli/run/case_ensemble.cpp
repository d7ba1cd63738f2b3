#include "io/cli/run/case_ensemble.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/version.h"
#include "engine/simulation.h"
#include "io/cli/convolve.h"
#include "io/cli/options.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/progress.h"
#include "io/images/input_hash.h"
#include "io/results/kernel_file.h"
#include "io/system/freed_memory.h"
#include "io/system/output_file.h"
#include "io/system/sha256.h"
#include "kernels/launch/launch_cpu.h"

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

/// A hash of all that an ensemble follows from, the program and the kind of device included.
std::string made_of(const io::PreparedCase& prepared, const std::string& file, const CaseEnsembleOptions& options) {
  const auto hash_of = [&](const std::string& name) {
    const auto found = std::find_if(prepared.inputs.begin(), prepared.inputs.end(),
                                    [&](const io::InputFile& input) { return input.name == name; });
    return found == prepared.inputs.end() ? name : found->sha256;
  };
  std::string text = io::write_case(prepared.resolved, hash_of);
  for (const io::InputFile& input : prepared.inputs) text += input.sha256 + "\n";
  text += io::sha256_of_file(file) + "\n";
  if (!options.kernel.empty()) text += io::sha256_of_file(options.kernel) + "\n";
  for (const std::string_view part : {git_commit(), build_description(), std::string_view(best_cpu_launcher().level)})
    text += std::string(part) + "\n";
  for (const std::uint64_t number : {options.samples, options.seed.value_or(1), options.histories.value_or(0),
                                     std::uint64_t{options.check}, static_cast<std::uint64_t>(options.backend)})
    text += std::to_string(number) + "\n";
  return io::sha256(text);
}

/// An ensemble that is there; none where there is no file, or none of ours.
std::optional<io::EnsembleResult> ensemble_there(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return {};
  try {
    return io::read_ensemble(file);
  } catch (const Error& error) {
    if (error.fault() != Fault::input) throw;
    return {};
  }
}

}  // namespace

std::uint64_t samples_option(const char* option, const std::string& text) {
  const std::uint64_t samples = count_option(option, text, 1);
  if (samples > most_samples)
    throw Error(Fault::usage, std::string(option) + " is " + text + ", needs to be at most 1e6");
  return samples;
}

double ensemble_bytes(const io::CaseFile& c, const Grid& grid, int threads) {
  constexpr double a_voxel = 200, of_a_replicate = 2 * sizeof(float);  // as read, and about the structures
  double replicates = 0;
  if (c.uncertainty)
    for (const io::Replicates& r : c.uncertainty->replicates) replicates += static_cast<double>(r.files.size());
  const int used = threads > 0 ? threads : static_cast<int>(std::thread::hardware_concurrency());
  return (a_voxel * std::max(1, used) + of_a_replicate * replicates) * static_cast<double>(grid.voxels());
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
  io::keep_freed_memory();
  ProgressBar bar(false, "samples");
  const auto start = std::chrono::steady_clock::now();
  ensemble.on_progress = [&](std::uint64_t done) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    bar.update({std::min(done, options.samples), options.samples, spent.count()});
  };
  io::EnsembleResult result = io::run_ensemble(prepared, dose, file, kernel, ensemble);
  bar.finish();
  result.made_of = made_of(prepared, file, options);
  return result;
}

io::EnsembleResult ensemble_in(const std::filesystem::path& ensemble, const io::PreparedCase& prepared,
                               const io::DoseFile& dose, const std::string& file, const CaseEnsembleOptions& options) {
  if (auto there = ensemble_there(ensemble); there && there->made_of == made_of(prepared, file, options)) {
    spdlog::info("{}: kept, all that it is drawn from is the same", ensemble.string());
    return *std::move(there);
  }
  io::EnsembleResult drawn = ensemble_of_case(prepared, dose, file, options);
  io::write_file(ensemble, io::ensemble_json(drawn));
  return drawn;
}

}  // namespace ytterby::cli
