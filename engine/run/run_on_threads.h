#pragma once
// Runs all batches on the host's threads.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/run/batch_run.h"
#include "kernels/launch/launch.h"

namespace ytterby {

/// Histories as they come, at the best instruction level; what `view` points at has to outlive it.
PortionRunner plain_runner(const TransportView& view, std::uint64_t seed);
/// The correlated estimator's; `known`: PortionRunner's.
PortionRunner correlated_runner(const TransportView& view, const ReferenceView& reference, std::uint64_t seed,
                                std::vector<double> known = {});

/// Histories that a thread takes at a time.
std::uint64_t portion_size(std::uint64_t per_batch, int threads);

/// What the result says of where it was made: "cpu avx2, 2 threads".
std::string threads_text(const std::string& level, int threads);

/// Threads share a batch in portions and have tallies of their own; integers make the sums the same for any number of
/// them. Throws Fault::internal where a batch's ledger does not balance or a status bit is set.
BatchRun run_on_threads(const PortionRunner& runner, const RunOptions& options, std::uint64_t per_batch,
                        std::span<const SparseStructure> structures);

}  // namespace ytterby
