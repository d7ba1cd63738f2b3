#pragma once
// --histories, --seed, --device, --threads and the goal of a run: one meaning in all verbs.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/run/run_options.h"

namespace CLI {
class App;
}

namespace ytterby::cli {

/// What they say; what is unset is the verb's to choose, mostly the case file's.
struct RunFlags {
  std::optional<std::uint64_t> histories;
  std::optional<std::uint64_t> seed;
  Backend backend = Backend::automatic;
  std::vector<int> cuda_devices;  // empty: all that can be used
  int threads = 0;                // 0: all processors
};

/// Which of them a verb has, with its help text; null: not this one.
struct RunFlagTexts {
  const char* histories = nullptr;
  const char* seed = nullptr;
  const char* device = nullptr;
  const char* threads = "threads on the CPU; default: all processors";
};

/// Declares them on a verb. `flags` outlives the parsing of the command line. Values that cannot be throw Fault::usage
/// while it is parsed.
void add_run_flags(CLI::App& app, RunFlags& flags, const RunFlagTexts& texts);

/// What ends a run early: relative standard errors.
struct GoalFlags {
  std::optional<double> uncertainty;        // of the goal's mean dose
  std::optional<double> voxel_uncertainty;  // of its worst voxel
  std::string goal = "tumours";             // a structure
};

/// --uncertainty, --voxel-uncertainty and --goal; as above.
void add_goal_flags(CLI::App& app, GoalFlags& flags);

}  // namespace ytterby::cli
