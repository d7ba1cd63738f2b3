// `ytterby kernel`: a voxel dose kernel for others to use.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <iostream>
#include <memory>
#include <optional>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "engine/kernel_simulation.h"
#include "engine/methods/voxel_kernel.h"
#include "io/cli/options.h"
#include "io/cli/run/progress.h"
#include "io/cli/verbs.h"
#include "io/results/kernel_file.h"
#include "io/system/output_file.h"

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
  struct Text {
    std::string output, spacing = "3x3x3", material = "water", histories = "2e7", seed = "1", device = "auto", threads;
    double extent_mm = 50;
    std::optional<double> density;
  };
  auto text = std::make_shared<Text>();
  app.add_option("-o,--output", text->output, "kernel file to write (HDF5)")->required();
  app.add_option("--spacing", text->spacing, "voxel size [mm]")->capture_default_str();
  app.add_option("--material", text->material, "built-in medium (`ytterby info` lists them)")->capture_default_str();
  app.add_option("--density", text->density, "its density [g/cm3]; default: the medium's own");
  app.add_option("--extent", text->extent_mm, "reach along each axis [mm]")->capture_default_str();
  app.add_option("--histories", text->histories, "decays to simulate")->capture_default_str();
  app.add_option("--seed", text->seed, "seed of the random numbers")->capture_default_str();
  app.add_option("--device", text->device, "cpu, cuda or auto")->capture_default_str();
  app.add_option("--threads", text->threads, "threads on the CPU; default: all processors");
  return [text] {
    KernelOptions options;
    // No medium but gas is below 1e-4 g/cm3, none above 25.
    if (text->density) number_option("--density", *text->density, 1e-4, 25);
    options.medium =
        text->density ? built_in_material(text->material, *text->density) : built_in_material(text->material);
    options.density = options.medium.density;
    options.spacing = spacing_option(text->spacing);
    options.extent = extent_option("--extent", text->extent_mm);
    options.histories = count_option("--histories", text->histories, 1);
    options.run.seed = count_option("--seed", text->seed, 0);
    const DeviceOption device = device_option(text->device);
    options.run.backend = device.backend;
    options.run.cuda_devices = device.cuda_devices;
    if (!text->threads.empty()) options.run.threads = threads_option(text->threads);
    const io::OutputFile checked(text->output);
    ProgressBar bar;
    options.run.on_progress = [&bar](const Progress& progress) { bar.update(progress); };
    const VoxelKernel kernel = make_voxel_kernel(options);
    bar.finish();
    io::write_kernel(text->output, kernel);
    print_kernel(kernel, text->output);
    return 0;
  };
}

}  // namespace ytterby::cli
