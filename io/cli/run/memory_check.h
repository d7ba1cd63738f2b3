#pragma once
// Does a run fit into memory? Told before it begins, and refused where it does not.

#include <string>

#include "engine/memory_estimate.h"
#include "engine/run/run_options.h"
#include "io/prepare/prepare.h"

namespace ytterby::cli {

/// Refuses what needs `more` bytes beside what the program has: throws Fault::input with both numbers. `what` begins
/// the line.
void require_memory(const std::string& what, double more);

/// What simulate() of a case takes beside the prepared case, all sessions considered [byte].
struct SimulationMemory {
  double run = 0;
  double with_checkpoint = 0;  // while one is written
};
SimulationMemory simulation_memory_of(const io::PreparedCase& prepared, const RunOptions& run, bool last_state);

/// The least of it that is known from the grid alone.
double least_simulation_memory(const Grid& grid, const RunOptions& run);

/// Refuses a simulation that does not fit, else logs what it takes. Where its checkpoints do not fit, warns and returns
/// false.
bool check_simulation_memory(const io::PreparedCase& prepared, const RunOptions& run, bool last_state);

/// Refuses a calculation that takes `more` bytes beside the prepared case and does not fit, else logs what it takes.
void check_memory(const io::PreparedCase& prepared, double more);

}  // namespace ytterby::cli
