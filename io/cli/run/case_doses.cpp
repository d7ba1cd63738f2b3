#include "io/cli/run/case_doses.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "engine/base/error.h"
#include "io/cli/convolve.h"
#include "io/cli/run/kept.h"
#include "io/system/output_file.h"

namespace ytterby::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* monte_carlo = "monte-carlo";
constexpr const char* local_deposition_name = "local-deposition";

ConvolveOptions convolution_of(const std::string& method, const SimulateOptions& simulation,
                               const io::PreparedCase& prepared) {
  ConvolveOptions o;
  static_cast<RunFlags&>(o) = simulation;
  o.seed.reset();  // kernels are shared
  o.method = method == local_deposition_name ? ConvolveMethod::local : ConvolveMethod::kernel;
  o.scaling = method == "voxel-kernel-scaled" ? DensityScaling::local : DensityScaling::none;
  o.histories = std::min<std::uint64_t>(kernel_histories, prepared.resolved.transport.histories);
  o.force = simulation.force;
  return o;
}

/// Why a dose file is not what would be computed now; empty where it is.
std::string misfit(const io::DoseFile& f, const std::string& method, const io::PreparedCase& prepared,
                   const SimulateOptions& simulation) {
  if (f.map.method != method) return "is of method " + f.map.method;
  if (f.content_hash != prepared.content_hash) return "is the dose of another case";
  if (method == monte_carlo) {
    return same_run(f, prepared.resolved, simulation) ? "" : "has another seed, cutoff, or too few histories";
  }
  if (!f.kernel) return method == local_deposition_name ? "" : "has no kernel";
  const io::TransportSection& t = prepared.resolved.transport;
  const bool cutoffs =
      f.electron_cutoff == t.electron_cutoff_keV / 1000 && f.photon_cutoff == t.photon_cutoff_keV / 1000;
  const bool enough = f.kernel->histories >= *convolution_of(method, simulation, prepared).histories;
  return cutoffs && enough ? "" : "has another cutoff, or a kernel of too few histories";
}

/// The dose of an earlier run, where there is one that fits.
std::optional<io::DoseFile> earlier_dose(const fs::path& file, const std::string& method,
                                         const io::PreparedCase& prepared, const SimulateOptions& simulation) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return {};
  try {
    io::DoseFile found = io::read_dose(file);
    const std::string why = misfit(found, method, prepared, simulation);
    if (!why.empty()) {
      spdlog::info("{} {}: it is made anew", file.string(), why);
    } else if (may_stay(found, file.string(), simulation, simulation.keep_older)) {
      return found;
    }
  } catch (const Error& error) {
    spdlog::info("{}: it is made anew", error.what());
  }
  return {};
}

}  // namespace

io::DoseFile dose_in(const fs::path& file, const std::string& method, const io::PreparedCase& prepared,
                     SimulateOptions simulation) {
  if (auto earlier = earlier_dose(file, method, prepared, simulation)) {
    spdlog::info("{} is complete already", file.string());
    return std::move(*earlier);
  }
  spdlog::info("{}", method);
  if (method == monte_carlo) {
    simulation.output = file;
    io::DoseFile dose = simulate_prepared(prepared, simulation);
    if (dose.map.interrupted) return dose;
  } else {
    ConvolveOptions convolution = convolution_of(method, simulation, prepared);
    convolution.output = file;
    convolve_prepared(prepared, convolution);
  }
  return io::read_dose(file);  // a later run that finds it there says the same, to the last digit
}

std::string normal_structure(const io::Validation& v, const io::PreparedCase& prepared) {
  if (!v.partition.empty()) return v.partition.front().normal_structure;
  const bool perfused = std::any_of(prepared.structures.begin(), prepared.structures.end(),
                                    [](const Structure& s) { return s.name == "perfused-normal"; });
  return perfused ? "perfused-normal" : "normal-liver";
}

void write_if_new(const fs::path& file, const std::string& text) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream found;
  found << stream.rdbuf();
  if (!stream || found.str() != text) io::write_file(file, text);
}

}  // namespace ytterby::cli
