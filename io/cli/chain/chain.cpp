#include "io/cli/chain/chain.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/error.h"
#include "io/case/case_inputs.h"
#include "io/cli/ends/stop_signals.h"
#include "io/cli/run/case_doses.h"
#include "io/cli/run/case_ensemble.h"
#include "io/cli/run/files.h"
#include "io/evaluation/verdict_text.h"
#include "io/report/report.h"
#include "io/results/checkpoint_file.h"
#include "io/system/output_file.h"

namespace ytterby::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array methods{"monte-carlo", "voxel-kernel", "voxel-kernel-scaled", "local-deposition"};

void check_chain_files(const io::PreparedCase& prepared, const ChainFiles& files, io::Force force) {
  std::vector<io::WrittenFile> outputs;
  for (const fs::path& path : {files.plan, files.verdict, files.page, files.ensemble})
    if (!path.empty()) outputs.push_back({path, "below -o"});
  check_files(outputs, {}, force);
  for (const auto& [method, path] : files.doses) outputs.push_back({path, "below -o"});
  outputs.push_back({io::checkpoint_path(files.doses.at("monte-carlo")), "below -o"});
  io::check_outputs(outputs, io::files_read_by(prepared.resolved));
}

std::optional<io::PlanResult> plan_of(const io::PreparedCase& prepared) {
  try {
    return io::plan_prepared(prepared);
  } catch (const Error& error) {
    if (error.fault() != Fault::input) throw;
    spdlog::warn("no plan: {}", error.what());
    return {};
  }
}

bool has_tumour(const io::PreparedCase& prepared) {
  return std::any_of(prepared.structures.begin(), prepared.structures.end(),
                     [](const Structure& s) { return s.role == Role::tumour; });
}

std::string normal_of(const ChainResult& r, const io::PreparedCase& prepared) {
  return r.validation ? normal_structure(*r.validation, prepared) : "normal-liver";
}

/// The ensemble of Monte Carlo's dose, beside the verdict and in a file.
void take_samples(const io::PreparedCase& prepared, const SimulateOptions& simulation, const ChainFiles& files,
                  std::uint64_t samples, ChainResult& r) {
  const CaseEnsembleOptions options = ensemble_options(simulation, prepared, samples);
  io::EnsembleResult ensemble =
      ensemble_in(files.ensemble, prepared, r.doses.front(), files.doses.at("monte-carlo").string(), options);
  io::take_ensemble(std::move(ensemble), files.ensemble.string(), *r.validation);
}

}  // namespace

ChainFiles chain_files(const fs::path& folder, const std::string& page) {
  ChainFiles files{folder / "plan.json", folder / "verdict.json", folder / page, folder / "ensemble.json", {}};
  for (const std::string method : methods) files.doses[method] = folder / (method + ".h5");
  return files;
}

std::optional<ChainResult> run_chain(const io::PreparedCase& prepared, const SimulateOptions& simulation,
                                     const ChainFiles& files, int& status, std::uint64_t samples) {
  check_chain_files(prepared, files, simulation.force);
  ChainResult r;
  r.case_name = prepared.resolved.name;
  r.account = prepared.account;
  r.files = files;
  r.plan = plan_of(prepared);
  if (r.plan) write_if_new(files.plan, io::plan_json(*r.plan));
  std::optional<io::Evaluation> evaluation;
  if (has_tumour(prepared)) evaluation.emplace(prepared);
  for (const std::string method : methods) {
    const fs::path& file = files.doses.at(method);
    SimulateOptions options = simulation;
    options.output = file;
    options.resume = true;
    io::DoseFile dose = dose_in(file, method, prepared, options);
    if (dose.map.interrupted) {
      status = stopped_status(dose, options);
      return {};
    }
    stop_if_asked();
    if (evaluation) evaluation->add(dose, file.string());
    r.doses.push_back(std::move(dose));
  }
  if (evaluation) {
    r.validation = evaluation->judged();
    if (samples > 0) take_samples(prepared, simulation, files, samples, r);
    write_if_new(files.verdict, io::verdict_json(*r.validation));
  } else {
    spdlog::warn("the case has no structure of role tumour: there is no verdict");
  }
  r.normal = normal_of(r, prepared);
  io::ReportInput page = io::report_of(prepared, std::move(r.doses), r.validation);
  io::write_file(files.page, io::report_page(page));
  r.doses = std::move(page.doses);
  return r;
}

}  // namespace ytterby::cli
