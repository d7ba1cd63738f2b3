#pragma once
// What `ytterby simulate` does, callable by other verbs.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/run/run_options.h"
#include "io/case/case_file.h"
#include "io/cli/run/run_flags.h"
#include "io/prepare/prepare.h"
#include "io/results/dose_file.h"
#include "io/results/finished_work.h"

namespace ytterby::cli {

/// The options of `simulate`; what is unset comes from the case file.
struct SimulateOptions : RunFlags, GoalFlags {
  std::filesystem::path case_file;
  std::filesystem::path output;        // may be empty with dry_run
  std::optional<Estimator> estimator;  // unset: io/cli/run/estimator.h chooses
  bool resume = false;                 // go on from the checkpoint beside the output, where there is one
  io::Force force = io::Force::no;     // write over another finished dose; start afresh over another run's checkpoint
  bool keep_checkpoint = false;        // also when the run is complete, so that its histories can be raised
  bool keep_older = false;             // a finished dose stays that another build of the program made
  double checkpoint_seconds = 60;
  bool json = false;     // the table as JSON
  bool dry_run = false;  // print the resolved case, compute nothing
};

/// Reads and prepares the case, simulates, writes the dose file and prints the structure table and the ledger to
/// stdout. Returns the exit status; throws ytterby::Error.
int run_simulate(const SimulateOptions& options);

/// The dose of a prepared case, without printing; the output is checked first and written last. A run that SIGINT or
/// SIGTERM ends leaves a checkpoint and no dose file; map.interrupted says so.
io::DoseFile simulate_prepared(io::PreparedCase prepared, const SimulateOptions& options);

/// Says on stderr that a run was stopped and how it goes on; returns the exit status of that signal.
int stopped_status(const io::DoseFile& file, const SimulateOptions& options);

/// The case with what the options override.
io::CaseFile resolved_case(const SimulateOptions& options);

/// What the run's dose will be, as far as it is known before it (io/results/finished_work.h). `content_hash` is the
/// case's; empty where it is not prepared yet.
io::DoseClaim claim_of_run(const io::CaseFile& resolved, const SimulateOptions& options,
                           const std::string& content_hash);

/// Whether a file is Monte Carlo's dose with the seed, cutoffs and estimator asked for, and as many histories or the
/// uncertainty; its content_hash is the caller's to compare.
bool same_run(const io::DoseFile& file, const io::CaseFile& resolved, const SimulateOptions& options);

}  // namespace ytterby::cli
