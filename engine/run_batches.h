#pragma once
// The one place that chooses between threads, devices and ranks.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/run/batch_run.h"
#include "engine/run/device_choice.h"
#include "kernels/tables/tables_view.h"

namespace ytterby {

/// On the host's threads, or on those of all options.ranks.
BatchRun run_batches(const PortionRunner& runner, const RunOptions& options, std::uint64_t per_batch,
                     std::span<const SparseStructure> structures);

/// Histories as they come, on the GPUs chosen or else the CPU. What goes wrong with a device that was chosen for the
/// user moves the run to the CPU, with a note in `choice`.
BatchRun run_batches(BackendChoice& choice, const TransportView& view, const RunOptions& options,
                     std::uint64_t per_batch, std::span<const SparseStructure> structures);

/// The correlated estimator, in the same places: `known` is the structures' energy of K A_S in a batch [quanta].
BatchRun run_correlated_batches(BackendChoice& choice, const TransportView& view, const ReferenceView& reference,
                                const RunOptions& options, std::uint64_t per_batch,
                                std::span<const SparseStructure> structures, std::vector<double> known);

/// Its runs in the reference medium by themselves, added up: what a kernel is made of.
BatchRun run_reference_batches(BackendChoice& choice, const TransportView& view, const ReferenceView& reference,
                               const RunOptions& options, std::uint64_t per_batch,
                               std::span<const SparseStructure> structures);

}  // namespace ytterby
