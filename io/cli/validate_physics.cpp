// `ytterby validate-physics`: the engine against EGSnrc, ESTAR and published numbers.

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/base/version.h"
#include "io/cli/options.h"
#include "io/cli/run/run_flags.h"
#include "io/cli/verbs.h"
#include "io/system/output_file.h"
#include "validation/accuracy_statements.h"
#include "validation/cases/cases.h"
#include "validation/plots.h"
#include "validation/report.h"

namespace ytterby::cli {
namespace {

using namespace validation;

struct Options : RunFlags {
  std::filesystem::path output;
  std::vector<std::string> cases;  // all where empty
  CaseOptions run;
  bool quick = false, json = false, dry_run = false;
};

struct Results {
  std::vector<Comparison> comparisons;
  std::vector<RunRecord> runs;
};

std::vector<Case> chosen_cases(const Options& options) {
  std::string known;
  for (const Case& c : all_cases()) known += (known.empty() ? "" : " ") + c.name;
  for (const std::string& name : options.cases)
    if (std::none_of(all_cases().begin(), all_cases().end(), [&](const Case& c) { return c.name == name; }))
      throw Error(Fault::usage, "no case '" + name + "', needs to be one of " + known);
  std::vector<Case> chosen;
  for (const Case& c : all_cases()) {
    const bool named = std::find(options.cases.begin(), options.cases.end(), c.name) != options.cases.end();
    if (options.cases.empty() ? !options.quick || c.quick_effort > 0 : named) chosen.push_back(c);
  }
  return chosen;
}

double effort_of(const Case& c, const Options& options) {
  return options.quick ? options.run.effort * (c.quick_effort > 0 ? c.quick_effort : 0.1) : options.run.effort;
}

Results run_cases(const Options& options) {
  Results results;
  std::vector<Comparison> ledgers;
  for (const Case& c : chosen_cases(options)) {
    CaseOptions run = options.run;
    run.effort = effort_of(c, options);
    const CaseResult result = c.run(run);
    double seconds = 0, histories = 0;
    for (const RunRecord& record : result.runs) {
      ledgers.push_back(ledger_comparison(record));
      seconds += record.seconds;
      histories += static_cast<double>(record.histories);
    }
    spdlog::info("{}: {:.3g} histories, {:.0f} s", c.name, histories, seconds);
    results.comparisons.insert(results.comparisons.end(), result.comparisons.begin(), result.comparisons.end());
    results.runs.insert(results.runs.end(), result.runs.begin(), result.runs.end());
  }
  results.comparisons.insert(results.comparisons.end(), ledgers.begin(), ledgers.end());
  return results;
}

void write_report(const Results& results, ReportContext context, const std::filesystem::path& folder) {
  for (const Plot& plot : make_plots(results.comparisons)) {
    io::write_file(folder / plot.file, plot.svg);
    context.plots.push_back(plot.file);
  }
  io::write_file(folder / "validation.csv", to_csv(results.comparisons));
  io::write_file(folder / "validation.md", to_markdown(results.comparisons, results.runs, context));
}

void print_table(const std::vector<GroupSummary>& groups) {
  std::vector<std::vector<std::string>> rows{summary_header()};
  for (const GroupSummary& group : groups) rows.push_back(summary_cells(group));
  std::vector<std::size_t> width(rows.front().size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(width[i] - row[i].size(), ' ');
      const bool number = i == 2 || (i >= 4 && i <= 7);
      line += (i == 0 ? "" : "  ") + (number ? blanks + row[i] : row[i] + blanks);
    }
    std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }
}

nlohmann::ordered_json finite_or_null(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

void print_json(const std::vector<GroupSummary>& groups, bool passed, double seconds) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const GroupSummary& group : groups) {
    const Comparison& w = group.worst;
    list.push_back({{"case", group.case_name},
                    {"group", group.group},
                    {"points", group.points},
                    {"worst",
                     {{"quantity", w.quantity},
                      {"unit", w.unit},
                      {"reference", w.reference},
                      {"reference_error", finite_or_null(w.reference_error)},
                      {"ours", w.ours},
                      {"our_error", finite_or_null(w.our_error)},
                      {"difference_percent", finite_or_null(w.difference_percent())},
                      {"difference_in_errors", w.difference_in_errors()},
                      {"tolerance_percent",
                       std::isnan(w.stated) ? finite_or_null(w.stated) : finite_or_null(w.tolerance_percent())}}},
                    {"largest_percent", finite_or_null(group.largest_percent)},
                    {"largest_in_errors", finite_or_null(group.largest_in_errors)},
                    {"rms_in_errors", finite_or_null(group.rms_in_errors)},
                    {"verdict", group.verdict == Verdict::fail ? "fail" : verdict_name(group.verdict)}});
  }
  const nlohmann::ordered_json document{
      {"version", program_version()}, {"passed", passed}, {"seconds", seconds}, {"cases", list}};
  std::cout << document.dump(2) << '\n';
}

int validate_physics(const Options& options) {
  if (options.dry_run) {
    for (const Case& c : chosen_cases(options))
      std::cout << c.name << "  " << c.title << "  (effort " << effort_of(c, options) << ")\n";
    return 0;
  }
  if (options.output.empty()) throw Error(Fault::usage, "no output folder: give one with -o DIR");
  (void)chosen_cases(options);
  std::error_code failure;
  std::filesystem::create_directories(options.output, failure);
  if (failure) throw Error(Fault::input, options.output.string() + ": " + failure.message());
  { const io::OutputFile probe(options.output / "validation.csv"); }  // before minutes are spent

  const auto start = std::chrono::steady_clock::now();
  const Results results = run_cases(options);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  write_report(results,
               {std::string(program_version()) + " (" + std::string(git_commit()) + ")",
                {},
                options.run.seed,
                seconds,
                options.quick,
                {}},
               options.output);

  const std::vector<GroupSummary> groups = summarise(results.comparisons);
  const auto failed = std::count_if(groups.begin(), groups.end(),
                                    [](const GroupSummary& group) { return group.verdict == Verdict::fail; });
  if (options.json) {
    print_json(groups, failed == 0, seconds);
  } else {
    print_table(groups);
    for (const std::string& line : accuracy_statements(results.comparisons)) std::cout << line << '\n';
    std::cout << (failed == 0 ? "all checks pass" : std::to_string(failed) + " checks FAIL") << "; table and plots in "
              << options.output.string() << '\n';
  }
  return failed == 0 ? 0 : 5;
}

}  // namespace

Action add_validate_physics(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("-o,--output", options->output, "folder for table and plots");
  app.add_option("--case", options->cases, "this case alone (may be given again); see --dry-run for the names");
  app.add_flag("--quick", options->quick, "a subset that takes about a minute");
  app.add_option("--effort", options->run.effort, "histories as a multiple of each case's own number");
  add_run_flags(app, *options, {.seed = "seed of the random numbers"});
  app.add_option("--step-fraction", options->run.step_fraction,
                 "scattering strength of a step over a voxel side's, to look for step-size artefacts; 0: the default");
  app.add_flag("--json", options->json, "the table as JSON");
  app.add_flag("--dry-run", options->dry_run, "list the cases, run nothing");
  return [options] {
    number_option("--effort", options->run.effort, 1e-3, 1e3);
    number_option("--step-fraction", options->run.step_fraction, 0, 10);
    options->run.seed = options->seed.value_or(options->run.seed);
    options->run.threads = options->threads;
    return validate_physics(*options);
  };
}

}  // namespace ytterby::cli
