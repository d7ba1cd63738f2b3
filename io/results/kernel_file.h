#pragma once
// Voxel kernels on disk (HDF5; io/FORMATS.md), and the cache of those that were made.

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/methods/voxel_kernel.h"
#include "io/text/warning.h"

namespace ytterby::io {

inline constexpr const char* kernel_format = "ytterby-kernel";
inline constexpr const char* kernel_format_version = "1.1";

/// As files and hashes have it.
std::string_view particles_name(KernelParticles particles);

/// Writes beside and renames when whole; `key` is what a cache finds it by. Throws Fault::input where it cannot be
/// written.
void write_kernel(const std::filesystem::path& path, const VoxelKernel& kernel, const std::string& key = "");

/// The key that the file was written with; empty without.
std::string key_of_kernel(const std::filesystem::path& path);

/// Throws Fault::input for other formats, newer major versions, missing or damaged parts, and for what is not as it was
/// written. Adds to `warnings` where that is not known.
VoxelKernel read_kernel(const std::filesystem::path& path, Warnings& warnings);

/// SHA-256 over all that decides a kernel's numbers: medium, density, spacing, extent, histories, seed, cutoffs, and
/// the program's version, commit and instruction level.
std::string kernel_hash(const KernelOptions& options);

/// Where kernels are kept: $YTTERBY_CACHE, else $XDG_CACHE_HOME/ytterby, else ~/.cache/ytterby; empty where none is
/// set.
std::filesystem::path cache_folder();

/// A kernel from `folder`, or made and put there; an empty folder means no cache. A file there is believed if it is
/// whole, of this very key, the user's or root's, and if neither it nor the folder can be written by others; else it is
/// made anew. One that cannot be written is left out. `remark` then says so, else it stays empty.
struct CachedKernel {
  VoxelKernel kernel;
  bool from_cache = false;
  std::string remark;
};
CachedKernel cached_kernel(const KernelOptions& options, const std::filesystem::path& folder);

}  // namespace ytterby::io
