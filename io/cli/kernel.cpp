// `ytterby kernel`: a voxel dose kernel for others to use.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "engine/kernel_simulation.h"
#include "engine/methods/voxel_kernel.h"
#include "io/cli/options.h"
#include "io/cli/run/files.h"
#include "io/cli/run/progress.h"
#include "io/cli/run/run_flags.h"
#include "io/cli/verbs.h"
#include "io/results/kernel_file.h"

namespace ytterby::cli {
namespace {

std::array<double, 3> spacing_option(const std::string& text) {
  std::array<double, 3> spacing{};
  std::size_t at = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    const std::size_t end = a < 2 ? text.find('x', at) : text.size();
    const auto value = end == std::string::npos ? std::nullopt : io::parse_number(text.substr(at, end - at));
    if (!value || !(*value > 0)) {
      throw Error(Fault::usage, "--spacing is " + text + ", needs three numbers of mm above 0, e.g. 3x3x3");
    }
    spacing[a] = *value * cm_per_mm;
    at = end + 1;
  }
  return spacing;
}

/// A kernel may take the place of one for the same medium, voxels, seed and cutoffs with no more histories.
void check_kernel_file(const std::string& path, const KernelOptions& options, io::Force force) {
  io::Warnings ignored;  // of a file that goes
  try {
    const VoxelKernel old = io::read_kernel(path, ignored);
    const auto batches = static_cast<std::uint64_t>(options.run.batches);
    const std::uint64_t histories =
        histories_per_batch(options.histories, options.run.batches) * batches;  // rounded up
    const bool same = old.medium.name == options.medium.name && old.density == options.density &&
                      old.seed == options.run.seed && old.electron_cutoff == options.run.transport.electron_cutoff &&
                      old.photon_cutoff == options.run.transport.photon_cutoff && old.histories <= histories;
    const auto near = [](double a, double b) { return std::abs(a - b) < 1e-9; };
    if (same && std::equal(old.spacing.begin(), old.spacing.end(), options.spacing.begin(), near)) return;
  } catch (const Error&) {
    // No kernel, or a damaged one.
  }
  check_files({{path, "-o"}}, {}, force);
}

nlohmann::ordered_json as_json(const KernelOptions& o) {
  return {{"material", o.medium.name},
          {"density_g_cm3", o.density},
          {"spacing_mm", {o.spacing[0] / cm_per_mm, o.spacing[1] / cm_per_mm, o.spacing[2] / cm_per_mm}},
          {"extent_mm", o.extent / cm_per_mm},
          {"histories", o.histories},
          {"seed", o.run.seed}};
}

nlohmann::ordered_json as_json(const KernelOptions& options, const VoxelKernel& k, const std::string& path) {
  nlohmann::ordered_json json = as_json(options);
  json["histories"] = k.histories;
  json["shape_xyz"] = {k.size(0), k.size(1), k.size(2)};
  json["energy_fraction"] = k.energy_fraction;
  json["relative_error"] = k.relative_error;
  json["file"] = path;
  return json;
}

void print_kernel(const VoxelKernel& k, const std::string& path) {
  const auto at = [&](int x, int y, int z) {
    const auto i = static_cast<std::size_t>(((z + k.half[2]) * k.size(1) + y + k.half[1]) * k.size(0) + x + k.half[0]);
    return k.dose[i];
  };
  std::cout << fmt::format("kernel: {} x {} x {} voxels of {:g} x {:g} x {:g} mm in {} of {:g} g/cm3, {} histories\n",
                           k.size(0), k.size(1), k.size(2), k.spacing[0] * 10, k.spacing[1] * 10, k.spacing[2] * 10,
                           k.medium.name, k.density, k.histories);
  std::cout << "voxel (x, y, z)  dose [mGy/(MBq s)]\n";
  for (const auto& [x, y, z] : {std::array{0, 0, 0}, std::array{1, 0, 0}, std::array{0, 1, 0}, std::array{0, 0, 1},
                                std::array{1, 1, 0}, std::array{1, 1, 1}, std::array{2, 0, 0}}) {
    if (x > k.half[0] || y > k.half[1] || z > k.half[2]) continue;
    std::cout << fmt::format("({}, {}, {})         {:.5g}\n", x, y, z, at(x, y, z) * 1e9);
  }
  std::cout << fmt::format("energy inside: {:.4f} of the emitted, +- {:.4f} %\nfile: {}\n", k.energy_fraction,
                           100 * k.relative_error, path);
}

}  // namespace

Action add_kernel(CLI::App& app) {
  struct Text : RunFlags {
    std::string output, spacing = "3x3x3", material = "water";
    double extent_mm = 50;
    std::optional<double> density;
    bool force = false, json = false, dry_run = false;
  };
  auto text = std::make_shared<Text>();
  app.add_option("-o,--output", text->output, "kernel file to write (HDF5)")->required();
  app.add_option("--spacing", text->spacing, "voxel size [mm]")->capture_default_str();
  app.add_option("--material", text->material, "built-in medium (`ytterby info` lists them)")->capture_default_str();
  app.add_option("--density", text->density, "its density [g/cm3]; default: the medium's own");
  app.add_option("--extent", text->extent_mm, "reach along each axis [mm]")->capture_default_str();
  add_run_flags(app, *text,
                {.histories = "decays to simulate; default: 2e7",
                 .seed = "seed of the random numbers; default: 1",
                 .device = "cpu, cuda, cuda:0,1 or auto (the default)"});
  add_force_flag(app, text->force);
  app.add_flag("--json", text->json, "print JSON");
  app.add_flag("--dry-run", text->dry_run, "print what would be made as JSON and stop");
  return [text] {
    KernelOptions options;
    // No medium but gas is below 1e-4 g/cm3, none above 25.
    if (text->density) number_option("--density", *text->density, 1e-4, 25);
    options.medium =
        text->density ? built_in_material(text->material, *text->density) : built_in_material(text->material);
    options.density = options.medium.density;
    options.spacing = spacing_option(text->spacing);
    options.extent = extent_option("--extent", text->extent_mm);
    options.histories = text->histories.value_or(options.histories);
    options.run.seed = text->seed.value_or(options.run.seed);
    options.run.backend = text->backend;
    options.run.cuda_devices = text->cuda_devices;
    options.run.threads = text->threads;
    if (text->dry_run) {
      std::cout << as_json(options).dump(2) << '\n';
      return 0;
    }
    const auto held = hold_output(text->output);
    check_kernel_file(text->output, options, force_option(text->force));
    ProgressBar bar;
    options.run.on_progress = [&bar](const Progress& progress) { bar.update(progress); };
    const VoxelKernel kernel = make_voxel_kernel(options);
    bar.finish();
    io::write_kernel(text->output, kernel);
    if (text->json) {
      std::cout << as_json(options, kernel, text->output).dump(2) << '\n';
    } else {
      print_kernel(kernel, text->output);
    }
    return 0;
  };
}

}  // namespace ytterby::cli
