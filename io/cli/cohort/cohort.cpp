// `ytterby cohort LIST.toml -o DIR`: many patients, every method, one table.

#include "io/cli/cohort/cohort.h"

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "engine/base/error.h"
#include "io/case/case_inputs.h"
#include "io/cli/options.h"
#include "io/cli/run/case_ensemble.h"
#include "io/cli/run/files.h"
#include "io/cli/run/kept.h"
#include "io/cli/verbs.h"
#include "io/results/checkpoint_file.h"
#include "io/system/output_file.h"

namespace ytterby::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> files;
  fs::path folder;
  SimulateOptions simulation;
  std::string only;
  std::optional<std::uint64_t> index;
  std::uint64_t samples = 0;  // of each patient's ensemble; 0: none
};

/// The list with the one patient that --only or --index names; true where one is named.
bool select(const Options& options, CohortList& list) {
  if (options.only.empty() && !options.index) return false;
  std::vector<CohortPatient> chosen;
  if (options.index) {
    if (*options.index >= list.patients.size()) {
      throw Error(Fault::usage, "--index is " + std::to_string(*options.index) + ", needs to be from 0 to " +
                                    std::to_string(list.patients.size() - 1));
    }
    chosen.push_back(list.patients[*options.index]);
  }
  for (const CohortPatient& p : list.patients) {
    if (!options.only.empty() && p.name == options.only) chosen.push_back(p);
  }
  if (chosen.empty()) throw Error(Fault::usage, "--only is " + options.only + ", needs to be a patient of the list");
  list.patients = std::move(chosen);
  return true;
}

/// Prints the resolved list and reads each case, without its images.
int dry_run(const CohortList& list) {
  std::cout << write_cohort_list(list);
  int status = 0;
  for (const CohortPatient& p : list.patients) {
    try {
      io::read_case(p.case_file);
    } catch (const Error& error) {
      spdlog::error("{}: {}", p.name, error.what());
      status = 3;
    }
  }
  return status;
}

void make_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed || !fs::is_directory(folder)) {
    throw Error(Fault::input, folder.string() + ": cannot be made a folder" + (failed ? ": " + failed.message() : ""));
  }
}

/// Files of the cohort and of its patients against all that is read: the list, the cases and what they name.
void check_cohort_files(const Options& options, const CohortList& list) {
  std::vector<io::WrittenFile> outputs;
  const auto writes = [&](const fs::path& path) { outputs.push_back({path, "below -o"}); };
  for (const char* name : {"cohort.csv", "cohort.json", "index.html"}) writes(options.folder / name);
  for (const char* region : cohort_regions) writes(options.folder / ("bland-altman-" + std::string(region) + ".svg"));
  std::vector<io::ReadFile> inputs;
  for (const std::string& file : options.files) inputs.push_back({file, "a list or case of the cohort"});
  for (const CohortPatient& p : list.patients) {
    const fs::path folder = options.folder / p.name;
    for (const char* name : {"plan.json", "verdict.json", "index.html", "ensemble.json"}) writes(folder / name);
    for (const std::string& method : list.methods) writes(folder / (method + ".h5"));
    writes(io::checkpoint_path(folder / "monte-carlo.h5"));
    inputs.push_back({p.case_file, "the case of " + p.name});
    try {
      std::vector<io::ReadFile> of_case = io::files_read_by(io::read_case(p.case_file));
      inputs.insert(inputs.end(), of_case.begin(), of_case.end());
    } catch (const Error&) {
      continue;  // a broken case: its turn comes
    }
  }
  io::check_outputs(outputs, inputs);
}

void write_files(const CohortResult& result, const fs::path& folder) {
  io::write_file(folder / "cohort.csv", cohort_csv(result));
  io::write_file(folder / "cohort.json", cohort_json(result));
  for (const auto& [name, svg] : cohort_plots(result)) io::write_file(folder / name, svg);
  io::write_file(folder / "index.html", cohort_page(result));
}

int run_cohort(const Options& options) {
  CohortResult result{read_cohort(options.files), {}, {}};
  const bool one_alone = select(options, result.list);
  if (options.simulation.dry_run) return dry_run(result.list);
  if (options.folder.empty()) throw Error(Fault::usage, "cohort needs -o DIR");
  check_cohort_files(options, result.list);
  make_folder(options.folder);
  std::size_t number = 0;
  for (const CohortPatient& p : result.list.patients) {
    spdlog::info("patient {} of {}: {}", ++number, result.list.patients.size(), p.name);
    int stop = 0;
    result.patients.push_back(
        run_patient(p, result.list.methods, options.simulation, options.samples, options.folder / p.name, stop));
    if (stop != 0) {
      spdlog::warn("stopped in {}: the same command goes on from there", p.name);
      return 128 + stop;
    }
  }
  // Others may work on the rest of the cohort now: its files are for a run over all.
  if (!one_alone) {
    result.agreements = agreements_of(result.patients);
    write_files(result, options.folder);
  }
  std::cout << (options.simulation.json ? cohort_json(result) : cohort_table(result));
  return cohort_exit_status(result.patients);
}

}  // namespace

Action add_cohort(CLI::App& app) {
  struct Text : RunFlags, GoalFlags {
    std::vector<std::string> files;
    std::string folder, only, index, ensemble;
    double checkpoint_seconds = 60;
    bool json = false, dry_run = false, keep_older = false, force = false;
  };
  auto text = std::make_shared<Text>();
  app.add_option("files", text->files, "a list of patients (TOML, see io/FORMATS.md), or case files")->required();
  app.add_option("-o,--output", text->folder,
                 "folder to write to: one folder per patient, index.html, cohort.csv, plots");
  add_run_flags(app, *text,
                {.histories = "decays to simulate, e.g. 2e7; default: each case's",
                 .seed = "seed of the random numbers; default: each case's",
                 .device = "cpu, cuda, cuda:0,1 or auto (the default)"});
  add_goal_flags(app, *text);
  app.add_option("--checkpoint-every", text->checkpoint_seconds,
                 "seconds between checkpoints; more where they would take over 5 % of the run")
      ->capture_default_str();
  app.add_option("--ensemble", text->ensemble,
                 "samples of what each patient's dose is known to, e.g. 400: intervals and probabilities");
  CLI::Option* only = app.add_option("--only", text->only, "run this patient alone, and write no cohort.csv");
  app.add_option("--index", text->index, "the same by place in the list, from 0: for job arrays")->excludes(only);
  add_keep_older_flag(app, text->keep_older);
  add_force_flag(app, text->force);
  app.add_flag("--json", text->json, "print the table as JSON");
  app.add_flag("--dry-run", text->dry_run, "check every case file, print the list with every default and stop");
  return [text] {
    Options options;
    options.files = text->files;
    options.folder = text->folder;
    options.only = text->only;
    if (!text->index.empty()) options.index = count_option("--index", text->index, 0);
    if (!text->ensemble.empty()) options.samples = samples_option("--ensemble", text->ensemble);
    SimulateOptions& s = options.simulation;
    static_cast<RunFlags&>(s) = *text;
    static_cast<GoalFlags&>(s) = *text;
    s.checkpoint_seconds = number_option("--checkpoint-every", text->checkpoint_seconds, 0, 1e6);
    s.keep_older = text->keep_older;
    s.force = force_option(text->force);
    s.json = text->json;
    s.dry_run = text->dry_run;
    return run_cohort(options);
  };
}

}  // namespace ytterby::cli
