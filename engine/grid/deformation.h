#pragma once
// Images that a deformable registration moves: content is accounted for.

#include <vector>

#include "engine/grid/image.h"

namespace ytterby {

/// Displacements on a grid: point p of the CT shows what lies at p + shift(p) in the image that moves, as resampling
/// has it. Linear between voxel centres, and beyond the last ones as there.
struct Deformation {
  Grid grid;
  std::vector<Vector3> shift;  // [cm], one per voxel, in LPS
};

/// A moved image on voxels of its own size and direction, and what became of its content.
template <class T>
struct Deformed {
  Image<T> image;
  double before = 0, after = 0;  // sum of content: value times voxel volume
  double smallest_stretch = 1;   // least volume that a unit of volume comes from, where there is content
};

/// A mask of volume fractions: `after` over `before` is the change of its volume. Masks and images are constant within
/// their voxels, as everywhere; voxels of the result are means over three to eight points along each axis, each with
/// the small box that is its own. Where nothing is moved nothing changes.
Deformed<float> deform_mask(const Image<float>& mask, const Deformation& field);

/// A concentration (per volume): what a volume holds stays in it, so values are multiplied by the determinant of the
/// map's gradient. `after` over `before` departs from 1 by what the field's grid does not cover, and by discretisation.
Deformed<double> deform_concentration(const Image<double>& concentration, const Deformation& field);

}  // namespace ytterby
