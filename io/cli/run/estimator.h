#pragma once
// Which estimator a run gets, and what the correlated one needs before the first history.

#include <optional>

#include "engine/correlated.h"
#include "io/cli/run/progress.h"
#include "io/prepare/prepare.h"

namespace ytterby::cli {

/// What --estimator auto means: correlated where some activity of a session lies in S (engine/correlated.h), unless a
/// GPU will run it, whose plain histories are cheaper than coupled ones on CPUs, or a batch would have more histories
/// than the correlated one takes; else plain. With a line in the log. Ranks choose as rank 0 does.
Estimator chosen_estimator(const io::PreparedCase& prepared, const RunOptions& run);

/// The reference kernel of a correlated run, from the cache or made now, with a line in the log; none for a plain run,
/// and, with a warning, where no source voxel has soft tissue alone around it. Throws Stopped, on all ranks, where one
/// of them had a stop signal meanwhile.
std::optional<VoxelKernel> reference_kernel(const Phantom& phantom, const Source& source, const RunOptions& run,
                                            ProgressBar& bar);

}  // namespace ytterby::cli
