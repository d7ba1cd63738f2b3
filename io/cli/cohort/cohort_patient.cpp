// One patient of a cohort: what is missing is computed, then all is judged.

#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <new>
#include <sstream>

#include "engine/base/error.h"
#include "engine/base/version.h"
#include "io/cli/cohort/cohort.h"
#include "io/cli/convolve.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/checkpoints.h"
#include "io/cli/text_output.h"
#include "io/evaluation/evaluation.h"
#include "io/evaluation/plan.h"
#include "io/evaluation/verdict_text.h"
#include "io/results/checkpoint_file.h"
#include "io/system/sha256.h"

namespace ytterby::cli {
namespace {

namespace fs = std::filesystem;
using validation::Estimate;

constexpr const char* monte_carlo = "monte-carlo";
constexpr const char* local_deposition_name = "local-deposition";

ConvolveOptions convolution_of(const std::string& method, const SimulateOptions& simulation,
                               const io::PreparedCase& prepared) {
  ConvolveOptions o;
  o.method = method == local_deposition_name ? ConvolveMethod::local : ConvolveMethod::kernel;
  o.scaling = method == "voxel-kernel-scaled" ? DensityScaling::local : DensityScaling::none;
  o.histories = std::min<std::uint64_t>(o.histories, prepared.resolved.transport.histories);
  o.backend = simulation.backend;
  o.threads = simulation.threads;
  o.quiet = simulation.quiet;
  return o;
}

/// Why a dose file is not what would be computed now; empty where it is.
std::string misfit(const io::DoseFile& f, const std::string& method, const io::PreparedCase& prepared,
                   const SimulateOptions& simulation) {
  if (f.map.method != method) return "is of method " + f.map.method;
  if (f.content_hash != prepared.content_hash) return "is the dose of another case";
  if (f.program_version != program_version()) return "was written by version " + f.program_version;
  if (method == monte_carlo) {
    return same_run(f, prepared.resolved, simulation) ? "" : "has another seed, cutoff, or too few histories";
  }
  if (!f.kernel) return method == local_deposition_name ? "" : "has no kernel";
  const io::TransportSection& t = prepared.resolved.transport;
  const bool cutoffs =
      f.electron_cutoff == t.electron_cutoff_keV / 1000 && f.photon_cutoff == t.photon_cutoff_keV / 1000;
  const bool enough = f.kernel->histories >= convolution_of(method, simulation, prepared).histories;
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
    if (why.empty()) return found;
    spdlog::info("{} {}: it is made anew", file.string(), why);
  } catch (const Error& error) {
    spdlog::info("{}: it is made anew", error.what());
  }
  return {};
}

io::DoseFile dose_of(const fs::path& file, const std::string& method, const io::PreparedCase& prepared,
                     SimulateOptions simulation) {
  if (auto earlier = earlier_dose(file, method, prepared, simulation)) {
    spdlog::info("{} is complete already", file.string());
    // A kill between the dose file and the end of its checkpoint leaves both.
    std::error_code ignored;
    fs::remove(io::checkpoint_path(file), ignored);
    return std::move(*earlier);
  }
  spdlog::info("{}", method);
  if (method == monte_carlo) {
    simulation.output = file;
    return simulate_prepared(prepared, simulation);
  }
  ConvolveOptions convolution = convolution_of(method, simulation, prepared);
  convolution.output = file;
  return convolve_prepared(prepared, convolution);
}

/// Leaves a file alone that says the same already.
void write_if_new(const fs::path& file, const std::string& text) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream found;
  found << stream.rdbuf();
  if (!stream || found.str() != text) write_text(file, text);
}

void write_plan(const fs::path& file, const io::PreparedCase& prepared) {
  try {
    write_if_new(file, plan_json(plan_prepared(prepared)));
  } catch (const Error& error) {
    if (error.fault() != Fault::input) throw;
    spdlog::warn("no plan: {}", error.what());
    std::error_code ignored;
    fs::remove(file, ignored);
  }
}

std::string normal_structure(const Validation& v, const io::PreparedCase& prepared) {
  if (!v.partition.empty()) return v.partition.front().normal_structure;
  const bool perfused = std::any_of(prepared.structures.begin(), prepared.structures.end(),
                                    [](const Structure& s) { return s.name == "perfused-normal"; });
  return perfused ? "perfused-normal" : "normal-liver";
}

void take_doses(const Validation& v, PatientResult& result) {
  for (std::size_t i = 0; i < v.methods.size(); ++i) {
    const validation::MethodDoses& doses = v.treatment.methods[i];
    auto at = std::find_if(result.doses.begin(), result.doses.end(),
                           [&](const CohortDoses& d) { return d.method == doses.method; });
    if (at == result.doses.end()) at = result.doses.insert(at, CohortDoses{doses.method, {}, 0, {}});
    at->mean[0] = doses.tumours.value_or(Estimate{});
    for (const validation::StructureMetrics& s : v.methods[i].structures) {
      if (s.name == result.normal_structure) at->mean[1] = s.mean;
    }
    at->mean[2] = doses.lung_sum.value_or(Estimate{});
  }
  result.rulings = v.rulings;
  result.warnings = v.warnings;
  result.judge = v.judge;
  result.exit_status = v.broken() ? 5 : 0;
}

void compute(PatientResult& result, const std::vector<std::string>& methods, SimulateOptions simulation,
             const fs::path& folder, int& stop) {
  simulation.case_file = result.patient.case_file;
  simulation.resume = simulation.drop_unfit = true;
  io::CaseFile resolved = resolved_case(simulation);
  resolved.transport.seed += seed_of_name(result.patient.name);
  const io::PreparedCase prepared = prepare_aloud(resolved);
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) throw Error(Fault::input, folder.string() + ": cannot be made a folder: " + failed.message());
  std::vector<std::string> files;
  for (const std::string& method : methods) {
    files.push_back((folder / (method + ".h5")).string());
    const io::DoseFile f = dose_of(files.back(), method, prepared, simulation);
    if (f.map.interrupted) {
      stop = StopSignals::received();
      return;
    }
    CohortDoses doses{method, {}, f.kernel ? f.kernel->histories : f.map.histories, {}};
    if (method == monte_carlo) doses.seed = f.map.seed;
    result.doses.push_back(std::move(doses));
  }
  const Validation v = validate_prepared(prepared, files);
  result.normal_structure = normal_structure(v, prepared);
  take_doses(v, result);
  write_plan(folder / "plan.json", prepared);
  write_if_new(folder / "verdict.json", verdict_json(v));
}

void give_up(PatientResult& result, PatientStatus status, int exit_status, std::string message) {
  std::replace_if(
      message.begin(), message.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  spdlog::error("{}: {}", result.patient.name, message);
  PatientResult empty;
  empty.patient = result.patient;
  result = std::move(empty);
  result.status = status;
  result.exit_status = exit_status;
  result.message = std::move(message);
}

}  // namespace

std::uint64_t seed_of_name(const std::string& name) {
  // 32 bits: sessions count from there on.
  return std::stoull(io::sha256(name).substr(0, 8), nullptr, 16);
}

PatientResult run_patient(const CohortPatient& patient, const std::vector<std::string>& methods,
                          SimulateOptions simulation, const fs::path& folder, int& stop) {
  PatientResult result;
  result.patient = patient;
  try {
    compute(result, methods, std::move(simulation), folder, stop);
  } catch (const Error& error) {
    // A case cannot be used wrongly from the command line: what it names is at fault.
    if (error.fault() == Fault::input || error.fault() == Fault::usage) {
      give_up(result, PatientStatus::broken, 3, error.what());
    } else {
      give_up(result, PatientStatus::failed, error.fault() == Fault::device ? 4 : 1, error.what());
    }
  } catch (const std::bad_alloc&) {
    give_up(result, PatientStatus::broken, 3,
            "out of memory: the images or the dose grid are too large for this machine");
  } catch (const std::exception& error) {
    give_up(result, PatientStatus::failed, 1, std::string("internal error: ") + error.what());
  }
  return result;
}

}  // namespace ytterby::cli
