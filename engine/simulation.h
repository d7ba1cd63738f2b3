#pragma once
// The Monte Carlo entry point.

#include <span>

#include "engine/dose/dose_map.h"
#include "engine/patient/phantom.h"
#include "engine/patient/source.h"
#include "engine/patient/structures.h"
#include "engine/run/run_options.h"

namespace ytterby {

/// Simulates `options.histories` decays and returns the dose for the complete decay of the source's activity
/// (per decay for a segment source).
///
/// The result's bits depend on phantom, source, seed, histories and batches alone, not on threads.
/// Throws Fault::input for a source without activity or sizes that do not match, Fault::device where the backend
/// asked for cannot run, Fault::internal if the energy ledger does not balance or an iteration cap is met.
DoseMap simulate(const Phantom& phantom, const Source& source, const RunOptions& options,
                 std::span<const Structure> structures = {});

}  // namespace ytterby
