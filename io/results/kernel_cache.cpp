// The cache of voxel kernels: names, place, and what happens where a file cannot be used.

#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/version.h"
#include "engine/kernel_simulation.h"
#include "io/results/kernel_file.h"
#include "io/system/sha256.h"
#include "io/system/writer_lock.h"
#include "kernels/launch/launch_cpu.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

/// Why somebody else may have put it there; empty where nobody can have.
std::string distrust(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return path.string() + " cannot be looked at";
  if (status.st_uid != ::geteuid() && status.st_uid != 0) return path.string() + " belongs to another user";
  const bool others = (status.st_mode & S_IWOTH) != 0;
  const bool group = (status.st_mode & S_IWGRP) != 0 && status.st_gid != ::getegid();
  return others || group ? path.string() + " can be written by others (chmod go-w)" : "";
}

/// As `mkdir -p`, for the user alone where it is made.
void make_private_folder(const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(folder, ignored)) return;
  fs::create_directories(folder, ignored);
  fs::permissions(folder, fs::perms::owner_all, ignored);
}

/// The kernel of that key. Throws Fault::input where it cannot be believed.
VoxelKernel believed(const fs::path& path, const std::string& key) {
  if (const std::string why = distrust(path); !why.empty()) throw Error(Fault::input, why);
  if (key_of_kernel(path) != key) throw Error(Fault::input, path.string() + ": is the kernel of another key");
  Warnings warnings;
  VoxelKernel kernel = read_kernel(path, warnings);
  if (!warnings.empty()) throw Error(Fault::input, warnings.front().text);
  return kernel;
}

}  // namespace

std::string kernel_hash(const KernelOptions& o) {
  std::string text = std::string(kernel_format) + kernel_format_version + "\n" + std::string(program_version()) + "\n" +
                     std::string(git_commit()) + "\n" + transport_physics + "\n" + best_cpu_launcher().level + "\n";
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
  text += o.nuclide.variant + (o.internal_bremsstrahlung ? ", internal bremsstrahlung" : "") +
          (o.internal_pairs ? ", internal pairs" : "") + "\n";
  add(o.nuclide.mean_energy);
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

CachedKernel cached_kernel(const KernelOptions& options, const fs::path& folder) {
  CachedKernel result;
  const std::string key = kernel_hash(options);
  const fs::path path = folder / ("kernel-" + key.substr(0, 32) + ".h5");
  std::error_code ignored;
  const bool found = !folder.empty() && fs::exists(path, ignored);
  const std::string unsafe = folder.empty() || !fs::exists(folder, ignored) ? "" : distrust(folder);
  if (found) {
    try {
      if (!unsafe.empty()) throw Error(Fault::input, unsafe);
      result.kernel = believed(path, key);
      result.from_cache = true;
      return result;
    } catch (const Error& error) {
      result.remark = "the cached kernel cannot be used and is made anew: " + std::string(error.what());
    }
  }
  result.kernel = make_voxel_kernel(options);
  if (folder.empty()) return result;
  try {
    if (!unsafe.empty()) throw Error(Fault::input, unsafe);
    make_private_folder(folder);
    write_kernel(path, result.kernel, key);
  } catch (const WrittenByAnother&) {  // it keeps the same one
  } catch (const Error& error) {
    if (result.remark.empty()) result.remark = "the kernel cannot be kept for next time: " + std::string(error.what());
  }
  return result;
}

}  // namespace ytterby::io
