#pragma once
// Runs all batches on one or more devices.

#include <span>

#include "engine/device/device_run.h"
#include "engine/run/batch_run.h"

namespace ytterby {

/// As run_on_threads(), on devices: batch b goes to device b modulo their number, two at a time under way on each, so
/// that a batch is folded while the next is transported. The same histories; integers make the sums the same for any
/// number of devices. With a goal for the uncertainty a batch is folded only when those before it are known not to
/// have reached the goal; where voxels are the goal, options.voxels_asked are fetched as often as it asks.
/// `coupling`: of the correlated estimator; null for plain histories.
///
/// The view's pointers are the host's; everything is copied. Throws Fault::device where a device fails or its memory
/// does not suffice (with what the case needs), Fault::internal where a ledger does not balance or a status bit is set.
BatchRun run_batches_on_devices(std::span<Device* const> devices, const TransportView& view, const RunOptions& options,
                                std::uint64_t per_batch, std::span<const SparseStructure> structures,
                                const DeviceCoupling* coupling = nullptr);

/// Of a batch. Throws Fault::internal where its ledger does not balance or a status bit is set.
BatchTotals checked_totals(int batch, const DeviceTotals& totals);

/// Device memory that a case takes [bytes], tables left out.
std::size_t device_memory_needed(std::size_t voxels, std::uint64_t per_batch);

/// Throws Fault::device where a device lacks the memory, with both numbers.
void check_device_memory(const Device& device, std::size_t voxels, std::uint64_t per_batch);

}  // namespace ytterby
