// `ytterby report CASE DOSE.h5... -o REPORT.html`.

#include "io/report/report.h"

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "io/case/case_inputs.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/files.h"
#include "io/cli/verbs.h"
#include "io/evaluation/ensemble.h"
#include "io/evaluation/evaluation.h"
#include "io/system/output_file.h"

namespace ytterby::cli {

namespace {

/// The verdict of doses, or none, with a word on the log, where the case has nothing to judge.
std::optional<io::Validation> verdict_on(const io::PreparedCase& prepared, const std::vector<io::DoseFile>& doses,
                                         const std::vector<std::string>& files) {
  const bool has_tumour = std::any_of(prepared.structures.begin(), prepared.structures.end(),
                                      [](const Structure& s) { return s.role == Role::tumour; });
  if (!has_tumour) {
    spdlog::warn("the case has no structure of role tumour: the report has no verdict");
    for (std::size_t i = 0; i < doses.size(); ++i) io::check_same_case(prepared, doses[i], files[i]);
    return {};
  }
  io::Evaluation evaluation(prepared);
  for (std::size_t i = 0; i < doses.size(); ++i) evaluation.add(doses[i], files[i]);
  return evaluation.judged();
}

std::string page_of(const io::PreparedCase& prepared, const std::vector<std::string>& files,
                    const std::string& ensemble_file) {
  std::optional<io::EnsembleResult> ensemble;
  if (!ensemble_file.empty()) ensemble = io::read_ensemble(ensemble_file);
  std::vector<io::DoseFile> doses;
  for (const std::string& file : files) doses.push_back(io::read_dose(file));
  std::optional<io::Validation> verdict = verdict_on(prepared, doses, files);
  if (ensemble && !verdict)
    throw Error(Fault::input, ensemble_file + ": goes with a verdict, which needs a structure of role tumour");
  if (ensemble) io::take_ensemble(std::move(*ensemble), ensemble_file, *verdict);
  return io::report_page(io::report_of(prepared, std::move(doses), std::move(verdict)));
}

}  // namespace

Action add_report(CLI::App& app) {
  struct Options {
    std::string case_file, output, ensemble;
    std::vector<std::string> doses;
    bool force = false, json = false, dry_run = false;
  };
  auto options = std::make_shared<Options>();
  app.add_option("case", options->case_file, "case file (TOML)")->required();
  app.add_option("doses", options->doses, "dose files of the case, one of each method")->required();
  app.add_option("-o,--output", options->output, "page to write (HTML)")->required();
  app.add_option("--ensemble", options->ensemble,
                 "what the dose is known to, by ytterby ensemble: intervals, bands and what decides are its");
  add_force_flag(app, options->force);
  app.add_flag("--json", options->json, "print JSON");
  app.add_flag("--dry-run", options->dry_run, "print the resolved case with every default and stop");
  return [options] {
    const io::CaseFile c = io::read_case(options->case_file);
    std::vector<io::ReadFile> inputs = with_doses(io::files_read_by(c), options->doses);
    if (!options->ensemble.empty()) inputs.push_back({options->ensemble, "the ensemble"});
    check_files({{options->output, "-o"}}, inputs, force_option(options->force));
    if (options->dry_run) {
      print_resolved(c);
      return 0;
    }
    io::write_file(options->output, page_of(prepare_aloud(c), options->doses, options->ensemble));
    std::cout << (options->json ? nlohmann::json{{"page", options->output}}.dump(2) : options->output) << '\n';
    return 0;
  };
}

}  // namespace ytterby::cli
