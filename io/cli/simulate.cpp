#include "io/cli/simulate.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <iostream>
#include <limits>
#include <memory>
#include <span>

#include "engine/base/error.h"
#include "engine/simulation.h"
#include "io/case/case_inputs.h"
#include "io/cli/dose_table.h"
#include "io/cli/ends/stop_signals.h"
#include "io/cli/options.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/checkpoints.h"
#include "io/cli/run/estimator.h"
#include "io/cli/run/files.h"
#include "io/cli/run/kept.h"
#include "io/cli/run/memory_check.h"
#include "io/cli/run/progress.h"
#include "io/cli/run/same_case.h"
#include "io/cli/run/started_ranks.h"
#include "io/cli/verbs.h"
#include "io/evaluation/judgeable.h"
#include "io/prepare/dose_of_case.h"
#include "io/prepare/prepare.h"
#include "io/results/checkpoint_file.h"

namespace ytterby::cli {
namespace {

int goal_index(const io::PreparedCase& prepared, const std::string& goal) {
  const auto found = std::find_if(prepared.structures.begin(), prepared.structures.end(),
                                  [&](const Structure& s) { return s.name == goal; });
  if (found == prepared.structures.end()) {
    throw Error(Fault::input, prepared.resolved.file.string() + ": has no structure \"" + goal +
                                  "\", which --uncertainty needs as its goal (--goal names another)");
  }
  return static_cast<int>(found - prepared.structures.begin());
}

/// What ends a run early.
std::optional<io::GoalRecord> goal_of(const SimulateOptions& options) {
  if (!options.uncertainty && !options.voxel_uncertainty) return {};
  return io::GoalRecord{options.goal, options.uncertainty.value_or(0), options.voxel_uncertainty.value_or(0)};
}

RunOptions run_options(const io::CaseFile& resolved, const SimulateOptions& options) {
  const io::TransportSection& transport = resolved.transport;
  RunOptions run;
  run.histories = transport.histories;
  run.seed = transport.seed;
  run.threads = options.threads;
  run.backend = options.backend;
  run.cuda_devices = options.cuda_devices;
  run.estimator = options.estimator.value_or(Estimator::plain);
  run.ranks = ranks();
  if (run.ranks != nullptr && run.threads == 0) run.threads = run.ranks->threads();
  run.transport.electron_cutoff = transport.electron_cutoff_keV / 1000;
  run.transport.photon_cutoff = transport.photon_cutoff_keV / 1000;
  return run;
}

/// What --resume finds: a checkpoint of this very run, or nothing.
io::Checkpoint checkpoint_to_resume(const std::filesystem::path& file, const io::PreparedCase& prepared,
                                    const RunOptions& run, const SimulateOptions& options) {
  const io::CheckpointIdentity identity = io::identity_of(prepared.content_hash, run);
  std::error_code ignored;
  if (!options.resume) return {identity, {}};
  if (!of_rank_0(std::filesystem::exists(file, ignored))) {
    spdlog::info("{} is not there: starting afresh", file.string());
    return {identity, {}};
  }
  io::Checkpoint found;
  try {
    found = io::read_checkpoint(file, identity);
  } catch (const Error& error) {
    if (options.force == io::Force::no) throw Error(error.fault(), std::string(error.what()) + "; --force drops it");
    spdlog::warn("{}: starting afresh", error.what());
    return {identity, {}};
  }
  std::uint64_t histories = 0;
  for (const auto& s : found.sessions) histories += s->per_batch * static_cast<std::uint64_t>(s->batches) + s->done;
  spdlog::info("going on after {} histories", histories);
  return found;
}

/// Refuses outputs that are inputs, and those that would take finished work's place: the dose, and what an interrupted
/// run left.
void check_run_files(const io::CaseFile& c, const SimulateOptions& options, const std::string& content_hash) {
  if (!speaks()) return;
  const std::filesystem::path checkpoint = io::checkpoint_path(options.output);
  check_files({{options.output, "-o"}}, {}, options.force, claim_of_run(c, options, content_hash));
  io::check_outputs({{options.output, "-o"}, {checkpoint, "the checkpoint of -o"}}, io::files_read_by(c));
  if (!options.resume && !io::is_begun_alone(checkpoint, c.transport.histories))
    io::check_fresh_start(checkpoint, options.force);
}

/// A complete run needs its checkpoint no more, unless it was asked for.
void drop_checkpoint(CheckpointWriter& writer, const std::filesystem::path& file, const SimulateOptions& options) {
  try {
    writer.flush();
  } catch (const Error& error) {
    // Of no account where nobody asked for it: the dose file is there.
    if (options.keep_checkpoint) throw Error(error.fault(), std::string(error.what()) + "; the dose file is there");
  }
  if (options.keep_checkpoint) return;
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
}

/// What --resume may find: a finished run of the same seed and at least as many histories, if the case proves the same.
std::optional<io::DoseFile> perhaps_finished(const io::CaseFile& resolved, const SimulateOptions& options) {
  std::error_code ignored;
  if (!speaks() || !options.resume || !std::filesystem::exists(options.output, ignored) ||
      std::filesystem::exists(io::checkpoint_path(options.output), ignored)) {
    return {};
  }
  try {
    io::DoseFile file = io::read_dose(options.output);
    if (same_run(file, resolved, options)) return file;
  } catch (const Error&) {
    // Another file of that name: whether it may be replaced is asked elsewhere.
  }
  return {};
}

}  // namespace

io::CaseFile resolved_case(const SimulateOptions& options) {
  io::CaseFile c = io::read_case(options.case_file);
  if (options.histories) c.transport.histories = *options.histories;
  if (options.seed) c.transport.seed = *options.seed;
  return c;
}

bool same_run(const io::DoseFile& file, const io::CaseFile& resolved, const SimulateOptions& options) {
  const io::TransportSection& t = resolved.transport;
  const bool same =
      file.map.method == "monte-carlo" && file.map.seed == t.seed &&
      (!options.estimator || file.map.correlated.has_value() == (*options.estimator == Estimator::correlated)) &&
      file.electron_cutoff == t.electron_cutoff_keV / 1000 && file.photon_cutoff == t.photon_cutoff_keV / 1000;
  const bool all = file.map.histories >= t.histories * std::max<std::size_t>(1, resolved.sessions.size());
  const auto wanted = goal_of(options);
  const bool precise = wanted && file.goal && io::as_near(*file.goal, *wanted);
  return same && (all || precise);
}

io::DoseClaim claim_of_run(const io::CaseFile& resolved, const SimulateOptions& options,
                           const std::string& content_hash) {
  const RunOptions run = run_options(resolved, options);
  io::DoseClaim claim{content_hash,
                      "monte-carlo",
                      options.estimator ? std::string(estimator_name(*options.estimator)) : "",
                      run.seed,
                      run.transport.electron_cutoff,
                      run.transport.photon_cutoff,
                      0,
                      {}};
  claim.histories = histories_per_batch(run.histories, run.batches) * static_cast<std::uint64_t>(run.batches) *
                    std::max<std::size_t>(1, resolved.sessions.size());
  claim.goal = goal_of(options);
  return claim;
}

io::DoseFile simulate_prepared(io::PreparedCase prepared, const SimulateOptions& options) {
  const std::size_t said = prepared.warnings.size();
  check_judgeable(prepared);
  tell_warnings(prepared.warnings, said);
  const auto held = speaks() ? hold_output(options.output) : nullptr;
  RunOptions run = run_options(prepared.resolved, options);
  if (goal_of(options)) {
    run.goal_uncertainty = options.uncertainty.value_or(0);
    run.goal_voxel_uncertainty = options.voxel_uncertainty.value_or(0);
    run.goal_structure = goal_index(prepared, options.goal);
  }
  const auto checkpoint_file = io::checkpoint_path(options.output);
  if (!options.estimator) {
    const std::optional<Estimator> begun =
        options.resume && speaks() ? io::estimator_of_checkpoint(checkpoint_file) : std::optional<Estimator>{};
    run.estimator = !of_rank_0(begun.has_value())               ? chosen_estimator(prepared, run)
                    : of_rank_0(begun == Estimator::correlated) ? Estimator::correlated
                                                                : Estimator::plain;
  }
  const io::Checkpoint taken_up = checkpoint_to_resume(checkpoint_file, prepared, run, options);
  SimulateOptions chosen = options;
  chosen.estimator = run.estimator;
  check_run_files(prepared.resolved, chosen, prepared.content_hash);
  const std::size_t last_session = prepared.sessions.empty() ? 0 : prepared.sessions.size() - 1;
  CheckpointWriter writer(checkpoint_file, speaks() ? taken_up : io::Checkpoint{}, last_session + 1);
  const StopSignals signals;
  ProgressBar bar(!speaks());
  run.on_progress = [&bar](const Progress& progress) { bar.update(progress); };
  run.interrupted = [] { return StopSignals::received() != 0; };
  const bool checkpoints_fit = check_simulation_memory(prepared, run, options.keep_checkpoint);
  run.checkpoint_seconds = checkpoints_fit ? options.checkpoint_seconds : std::numeric_limits<double>::infinity();
  std::uint64_t histories = 0;
  const io::Method method = [&](const Phantom& phantom, const Source& source, std::span<const Structure> structures,
                                int session) {
    RunOptions of_session = run;
    // Sessions have random numbers of their own: errors add in quadrature.
    of_session.seed = run.seed + (static_cast<std::uint64_t>(session) << 32);
    const std::optional<VoxelKernel> reference = reference_kernel(phantom, source, of_session, bar);
    of_session.reference = reference ? &*reference : nullptr;
    if (!reference) of_session.estimator = Estimator::plain;
    const auto s = static_cast<std::size_t>(session);
    if (s < taken_up.sessions.size()) of_session.resume = taken_up.sessions[s].get();
    // Of the last session's end nobody needs a checkpoint: the dose file comes next.
    const bool last_state = of_session.last_state = s != last_session || options.keep_checkpoint;
    of_session.write_seconds = [&writer] { return writer.write_seconds(); };
    of_session.on_checkpoint = [&, s, last_state](RunState state) {
      if (state.complete && !last_state) return;
      writer.keep(s, std::move(state));
    };
    DoseMap map = simulate(phantom, source, of_session, structures);
    bar.finish();
    histories += map.histories;
    if (map.interrupted && s != last_session) throw Stopped();
    if (!map.device_note.empty()) spdlog::info("{}", map.device_note);
    return map;
  };
  const std::size_t told = prepared.warnings.size();
  const std::string content_hash = prepared.content_hash;
  io::DoseFile file;
  try {
    file = io::dose_by(method, std::move(prepared));
  } catch (const Stopped&) {  // before a session's first history
    file.map.interrupted = true;
    file.map.histories = histories;
  }
  if (!speaks()) return file;  // of this rank's batches alone
  if (file.map.interrupted) {
    writer.flush();
    if (!std::filesystem::exists(checkpoint_file))
      io::write_begun_checkpoint(checkpoint_file, io::identity_of(content_hash, run), run.histories);
    return file;
  }
  if (file.map.goal_reached) file.goal = goal_of(options);
  if (!file.map.goal_reached) {
    file.warnings.push_back(
        {"uncertainty-not-reached",
         io::WarningClass::note,
         fmt::format("the uncertainty asked for was not reached within {} histories", file.map.histories),
         {{"histories", static_cast<double>(file.map.histories)},
          {"relative_error", options.uncertainty.value_or(0)},
          {"voxel_relative_error", options.voxel_uncertainty.value_or(0)}}});
  }
  tell_warnings(file.warnings, told);
  io::write_dose(options.output, file);
  drop_checkpoint(writer, checkpoint_file, options);
  return file;
}

int stopped_status(const io::DoseFile& file, const SimulateOptions& options) {
  spdlog::warn("stopped after {} histories of whole batches: {} is there, --resume goes on", file.map.histories,
               io::checkpoint_path(options.output).string());
  return 128 + (StopSignals::received() != 0 ? StopSignals::received() : SIGTERM);  // another rank's
}

int run_simulate(const SimulateOptions& options) {
  const io::CaseFile resolved = resolved_case(options);
  if (options.dry_run) {
    if (speaks()) print_resolved(resolved);
    return 0;
  }
  if (options.output.empty()) throw Error(Fault::usage, "simulate needs -o DOSE.h5");
  if (ranks() != nullptr && !ranks()->note().empty()) spdlog::warn("{}", ranks()->note());
  const auto held = speaks() ? hold_output(options.output) : nullptr;
  std::optional<io::DoseFile> finished = perhaps_finished(resolved, options);
  if (!finished) check_run_files(resolved, options, "");
  const auto least = [&](const Grid& grid) { return least_simulation_memory(grid, run_options(resolved, options)); };
  io::PreparedCase prepared = prepare_aloud(resolved, least);
  if (ranks() != nullptr) check_same_case(*ranks(), prepared);
  if (of_rank_0(finished && finished->content_hash == prepared.content_hash &&
                may_stay(*finished, options.output.string(), options, options.keep_older))) {
    spdlog::info("{} is complete already", options.output.string());
    if (finished) print_dose(*finished, options.json);
    return 0;
  }
  finished.reset();
  const io::DoseFile file = simulate_prepared(std::move(prepared), options);
  if (file.map.interrupted) return stopped_status(file, options);
  if (speaks()) print_dose(file, options.json);
  return 0;
}

Action add_simulate(CLI::App& app) {
  struct Text : RunFlags, GoalFlags {
    std::string case_file, output, estimator = "auto";
    double checkpoint_seconds = 60;
    bool json = false, dry_run = false, resume = false, keep_checkpoint = false, keep_older = false, force = false;
  };
  auto text = std::make_shared<Text>();
  app.add_option("case", text->case_file, "case file (TOML)")->required();
  app.add_option("-o,--output", text->output, "dose file to write (HDF5)");
  add_run_flags(app, *text,
                {.histories = "decays to simulate, e.g. 2e7; default: the case's",
                 .seed = "seed of the random numbers; default: the case's",
                 .device = "cpu, cuda, cuda:0,1, or auto (the default): the GPUs that agree with the CPU in a short "
                           "check, else the CPU"});
  add_goal_flags(app, *text);
  app.add_option("--estimator", text->estimator,
                 "plain; correlated: known doses plus what differs; or auto: correlated where soft tissue emits and no "
                 "GPU is used")
      ->capture_default_str();
  app.add_flag("--resume", text->resume, "go on from the checkpoint beside the dose file, where there is one");
  app.add_option("--checkpoint-every", text->checkpoint_seconds,
                 "seconds between checkpoints; more where they would take over 5 % of the run")
      ->capture_default_str();
  app.add_flag("--keep-checkpoint", text->keep_checkpoint,
               "keep the checkpoint of a complete run: --resume with more --histories then adds to it");
  add_keep_older_flag(app, text->keep_older);
  add_force_flag(app, text->force);
  app.add_flag("--json", text->json, "print the table as JSON");
  app.add_flag("--dry-run", text->dry_run, "print the resolved case with every default and stop");
  return [text] {
    SimulateOptions options;
    static_cast<RunFlags&>(options) = *text;
    options.case_file = text->case_file;
    options.output = text->output;
    static_cast<GoalFlags&>(options) = *text;
    options.estimator = estimator_option(text->estimator);
    options.resume = text->resume;
    options.checkpoint_seconds = number_option("--checkpoint-every", text->checkpoint_seconds, 0, 1e6);
    options.keep_checkpoint = text->keep_checkpoint;
    options.keep_older = text->keep_older;
    options.force = force_option(text->force);
    options.json = text->json;
    options.dry_run = text->dry_run;
    return run_simulate(options);
  };
}

}  // namespace ytterby::cli
