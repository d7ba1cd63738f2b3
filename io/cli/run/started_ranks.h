#pragma once
// Was the program started several times by mpirun or srun?

#include "engine/ranks/ranks.h"

namespace ytterby::cli {

/// The processes that this one shares its run with, while StartedRanks lives; null without.
Ranks* ranks();
/// Rank 0, or alone: who reads nothing for others, writes and prints.
bool speaks();
/// Rank 0's answer, on all ranks: files and devices may look different elsewhere.
bool of_rank_0(bool answer);
/// Whether any rank's answer is yes, on all ranks.
bool of_any_rank(bool answer);

/// Starts MPI where the program was started more than once (from what mpirun and srun set in the environment), and at
/// no other time.
class StartedRanks {
 public:
  /// Throws Fault::usage where several were started, and there is no MPI.
  StartedRanks();
  ~StartedRanks();
  StartedRanks(const StartedRanks&) = delete;
  StartedRanks& operator=(const StartedRanks&) = delete;
};

}  // namespace ytterby::cli
