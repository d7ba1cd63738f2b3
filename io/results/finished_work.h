#pragma once
// What is finished is not written over by chance.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "io/results/dose_file.h"

namespace ytterby::io {

/// What decides whether one dose may take another's place.
struct DoseClaim {
  std::string content_hash;  // of the case; empty: not known yet
  std::string method;        // as in dose files
  std::string estimator;     // of Monte Carlo; empty: not chosen yet, or none
  std::optional<std::uint64_t> seed;
  double electron_cutoff = 0, photon_cutoff = 0;  // [MeV]
  std::uint64_t histories = 0;                    // of all sessions, or of the kernel; 0: there are none
  std::optional<GoalRecord> goal;                 // ends the run early
};

/// Whether a command may write over finished work: --force.
enum class Force { no, yes };

/// What a dose file claims; empty for what is no dose file or too damaged to be one. Voxels are not read. Throws
/// Fault::input for a dose file of a newer format.
std::optional<DoseClaim> claim_of(const std::filesystem::path& path);

/// Refuses to write over a finished dose, unless `run` is one of the same case, method, estimator, seed and cutoffs
/// with as many histories or more (and, where its goal may end it early, with a goal as near as the old one's); over a
/// kernel or a checkpoint always. Other files may be replaced. Throws Fault::input naming the file and --force.
void check_replaced(const std::filesystem::path& path, Force force, const std::optional<DoseClaim>& run = {});

/// Refuses to start afresh where a checkpoint lies, or any file of that name. Throws Fault::input naming it, --resume
/// and --force.
void check_fresh_start(const std::filesystem::path& checkpoint, Force force);

}  // namespace ytterby::io
