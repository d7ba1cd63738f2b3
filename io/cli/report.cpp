// `ytterby report CASE DOSE.h5... -o REPORT.html`.

#include "io/cli/report.h"

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "engine/base/error.h"
#include "io/cli/run/case_run.h"
#include "io/cli/text_output.h"
#include "io/cli/verbs.h"
#include "io/evaluation/evaluation.h"
#include "io/evaluation/verdict_text.h"
#include "io/report/report.h"
#include "validation/structure_metrics.h"

namespace ytterby::cli {

std::string report_of(const io::PreparedCase& prepared, const std::vector<std::string>& dose_files) {
  io::ReportInput input;
  const io::CaseFile& c = prepared.resolved;
  const bool has_tumour = std::any_of(prepared.structures.begin(), prepared.structures.end(),
                                      [](const Structure& s) { return s.role == Role::tumour; });
  if (has_tumour) {
    input.verdict_json = verdict_json(validate_prepared(prepared, dose_files));
  } else {
    spdlog::warn("the case has no structure of role tumour: the report has no verdict");
  }
  for (const std::string& name : dose_files) {
    input.doses.push_back(io::read_dose(name));
    if (input.doses.back().content_hash == prepared.content_hash) continue;
    throw Error(Fault::input, name + ": is of another case: its content hash is " + input.doses.back().content_hash +
                                  ", the case's is " + prepared.content_hash);
  }
  input.case_name = c.name;
  input.warnings = prepared.warnings;
  input.volume_errors = [](const io::DoseFile& file, const Structure& structure, const std::vector<double>& doses) {
    return validation::volume_errors(file.map, structure, file.phantom.density, doses);
  };
  input.goal = c.plan.value_or(io::PlanSection{}).tumour_Gy;
  return io::report_page(input);
}

Action add_report(CLI::App& app) {
  struct Options {
    std::string case_file, output;
    std::vector<std::string> doses;
  };
  auto options = std::make_shared<Options>();
  app.add_option("case", options->case_file, "case file (TOML)")->required();
  app.add_option("doses", options->doses, "dose files of the case, one of each method")->required();
  app.add_option("-o,--output", options->output, "page to write (HTML)")->required();
  return [options] {
    const io::CaseFile c = io::read_case(options->case_file);
    check_output(c, options->output);
    write_text(options->output, report_of(prepare_aloud(c), options->doses));
    std::cout << options->output << '\n';
    return 0;
  };
}

}  // namespace ytterby::cli
