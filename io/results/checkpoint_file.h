#pragma once
// Checkpoints of a Monte Carlo run (HDF5; io/FORMATS.md).

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/run/run_options.h"
#include "engine/run/run_state.h"

namespace ytterby::io {

inline constexpr const char* checkpoint_format = "ytterby-checkpoint";

/// What has to be the same for a run to go on from a checkpoint.
struct CheckpointIdentity {
  std::string content_hash;  // of the case
  std::string program;       // version and commit
  std::uint64_t seed = 0;
  double electron_cutoff = 0, photon_cutoff = 0;  // [MeV]
  std::string estimator = "plain";
};

/// One state per session (one in all without sessions), those that were begun.
struct Checkpoint {
  CheckpointIdentity identity;
  std::vector<std::shared_ptr<const RunState>> sessions;  // shared: they are the size of the grid
};

/// The identity of this program's runs of a case.
CheckpointIdentity identity_of(const std::string& content_hash, const RunOptions& run);

/// The estimator of a checkpoint's run; empty where there is no checkpoint to be read. For who asks for any.
std::optional<Estimator> estimator_of_checkpoint(const std::filesystem::path& path);

/// Beside the dose file: DOSE.h5.checkpoint.
std::filesystem::path checkpoint_path(const std::filesystem::path& dose);

/// Writes beside and renames when whole: a reader meets the old one or the new one. A first one beside a dose that
/// others may not read is as private. Throws Fault::input where it cannot
/// be written.
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// The checkpoint of a run that was stopped before its first history: whose it is, and how many histories were wanted.
void write_begun_checkpoint(const std::filesystem::path& path, const CheckpointIdentity& identity,
                            std::uint64_t histories);

/// Whether it is such a one, of as many histories: a run that starts afresh over it loses nothing.
bool is_begun_alone(const std::filesystem::path& path, std::uint64_t histories);

/// Throws Fault::input for what is damaged or changed, and, naming what differs, for a checkpoint of another identity
/// than the expected one.
Checkpoint read_checkpoint(const std::filesystem::path& path, const std::optional<CheckpointIdentity>& expected = {});

}  // namespace ytterby::io
