#pragma once

#include <cstddef>
#include <string>

#include "engine/grid/grid.h"

namespace ytterby {

/// "voxel (x, y, z)" of a linear index, for messages.
std::string voxel_name(const Grid& grid, std::size_t index);

}  // namespace ytterby
