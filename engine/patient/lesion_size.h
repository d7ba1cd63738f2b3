#pragma once
// How many lesions a mask holds, and how large each is.

#include <vector>

#include "engine/grid/image.h"
#include "engine/patient/sampled_diameter.h"

namespace ytterby {

/// Largest diameters.
struct LesionSize {
  Diameter axial;  // within one axial slice
  Diameter full;   // in space
};

/// Largest diameters of a mask, outer edge to outer edge. Axial slices are those of the image axis nearest to the
/// patient's z. 0 for an empty mask.
///
/// A mask of shares: largest distances between points of its 0.5 isosurface. On the lines between neighbouring voxel
/// centres the share inside is taken as linear, and beyond the image nothing is inside. Those points are the vertices
/// of the surface that marching cubes draws (axial: of the contours that marching squares draw in each slice). A mask
/// of 0 and 1: diameter_of_samples().
LesionSize lesion_size(const Image<float>& inside);

/// A connected part of a tumour's mask.
struct LesionPart {
  LesionSize size;
  double volume = 0;  // [cm3] of the mask's shares inside
};

/// The parts of a mask, largest first: voxels at least half inside, closed by a ball of `closing` [cm] and connected
/// over faces. Size and volume are those of the mask itself; shares of voxels less than half inside go with the part
/// beside them. A mask without a voxel that is half inside is one part of size 0.
std::vector<LesionPart> lesion_parts(const Image<float>& inside, double closing);

}  // namespace ytterby
