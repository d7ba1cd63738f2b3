// The cache of voxel kernels: names, place, and what happens where a file cannot be used.

#include <cmath>
#include <cstdlib>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/version.h"
#include "engine/kernel_simulation.h"
#include "io/results/kernel_file.h"
#include "io/system/sha256.h"
#include "kernels/launch/launch_cpu.h"

namespace ytterby::io {

std::string kernel_hash(const KernelOptions& o) {
  std::string text = std::string(kernel_format) + kernel_format_version + "\n" + std::string(program_version()) + "\n" +
                     std::string(git_commit()) + "\n" + best_cpu_launcher().level + "\n";
  const auto add = [&text](double value) { text += to_text(value) + "\n"; };
  for (const Component& c : o.medium.composition) {
    add(c.z);
    add(c.mass_fraction);
  }
  for (const double v : {o.medium.condensed_density, o.medium.mean_excitation_eV, o.density, o.extent,
                         o.run.transport.electron_cutoff, o.run.transport.photon_cutoff})
    add(v);
  // Headers in float place voxels no better than this [cm].
  for (const double s : o.spacing) add(std::round(s * 1e6) / 1e6);
  text += std::string(particles_name(o.particles)) + "\n";
  add(static_cast<double>(o.histories));
  add(static_cast<double>(o.run.seed));
  text += o.run.backend == Backend::cuda ? "cuda" : "cpu";
  return sha256(text);
}

std::filesystem::path cache_folder() {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return std::filesystem::path(value == nullptr ? "" : value);
  };
  if (const auto own = set("YTTERBY_CACHE"); !own.empty()) return own;
  if (const auto xdg = set("XDG_CACHE_HOME"); !xdg.empty()) return xdg / "ytterby";
  if (const auto home = set("HOME"); !home.empty()) return home / ".cache" / "ytterby";
  return {};
}

CachedKernel cached_kernel(const KernelOptions& options, const std::filesystem::path& folder) {
  CachedKernel result;
  const std::filesystem::path path = folder / ("kernel-" + kernel_hash(options).substr(0, 32) + ".h5");
  std::error_code ignored;
  if (!folder.empty() && std::filesystem::exists(path, ignored)) {
    try {
      result.kernel = read_kernel(path);
      result.from_cache = true;
      return result;
    } catch (const Error& error) {
      result.remark = "the cached kernel cannot be used and is made anew: " + std::string(error.what());
    }
  }
  result.kernel = make_voxel_kernel(options);
  if (folder.empty()) return result;
  try {
    std::filesystem::create_directories(folder, ignored);
    write_kernel(path, result.kernel);
  } catch (const Error& error) {
    result.remark = "the kernel cannot be kept for next time: " + std::string(error.what());
  }
  return result;
}

}  // namespace ytterby::io
