#include "io/cli/convolve.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "engine/base/error.h"
#include "engine/methods/local_deposition.h"
#include "engine/patient/structures.h"
#include "io/case/case_inputs.h"
#include "io/cli/dose_table.h"
#include "io/cli/options.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/files.h"
#include "io/cli/run/memory_check.h"
#include "io/cli/run/progress.h"
#include "io/cli/verbs.h"
#include "io/prepare/dose_of_case.h"
#include "io/results/kernel_file.h"

namespace ytterby::cli {
namespace {

/// The kernel's medium: what the user names, else the mean of liver and tumours.
MeanMedium medium_of(const io::PreparedCase& prepared, const ConvolveOptions& options) {
  if (!options.material.empty()) {
    const Material material = built_in_material(options.material);
    return {material, material.density};
  }
  std::vector<float> liver = union_of_role(prepared.structures, Role::liver);
  if (liver.empty()) liver = union_of_role(prepared.structures, Role::tumour);
  if (liver.empty()) {
    throw Error(Fault::input, prepared.resolved.file.string() +
                                  ": has no structure of role liver or tumour to take the kernel's medium from: "
                                  "--material names one, e.g. liver_icru44");
  }
  return mean_medium(prepared.phantom, liver);
}

/// Half the sum of the differences of two media's mass fractions: 0 where they are the same, 1 where they share
/// nothing.
double difference(const Material& a, const Material& b) {
  std::map<int, double> parts;
  for (const Component& c : a.composition) parts[c.z] += c.mass_fraction;
  for (const Component& c : b.composition) parts[c.z] -= c.mass_fraction;
  double sum = 0;
  for (const auto& [z, part] : parts) sum += std::abs(part);
  return sum / 2;
}

/// A dose by a kernel is one in the kernel's medium.
void warn_of_medium(const VoxelKernel& kernel, const ConvolveOptions& options, io::PreparedCase& prepared) {
  constexpr double most_density = 0.02, most_difference = 0.1;
  std::optional<MeanMedium> mean;
  try {
    mean = medium_of(prepared, options);
  } catch (const Error&) {
    return;  // the case has no medium of its own
  }
  const double density = kernel.density / mean->density - 1, composition = difference(kernel.medium, mean->material);
  if (std::abs(density) <= most_density && composition <= most_difference) return;
  prepared.warnings.push_back(
      {"kernel-of-another-medium",
       io::WarningClass::wrong_dose,
       fmt::format("{}: is a kernel for {} of {:.4g} g/cm3, the case's medium is {} of {:.4g} g/cm3, {:.0f} % of it by "
                   "mass other elements: without --kernel one is made for the case",
                   options.kernel.string(), kernel.medium.name, kernel.density, mean->material.name, mean->density,
                   100 * composition),
       {{"kernel_g_cm3", kernel.density}, {"case_g_cm3", mean->density}, {"difference", composition}}});
}

/// A kernel's doses follow the spectrum that it was made with.
void warn_of_spectrum(const VoxelKernel& kernel, const ConvolveOptions& options, io::PreparedCase& prepared) {
  const double own = prepared.source.nuclide.mean_energy;
  if (std::abs(kernel.mean_energy / own - 1) <= 1e-4) return;
  prepared.warnings.push_back(
      {"kernel-of-another-spectrum",
       io::WarningClass::wrong_dose,
       fmt::format("{}: is a kernel for betas of {:.5g} MeV in the mean, the case's [source] has "
                   "{:.5g} MeV: without --kernel one is made for the case",
                   options.kernel.string(), kernel.mean_energy, own),
       {{"kernel_MeV", kernel.mean_energy}, {"case_MeV", own}}});
}

io::KernelRecord record_of(const VoxelKernel& kernel) {
  double extent = 1e9;
  for (std::size_t a = 0; a < 3; ++a) extent = std::min(extent, kernel.half[a] * kernel.spacing[a]);
  return {kernel.medium.name, kernel.density, extent, kernel.energy_fraction, kernel.relative_error, kernel.histories};
}

/// Earlier sessions' doses and errors, and the joined structures of a session, come to what one takes.
double session_bytes(const io::PreparedCase& prepared) {
  if (prepared.sessions.empty()) return 0;
  const auto structures = static_cast<double>(prepared.structures.size());
  return (8 * static_cast<double>(prepared.sessions.size() - 1) + 4 * structures) *
         static_cast<double>(prepared.phantom.grid.voxels());
}

double kernel_dose_bytes(const io::PreparedCase& prepared, const KernelHalf& half) {
  return most_bytes(kernel_dose_memory(prepared.phantom.grid, half)) + session_bytes(prepared);
}

/// The dose, which local deposition makes in place.
double local_bytes(const Grid& grid) { return sizeof(float) * static_cast<double>(grid.voxels()); }

io::DoseFile local_dose(io::PreparedCase prepared) {
  check_memory(prepared, local_bytes(prepared.phantom.grid) + session_bytes(prepared));
  return io::dose_by([](const Phantom& phantom, const Source& source, std::span<const Structure> structures,
                        int) { return local_deposition(phantom, source.voxels->activity, source.nuclide, structures); },
                     std::move(prepared));
}

io::DoseFile kernel_dose_of(io::PreparedCase prepared, const VoxelKernel& kernel, const ConvolveOptions& options) {
  check_memory(prepared, kernel_dose_bytes(prepared, kernel.half));
  RunOptions run;
  run.threads = options.threads;
  run.backend = options.backend;
  run.cuda_devices = options.cuda_devices;
  std::vector<float> validity;
  io::DoseFile file = io::dose_by(
      [&](const Phantom& phantom, const Source& source, std::span<const Structure> structures, int) {
        KernelDose dose = kernel_dose(phantom, source.voxels->activity, kernel, options.scaling, structures, run);
        validity = std::move(dose.validity);
        return std::move(dose.map);
      },
      std::move(prepared));
  file.validity = std::move(validity);
  file.kernel = record_of(kernel);
  return file;
}

/// Refuses an output that is an input, or finished work that this dose does not replace.
void check_dose_file(const io::CaseFile& c, const ConvolveOptions& options, const std::string& content_hash,
                     std::uint64_t histories) {
  std::vector<io::ReadFile> inputs = io::files_read_by(c);
  if (!options.kernel.empty()) inputs.push_back({options.kernel, "the kernel"});
  io::DoseClaim claim{content_hash, "local-deposition", "", {}, 0, 0, 0, {}};
  if (options.method == ConvolveMethod::kernel) {
    claim.method = options.scaling == DensityScaling::local ? "voxel-kernel-scaled" : "voxel-kernel";
    claim.electron_cutoff = c.transport.electron_cutoff_keV / 1000;
    claim.photon_cutoff = c.transport.photon_cutoff_keV / 1000;
    claim.histories = histories;
  }
  check_files({{options.output, "-o"}}, inputs, options.force, claim);
}

struct GivenKernel {
  VoxelKernel kernel;
  io::Warnings warnings;  // of its file
};

std::optional<GivenKernel> given_kernel(const ConvolveOptions& options) {
  if (options.method == ConvolveMethod::local || options.kernel.empty()) return {};
  GivenKernel given;
  given.kernel = io::read_kernel(options.kernel, given.warnings);
  return given;
}

std::uint64_t histories_of(const std::optional<GivenKernel>& given, const ConvolveOptions& options) {
  if (given) return given->kernel.histories;
  const int batches = RunOptions{}.batches;  // a kernel's histories are rounded up to as many of one size
  return histories_per_batch(options.histories.value_or(kernel_histories), batches) *
         static_cast<std::uint64_t>(batches);
}

io::DoseFile convolve_with(io::PreparedCase prepared, std::optional<GivenKernel> given,
                           const ConvolveOptions& options) {
  const auto held = hold_output(options.output);
  check_dose_file(prepared.resolved, options, prepared.content_hash, histories_of(given, options));
  const std::size_t told = prepared.warnings.size();
  if (given) {
    io::merge_warnings(given->warnings, prepared.warnings);
    warn_of_medium(given->kernel, options, prepared);
    warn_of_spectrum(given->kernel, options, prepared);
  }
  const auto by_kernel = [&] {
    const VoxelKernel kernel = given ? std::move(given->kernel) : kernel_of_case(prepared, options);
    return kernel_dose_of(std::move(prepared), kernel, options);
  };
  io::DoseFile file = options.method == ConvolveMethod::local ? local_dose(std::move(prepared)) : by_kernel();
  tell_warnings(file.warnings, told);
  io::write_dose(options.output, file);
  return file;
}

io::DoseFile convolve_case(const io::CaseFile& c, const ConvolveOptions& options) {
  std::optional<GivenKernel> given = given_kernel(options);
  const auto held = hold_output(options.output);
  check_dose_file(c, options, "", histories_of(given, options));
  const auto least = [&](const Grid& grid) {
    return options.method == ConvolveMethod::local ? local_bytes(grid) : most_bytes(kernel_dose_memory(grid, {}));
  };
  return convolve_with(prepare_aloud(c, least), std::move(given), options);
}

}  // namespace

VoxelKernel kernel_of_case(const io::PreparedCase& prepared, const ConvolveOptions& options) {
  MeanMedium mean = medium_of(prepared, options);
  KernelOptions made;
  made.medium = std::move(mean.material);
  made.density = mean.density;
  made.spacing = prepared.phantom.grid.spacing;
  made.extent = options.extent;
  made.nuclide = prepared.source.nuclide;
  made.internal_bremsstrahlung = prepared.source.internal_bremsstrahlung;
  made.internal_pairs = prepared.source.internal_pairs;
  made.histories = options.histories.value_or(kernel_histories);
  made.run.seed = options.seed.value_or(made.run.seed);
  made.run.threads = options.threads;
  made.run.backend = options.backend;
  made.run.cuda_devices = options.cuda_devices;
  made.run.transport.electron_cutoff = prepared.resolved.transport.electron_cutoff_keV / 1000;
  made.run.transport.photon_cutoff = prepared.resolved.transport.photon_cutoff_keV / 1000;
  ProgressBar bar;
  made.run.on_progress = [&bar](const Progress& progress) { bar.update(progress); };
  io::CachedKernel cached = io::cached_kernel(made, options.cache ? io::cache_folder() : "");
  bar.finish();
  if (!cached.remark.empty()) spdlog::warn("{}", cached.remark);
  spdlog::info("voxel kernel for {} of {} g/cm3: {}", made.medium.name, made.density,
               cached.from_cache ? "from the cache" : fmt::format("{} histories", cached.kernel.histories));
  return std::move(cached.kernel);
}

io::DoseFile convolve_prepared(io::PreparedCase prepared, const ConvolveOptions& options) {
  return convolve_with(std::move(prepared), given_kernel(options), options);
}

int run_convolve(const ConvolveOptions& options) {
  const io::CaseFile c = io::read_case(options.case_file);
  if (options.dry_run) {
    print_resolved(c);
    return 0;
  }
  if (options.output.empty()) throw Error(Fault::usage, "convolve needs -o DOSE.h5");
  print_dose(convolve_case(c, options), options.json);
  return 0;
}

Action add_convolve(CLI::App& app) {
  struct Text : RunFlags {
    std::string case_file, output, method = "kernel", scaling = "none", kernel, material;
    double extent_mm = 50;
    bool json = false, dry_run = false, no_cache = false, force = false;
  };
  auto text = std::make_shared<Text>();
  app.add_option("case", text->case_file, "case file (TOML)")->required();
  app.add_option("-o,--output", text->output, "dose file to write (HDF5)");
  app.add_option("--method", text->method, "kernel: voxel kernel by FFT; local: local deposition")
      ->capture_default_str();
  app.add_option("--density-scaling", text->scaling, "none, or local: times the kernel's density over the voxel's")
      ->capture_default_str();
  app.add_option("--kernel", text->kernel, "kernel file to use; default: made for the grid, or from the cache");
  app.add_option("--material", text->material, "built-in medium of the kernel; default: the liver's mean medium");
  app.add_option("--extent", text->extent_mm, "reach of the kernel [mm]")->capture_default_str();
  add_run_flags(app, *text,
                {.histories = "decays to simulate for a kernel; default: 2e7",
                 .seed = "seed of a kernel's random numbers; default: 1",
                 .device = "cpu, cuda, cuda:0,1 or auto (the default)"});
  app.add_flag("--no-cache", text->no_cache, "neither take the kernel from the cache nor keep it");
  add_force_flag(app, text->force);
  app.add_flag("--json", text->json, "print the table as JSON");
  app.add_flag("--dry-run", text->dry_run, "print the resolved case with every default and stop");
  return [text] {
    ConvolveOptions options;
    static_cast<RunFlags&>(options) = *text;
    options.case_file = text->case_file;
    options.output = text->output;
    if (text->method != "kernel" && text->method != "local") {
      throw Error(Fault::usage, "--method is " + text->method + ", needs to be kernel or local");
    }
    options.method = text->method == "local" ? ConvolveMethod::local : ConvolveMethod::kernel;
    if (text->scaling != "none" && text->scaling != "local") {
      throw Error(Fault::usage, "--density-scaling is " + text->scaling + ", needs to be none or local");
    }
    options.scaling = text->scaling == "local" ? DensityScaling::local : DensityScaling::none;
    options.kernel = text->kernel;
    options.material = text->material;
    options.extent = extent_option("--extent", text->extent_mm);
    options.cache = !text->no_cache;
    options.force = force_option(text->force);
    options.json = text->json;
    options.dry_run = text->dry_run;
    return run_convolve(options);
  };
}

}  // namespace ytterby::cli
