#pragma once
// Runs all batches on one CUDA device.

#include <span>

#include "engine/batch_runner.h"
#include "kernels/transport/tables_view.h"

namespace ytterby {

/// As run_batches(), on the CUDA device `device`; the same histories, and integers make the sums the same whatever the
/// order. The view's pointers are the host's; everything is copied. Batches follow each other in one stream and the
/// host looks in after every few of them. Throws Fault::device where the device fails or its memory does not suffice
/// (with what the case needs), Fault::internal where a ledger does not balance or a status bit is set.
BatchRun run_batches_cuda(const TransportView& view, const RunOptions& options, std::uint64_t per_batch,
                          std::span<const SparseStructure> structures, int device);

/// Device memory that a case takes [bytes], tables left out.
std::size_t cuda_memory_needed(std::size_t voxels, std::uint64_t per_batch);

}  // namespace ytterby
