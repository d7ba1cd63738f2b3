#pragma once
// Shapes of binary masks: distances, closing, connected parts.

#include <cstdint>
#include <vector>

#include "engine/grid/grid.h"

namespace ytterby {

/// Squared distance [cm2] of every voxel's centre to the nearest centre of a voxel that is set; infinite where none is.
/// Exact, by lower envelopes of parabolas along each axis: Felzenszwalb, Huttenlocher, Theory Comput. 8 (2012) 415.
std::vector<double> squared_distance(const std::vector<std::uint8_t>& set, const Grid& grid);

/// Closing by a ball of `radius` [cm]: dilation, then erosion. Beyond the grid nothing is set, and nothing is eroded
/// from there.
std::vector<std::uint8_t> closed(const std::vector<std::uint8_t>& set, const Grid& grid, double radius);

/// Connected parts over faces (6-connected): 0 where not set, else 1, 2, ... in the order of their first voxels.
struct ConnectedParts {
  std::vector<std::int32_t> label;
  int count = 0;
};
ConnectedParts connected_parts(const std::vector<std::uint8_t>& set, const Grid& grid);

}  // namespace ytterby
