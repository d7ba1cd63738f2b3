#pragma once
// What `ytterby convolve` does, callable by other verbs.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/methods/kernel_dose.h"
#include "engine/methods/voxel_kernel.h"
#include "engine/run/run_options.h"
#include "io/case/case_file.h"
#include "io/cli/run/run_flags.h"
#include "io/prepare/prepare.h"
#include "io/results/dose_file.h"
#include "io/results/finished_work.h"

namespace ytterby::cli {

enum class ConvolveMethod { kernel, local };

struct ConvolveOptions : RunFlags {  // of the kernel that is made; 2e7 histories by default
  std::filesystem::path case_file;
  std::filesystem::path output;  // may be empty with dry_run
  ConvolveMethod method = ConvolveMethod::kernel;
  DensityScaling scaling = DensityScaling::none;
  std::filesystem::path kernel;  // a kernel file; empty: made by this engine, or taken from the cache
  std::string material;          // a built-in medium for the kernel; empty: the liver's mean
  double extent = 5;             // of the kernel [cm]
  bool cache = true;
  io::Force force = io::Force::no;  // write over another finished dose
  bool json = false, dry_run = false;
};

/// Histories of a kernel that is made.
inline constexpr std::uint64_t kernel_histories = 20'000'000;

/// The kernel of a prepared case's grid and medium, with its progress and what is said of it: from the cache, or made.
VoxelKernel kernel_of_case(const io::PreparedCase& prepared, const ConvolveOptions& options);

/// Reads and prepares the case, computes, writes the dose file and prints the table of structures. Returns the exit
/// status; throws ytterby::Error.
int run_convolve(const ConvolveOptions& options);

/// The dose of a prepared case, without printing; the output is checked first and written last.
io::DoseFile convolve_prepared(io::PreparedCase prepared, const ConvolveOptions& options);

}  // namespace ytterby::cli
