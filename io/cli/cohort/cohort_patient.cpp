// One patient of a cohort: what is missing is computed, then all is judged.

#include <spdlog/spdlog.h>

#include <algorithm>
#include <new>
#include <utility>

#include "engine/base/error.h"
#include "io/cli/cohort/cohort.h"
#include "io/cli/cohort/own_process.h"
#include "io/cli/ends/stop_signals.h"
#include "io/cli/run/case_doses.h"
#include "io/cli/run/case_ensemble.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/out_of_memory.h"
#include "io/evaluation/ensemble.h"
#include "io/evaluation/evaluation.h"
#include "io/evaluation/plan.h"
#include "io/evaluation/verdict_text.h"
#include "io/report/report.h"
#include "io/system/sha256.h"

namespace ytterby::cli {
namespace {

namespace fs = std::filesystem;
using validation::Estimate;

constexpr const char* monte_carlo = "monte-carlo";

void write_plan(const fs::path& file, const io::PreparedCase& prepared) {
  try {
    write_if_new(file, io::plan_json(io::plan_prepared(prepared)));
  } catch (const Error& error) {
    if (error.fault() != Fault::input) throw;
    spdlog::warn("no plan: {}", error.what());
    std::error_code ignored;
    fs::remove(file, ignored);
  }
}

void take_doses(const io::Validation& v, PatientResult& result) {
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

/// 95 % of a number over the samples, as a structure's mean or, for several lungs and the partition model, as the value
/// of a rule on `ruled`.
Known known_to(const io::EnsembleResult& e, const std::string& method, const std::string& structure, const char* rule,
               const std::string& ruled) {
  if (method == e.method) {
    if (const io::EnsembleMeasure* m = io::find_measure(e, structure, "mean_Gy"))
      return {m->spread.low_95, m->spread.high_95};
  }
  for (const io::EnsembleRule& r : e.rules) {
    const auto low = r.quantiles.find(0.025), high = r.quantiles.find(0.975);
    if (r.id != rule || r.method != method || low == r.quantiles.end() || high == r.quantiles.end()) continue;
    if (r.structure.empty() || r.structure == ruled) return {low->second, high->second};
  }
  return {};
}

/// What the partition model differs by from Monte Carlo otherwise from sample to sample, as a rule has it.
Own own_of(const io::EnsembleResult& e, const char* rule, const std::string& ruled) {
  for (const io::EnsembleRule& r : e.rules) {
    if (r.id != rule || r.method != "partition" || !r.from_method || e.method != monte_carlo) continue;
    if (r.structure.empty() || r.structure == ruled)
      return {r.from_method->deviation, r.from_method->deviation_percent};
  }
  return {};
}

void take_ensemble_of(const io::EnsembleResult& e, PatientResult& result) {
  result.probability_by_method = e.probability_by_method;
  result.samples = e.samples;
  std::string lungs;
  std::size_t count = 0;
  for (const io::EnsembleStructure& s : e.structures) {
    if (s.role != Role::lung) continue;
    lungs = s.name;
    ++count;
  }
  for (CohortDoses& d : result.doses) {
    d.known[0] = known_to(e, d.method, "tumours", "tumour-dose", "tumours");
    d.known[1] = known_to(e, d.method, result.normal_structure, "normal-dose", result.normal_structure);
    d.known[2] = known_to(e, d.method, count == 1 ? lungs : "", "lung-dose-cumulative", "lungs");
    if (d.method != "partition") continue;
    d.own = {own_of(e, "tumour-dose", "tumours"), own_of(e, "normal-dose", result.normal_structure),
             own_of(e, "lung-dose-cumulative", "lungs")};
  }
}

/// Samples of Monte Carlo's dose, or of the first one's.
void draw(const io::PreparedCase& prepared, const std::vector<io::DoseFile>& doses, const SimulateOptions& simulation,
          std::uint64_t samples, const fs::path& folder, io::Validation& v) {
  auto of = std::find_if(doses.begin(), doses.end(), [](const auto& f) { return f.map.method == monte_carlo; });
  if (of == doses.end()) of = doses.begin();
  const CaseEnsembleOptions options = ensemble_options(simulation, prepared, samples);
  io::EnsembleResult ensemble =
      ensemble_in(folder / "ensemble.json", prepared, *of, (folder / (of->map.method + ".h5")).string(), options);
  io::take_ensemble(std::move(ensemble), (folder / "ensemble.json").string(), v);
}

void compute(PatientResult& result, const std::vector<std::string>& methods, SimulateOptions simulation,
             std::uint64_t samples, const fs::path& folder, int& stop) {
  simulation.case_file = result.patient.case_file;
  simulation.resume = true;
  io::CaseFile resolved = resolved_case(simulation);
  resolved.transport.seed += seed_of_name(result.patient.name);
  const io::PreparedCase prepared = prepare_aloud(
      resolved,
      [&](const Grid& grid) { return samples > 0 ? ensemble_bytes(resolved, grid, simulation.threads) : 0.0; },
      samples > 0 ? io::Keep::images : io::Keep::result);
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) throw Error(Fault::input, folder.string() + ": cannot be made a folder: " + failed.message());
  io::Evaluation evaluation(prepared);
  std::vector<io::DoseFile> page;
  for (const std::string& method : methods) {
    const fs::path file = folder / (method + ".h5");
    io::DoseFile f = dose_in(file, method, prepared, simulation);
    if (f.map.interrupted) {
      stop = StopSignals::received();
      return;
    }
    stop_if_asked();
    CohortDoses doses{method, {}, f.kernel ? f.kernel->histories : f.map.histories, {}};
    if (method == monte_carlo) doses.seed = f.map.seed;
    result.doses.push_back(std::move(doses));
    evaluation.add(f, file.string());
    page.push_back(std::move(f));
  }
  io::Validation v = evaluation.judged();
  if (samples > 0 && !page.empty()) draw(prepared, page, simulation, samples, folder, v);
  result.normal_structure = normal_structure(v, prepared);
  take_doses(v, result);
  if (v.ensemble) take_ensemble_of(*v.ensemble, result);
  write_plan(folder / "plan.json", prepared);
  write_if_new(folder / "verdict.json", io::verdict_json(v));
  if (!page.empty()) write_if_new(folder / "index.html", io::report_page(io::report_of(prepared, std::move(page), v)));
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

/// What a broken case or a failure comes to is in the result.
PatientResult run_here(const CohortPatient& patient, const std::vector<std::string>& methods,
                       SimulateOptions simulation, std::uint64_t samples, const fs::path& folder, int& stop) {
  PatientResult result;
  result.patient = patient;
  try {
    compute(result, methods, std::move(simulation), samples, folder, stop);
  } catch (const Stopped&) {
    stop = StopSignals::received();
  } catch (const Error& error) {
    // A case cannot be used wrongly from the command line: what it names is at fault.
    if (error.fault() == Fault::input || error.fault() == Fault::usage) {
      give_up(result, PatientStatus::broken, 3, error.what());
    } else {
      give_up(result, PatientStatus::failed, error.fault() == Fault::device ? 4 : 1, error.what());
    }
  } catch (const std::bad_alloc&) {
    give_up(result, PatientStatus::broken, 3, out_of_memory);
  } catch (const std::exception& error) {
    give_up(result, PatientStatus::failed, 1, std::string("internal error: ") + error.what());
  }
  return result;
}

}  // namespace

std::uint64_t seed_of_name(const std::string& name) {
  // 32 bits: sessions count from there on.
  return std::stoull(io::sha256(name).substr(0, 8), nullptr, 16);
}

PatientResult run_patient(const CohortPatient& patient, const std::vector<std::string>& methods,
                          SimulateOptions simulation, std::uint64_t samples, const fs::path& folder, int& stop) {
  return in_own_process(
      patient, [&](int& ended) { return run_here(patient, methods, std::move(simulation), samples, folder, ended); },
      stop);
}

}  // namespace ytterby::cli
