#pragma once
// Closed contours in parallel planes to shares of voxels.

#include <vector>

#include "engine/grid/crop.h"

namespace ytterby::io {

/// A closed planar contour, its last point joined to its first [cm].
using Contour = std::vector<Vector3>;

struct ContourMask {
  Grid grid;            // the lattice: the given grid, or one of the contours' own where their planes are oblique to it
  Box box;              // of the content; may reach beyond the grid
  Image<float> inside;  // volume shares within the box
};

/// The volume that contours enclose, voxel by voxel.
///
/// A plane stands for the slab that reaches half-way to its neighbours, and as far beyond the last ones; gaps of more
/// than twice the usual distance stay empty. Within a plane a point is inside where it is inside an odd number of
/// contours: nested contours and keyholes are holes. Areas are exact along x and sampled by 32 lines per voxel along
/// y. Throws Fault::input where contours are not planar, not parallel, have no area or lie far off the grid.
ContourMask rasterise(const std::vector<Contour>& contours, const Grid& grid);

}  // namespace ytterby::io
