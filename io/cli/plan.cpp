// `ytterby plan CASE -o PLAN.json`: the partition model forward and backward.

#include "io/evaluation/plan.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "io/case/case_inputs.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/files.h"
#include "io/cli/verbs.h"
#include "io/system/output_file.h"

namespace ytterby::cli {

Action add_plan(CLI::App& app) {
  struct Options {
    std::string case_file, output;
    bool json = false, dry_run = false, force = false;
  };
  auto options = std::make_shared<Options>();
  app.add_option("case", options->case_file, "case file (TOML), with images or with [partition] alone")->required();
  app.add_option("-o,--output", options->output, "plan to write (JSON)");
  add_force_flag(app, options->force);
  app.add_flag("--json", options->json, "print the plan as JSON");
  app.add_flag("--dry-run", options->dry_run, "print the resolved case with every default and stop");
  return [options] {
    const io::CaseFile c = io::read_case(options->case_file);
    check_files({{options->output, "-o"}}, io::files_read_by(c), force_option(options->force));
    if (options->dry_run) {
      print_resolved(c);
      return 0;
    }
    const io::PlanResult result = c.partition ? io::plan_of_numbers(c) : io::plan_prepared(prepare_aloud(c));
    const std::string json = io::plan_json(result);
    if (!options->output.empty()) io::write_file(options->output, json);
    std::cout << (options->json ? json : io::plan_table(result));
    return 0;
  };
}

}  // namespace ytterby::cli
