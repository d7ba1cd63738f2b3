#pragma once
// What --estimator correlated needs before the first history.

#include <optional>

#include "engine/correlated.h"
#include "io/cli/run/progress.h"

namespace ytterby::cli {

/// The reference kernel of a correlated run, from the cache or made now, with a line in the log; none for a plain run,
/// and, with a warning, where no source voxel has soft tissue alone around it.
std::optional<VoxelKernel> reference_kernel(const Phantom& phantom, const Source& source, const RunOptions& run,
                                            ProgressBar& bar);

}  // namespace ytterby::cli
