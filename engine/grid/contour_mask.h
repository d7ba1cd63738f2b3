#pragma once
// Closed contours in parallel planes to shares of voxels.

#include <vector>

#include "engine/grid/contour_slabs.h"
#include "engine/grid/crop.h"

namespace ytterby::io {

/// A closed planar contour, its last point joined to its first [cm].
using Contour = std::vector<Vector3>;

/// The contours of one region of interest.
struct ContourRegion {
  std::vector<Contour> contours;
  Within within = Within::nested;
};

/// Planes missing inside a region, between two whose areas overlap.
struct MissingPlanes {
  double low_mm = 0,
         high_mm = 0;  // the planes on either side, along the axis of the patient that is nearest their normal
  double volume = 0;   // what lies between, by the mean of both areas [cm3]
  bool filled = false;
};

struct ContourMask {
  Grid grid;            // the lattice: the given grid, or one of the contours' own where their planes are oblique to it
  Box box;              // of the content; may reach beyond the grid
  Image<float> inside;  // volume shares within the box

  std::vector<MissingPlanes> missing;
  double step_mm = 0;       // largest distance of planes
  double slice_mm = 0;      // of the lattice, across the planes
  std::size_t alone = 0;    // planes of one slice, though others are farther: no neighbour goes on with them
  double departure_mm = 0;  // of a plane from its even lattice, where it is more than rounding
  ContourCounts counts;
  double beyond_odd = 0;  // volume less that of an exclusive-or of contours that overlap in part [cm3]
};

/// The volume that contours enclose, voxel by voxel; regions unite.
///
/// A plane stands for a step of the lattice of planes (slabs_of), within which `enclosed` says what is inside. One
/// missing plane is filled by its neighbours where they overlap, more of them by `rule`. Areas are exact along x and
/// sampled by 32 lines per voxel along y. Throws Fault::input where contours are not planar, not parallel, lie on no
/// even lattice, far off the grid, or enclose no volume.
ContourMask rasterise_regions(const std::vector<ContourRegion>& regions, const Grid& grid,
                              GapRule rule = GapRule::leave);

/// The same for one region.
ContourMask rasterise(const std::vector<Contour>& contours, const Grid& grid);

}  // namespace ytterby::io
