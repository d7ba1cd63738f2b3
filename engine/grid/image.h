#pragma once
// Values on a grid.

#include <vector>

#include "engine/grid/grid.h"

namespace ytterby {

/// One value per voxel, x fastest; the unit is the owner's to state.
template <class T>
struct Image {
  Grid grid;
  std::vector<T> values;  // size grid.voxels()
};

}  // namespace ytterby
