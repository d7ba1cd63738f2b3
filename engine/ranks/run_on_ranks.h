#pragma once
// Runs all batches on the processes that share a run.

#include "engine/ranks/rank_worker.h"
#include "engine/ranks/ranks.h"

namespace ytterby {

/// As run_batches(), by all ranks of options.ranks, each of which calls it: in rounds, in which rank r does batch
/// first + r. A round ends with an exchange of the batches' ledgers and structure energies, so that every rank asks the
/// stop rule in the order of batches and drops what lies beyond the last that counts. Dose and squares stay where they
/// are until a checkpoint or the end, when rank 0 gets their sums: its result is the run's, the others' holds all but
/// those. Checkpoints and the end by a signal are met by all ranks within moments, parts of batches included.
BatchRun run_batches_on_ranks(RankWorker& worker, const RunOptions& options, std::uint64_t per_batch,
                              std::size_t voxels, std::size_t structures);

}  // namespace ytterby
