// `ytterby validate CASE DOSE.h5... -o VERDICT.json`: the protocol's rules for every method.

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "io/case/case_inputs.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/files.h"
#include "io/cli/verbs.h"
#include "io/evaluation/ensemble.h"
#include "io/evaluation/protocol_of.h"
#include "io/evaluation/verdict_text.h"
#include "io/system/output_file.h"

namespace ytterby::cli {
namespace {

struct Options {
  std::string case_file, output, csv, ensemble;
  std::vector<std::string> doses;
  bool json = false, dry_run = false, force = false;
};

/// The case with every rule and setting in force: itself a valid case.
io::CaseFile with_rules(io::CaseFile c) {
  if (!c.protocol) c.protocol = io::ProtocolSection{};
  std::vector<Setting> rules;
  for (const Setting& s : io::protocol_of(c).settings) {
    if (!s.table.empty()) rules.push_back(s);
  }
  c.protocol->settings = std::move(rules);
  return c;
}

/// A CSV that would take the verdict's place is refused once the verdict is there: it is what was asked for first.
void write_csv(const io::Validation& v, const Options& options) {
  if (options.csv.empty()) return;
  try {
    io::check_outputs({{options.output, "-o"}, {options.csv, "--csv"}}, {});
  } catch (const Error& error) {
    throw Error(error.fault(), std::string(error.what()) + "; the verdict is there, the CSV is not");
  }
  io::write_file(options.csv, io::verdict_csv(v));
}

int run_validate(const Options& options) {
  const io::CaseFile c = io::read_case(options.case_file);
  std::vector<io::ReadFile> inputs = with_doses(io::files_read_by(c), options.doses);
  if (!options.ensemble.empty()) inputs.push_back({options.ensemble, "the ensemble"});
  for (const io::WrittenFile& output : {io::WrittenFile{options.output, "-o"}, io::WrittenFile{options.csv, "--csv"}}) {
    check_files({output}, inputs, force_option(options.force));
  }
  if (options.dry_run) {
    print_resolved(with_rules(c));
    return 0;
  }
  io::protocol_of(c);  // refuses a wrong rule before images are read
  std::optional<io::EnsembleResult> ensemble;
  if (!options.ensemble.empty()) ensemble = io::read_ensemble(options.ensemble);
  io::Validation v = io::validate_prepared(prepare_aloud(c), options.doses);
  if (ensemble) io::take_ensemble(std::move(*ensemble), options.ensemble, v);
  const std::string json = io::verdict_json(v);
  if (!options.output.empty()) io::write_file(options.output, json);
  write_csv(v, options);
  std::cout << (options.json ? json : io::verdict_table(v));
  return v.broken() ? 5 : 0;
}

}  // namespace

Action add_validate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("case", options->case_file, "case file (TOML)")->required();
  app.add_option("doses", options->doses, "dose files of the case, one per method; the partition model needs none");
  app.add_option("-o,--output", options->output, "verdict to write (JSON)");
  app.add_option("--ensemble", options->ensemble,
                 "what the dose is known to, by ytterby ensemble: probabilities and intervals are its");
  app.add_option("--csv", options->csv, "metrics and differences to write (CSV)");
  add_force_flag(app, options->force);
  app.add_flag("--json", options->json, "print the verdict as JSON");
  app.add_flag("--dry-run", options->dry_run, "print the resolved case with every rule and setting and stop");
  return [options] { return run_validate(*options); };
}

}  // namespace ytterby::cli
