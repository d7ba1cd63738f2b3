#pragma once
// Photons fly through the grid as if it were uniform at the largest attenuation, and most collisions are not real.
// Woodcock et al., ANL-7050 (1965).

#include "kernels/tables/tables_view.h"
#include "kernels/vec3.h"

namespace ytterby::inline YTTERBY_LEVEL {

inline constexpr int delta_tracking_cap = 100000;

/// A point as voxel and position in it.
struct GridPoint {
  std::uint32_t x, y, z;
  std::uint32_t voxel;  // linear index
  Vec3 local;           // [cm] from the voxel's lower corner
};

/// Voxel of a point in grid coordinates; false outside the grid.
YTTERBY_HD bool locate_point(const GridView& grid, Vec3 p, GridPoint& at) {
  const float fx = p.x / grid.size[0], fy = p.y / grid.size[1], fz = p.z / grid.size[2];
  if (!(fx >= 0.0f && fy >= 0.0f && fz >= 0.0f)) return false;
  if (fx >= static_cast<float>(grid.shape[0]) || fy >= static_cast<float>(grid.shape[1]) ||
      fz >= static_cast<float>(grid.shape[2])) {
    return false;
  }
  at.x = static_cast<std::uint32_t>(fx);
  at.y = static_cast<std::uint32_t>(fy);
  at.z = static_cast<std::uint32_t>(fz);
  at.voxel = at.x + grid.shape[0] * (at.y + grid.shape[1] * at.z);
  at.local = {(fx - static_cast<float>(at.x)) * grid.size[0], (fy - static_cast<float>(at.y)) * grid.size[1],
              (fz - static_cast<float>(at.z)) * grid.size[2]};
  return true;
}

YTTERBY_HD std::uint32_t voxel_word(const GridView& grid, const GridPoint& at) { return grid.voxels[at.voxel]; }

}  // namespace ytterby::inline YTTERBY_LEVEL
