// `ytterby verify PLAN_CASE DELIVERED_CASE -o VERIFY.json`: plan against delivery.

#include "io/evaluation/verify.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/methods/local_deposition.h"
#include "io/case/case_inputs.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/files.h"
#include "io/cli/verbs.h"
#include "io/evaluation/ensemble.h"
#include "io/evaluation/protocol_of.h"
#include "io/prepare/dose_of_case.h"
#include "io/report/verify_page.h"
#include "io/system/output_file.h"

namespace ytterby::cli {
namespace {

struct Options {
  std::string plan, delivered, output, report;
  std::vector<std::string> doses, ensembles;
  bool json = false, dry_run = false, force = false;
};

io::DoseFile local_dose(const io::PreparedCase& prepared) {
  return io::dose_by([](const Phantom& phantom, const Source& source, std::span<const Structure> structures,
                        int) { return local_deposition(phantom, source.voxels->activity, source.nuclide, structures); },
                     prepared);
}

/// The files that belong to a case, by its content hash; local deposition where no file is named.
std::vector<io::DoseInput> inputs_of(const io::PreparedCase& prepared, const std::vector<std::string>& files,
                                     const std::string& other_hash) {
  std::vector<io::DoseInput> inputs;
  if (files.empty()) return {{"local deposition", [&prepared] { return local_dose(prepared); }}};
  for (const std::string& name : files) {
    const std::string hash = io::read_dose(name).content_hash;
    if (hash == prepared.content_hash) {
      inputs.push_back({name, [name] { return io::read_dose(name); }});
    } else if (hash != other_hash) {
      throw Error(Fault::input, name + ": is the dose of another case: its content_hash is " + hash +
                                    ", those of the two cases are " + prepared.content_hash + " and " + other_hash);
    }
  }
  return inputs;
}

int run_verify(const Options& options) {
  const io::CaseFile plan = io::read_case(options.plan), delivered = io::read_case(options.delivered);
  auto inputs = with_doses(io::files_read_by(plan), options.doses);
  for (auto& file : io::files_read_by(delivered)) inputs.push_back(std::move(file));
  for (const std::string& file : options.ensembles) inputs.push_back({file, "an ensemble"});
  check_files({{options.output, "-o"}, {options.report, "--report"}}, inputs, force_option(options.force));
  if (options.dry_run) {
    print_resolved(plan);
    print_resolved(delivered);
    return 0;
  }
  io::protocol_of(plan);  // refuses a wrong rule before images are read
  io::protocol_of(delivered);
  std::vector<io::EnsembleResult> ensembles;
  for (const std::string& file : options.ensembles) ensembles.push_back(io::read_ensemble(file));
  const io::PreparedCase a = prepare_aloud(plan), b = prepare_aloud(delivered);
  io::Verification v =
      io::verify_cases(a, b, inputs_of(a, options.doses, b.content_hash), inputs_of(b, options.doses, a.content_hash));
  for (std::size_t i = 0; i < ensembles.size(); ++i)
    io::take_ensemble(std::move(ensembles[i]), options.ensembles[i], v);
  const std::string json = io::verification_json(v);
  if (!options.output.empty()) io::write_file(options.output, json);
  if (!options.report.empty()) io::write_file(options.report, io::verify_page(json));
  std::cout << (options.json ? json : io::verification_table(v));
  return v.broken() ? 5 : 0;
}

}  // namespace

Action add_verify(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("plan", options->plan, "case file of the plan (TOML)")->required();
  app.add_option("delivered", options->delivered, "case file of the delivery: its PET or SPECT and what was given")
      ->required();
  app.add_option("-o,--output", options->output, "verification to write (JSON)");
  app.add_option("--doses", options->doses,
                 "dose files of both cases, in any order; without them local deposition of both");
  app.add_option("--ensemble", options->ensembles,
                 "what the doses are known to, by ytterby ensemble, of the plan, the delivery or both, in any order");
  app.add_option("--report", options->report, "page to write (HTML)");
  add_force_flag(app, options->force);
  app.add_flag("--json", options->json, "print the verification as JSON");
  app.add_flag("--dry-run", options->dry_run, "print both resolved cases, one after the other, and stop");
  return [options] { return run_verify(*options); };
}

}  // namespace ytterby::cli
