#include "engine/phantoms/shapes.h"

#include <cmath>

namespace ytterby::shapes {

Grid cubic_grid(const Point& low, const Point& high, double spacing) {
  // A hundredth of a voxel forgives lengths that are multiples of the spacing but for rounding.
  const auto voxels = [&](double length) { return static_cast<int>(std::ceil(length / spacing - 0.01)); };
  Grid grid;
  grid.shape = {voxels(high.x - low.x), voxels(high.y - low.y), voxels(high.z - low.z)};
  grid.spacing = {spacing, spacing, spacing};
  grid.origin = {low.x + spacing / 2, low.y + spacing / 2, low.z + spacing / 2};
  return grid;
}

}  // namespace ytterby::shapes
