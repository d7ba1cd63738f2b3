#pragma once
// The shell around the tumours: where a margin's dose is read.

#include <vector>

#include "engine/grid/grid.h"

namespace ytterby::validation {

/// Share of each voxel that lies outside the tumours and within `width` [cm] of their surface, and within `tissue`
/// (empty: everywhere). `tumours` are volume fractions; the surface is where a voxel is half inside, shifted by the
/// fraction of its voxels, so that shells are good to a fraction of a voxel (tests).
std::vector<float> shell_around(const std::vector<float>& tumours, const std::vector<float>& tissue, const Grid& grid,
                                double width);

}  // namespace ytterby::validation
