#pragma once
// How large a lesion is, from its mask.

#include "engine/grid/image.h"

namespace ytterby {

/// Largest diameters [cm].
struct LesionSize {
  double axial = 0;  // within one axial slice
  double full = 0;   // in space
};

/// Largest distances between the centres of voxels that lie at least half inside. Axial slices are those of the image
/// axis nearest to the patient's z. Centre to centre is within 0.2 voxels of the diameter of a ball that was sampled at
/// voxel centres (tests), a little low; outer corners would be high by up to 1.7 voxels. 0 for an empty mask.
LesionSize lesion_size(const Image<float>& inside);

}  // namespace ytterby
