#pragma once
// Walking a voxel grid face by face; the voxel is state, the position relative to it.

#include "kernels/transport/particle.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Directions are never exactly along an axis: components are kept at least this far from zero.
inline constexpr float smallest_cosine = 1e-12f;

YTTERBY_HD float inverse_of(float d) {
  const float magnitude = d < 0.0f ? -d : d;
  if (magnitude < smallest_cosine) return d < 0.0f ? -1.0f / smallest_cosine : 1.0f / smallest_cosine;
  return 1.0f / d;
}

YTTERBY_HD void set_direction(Electron& e, Vec3 direction) {
  e.direction = direction;
  e.inverse = {inverse_of(direction.x), inverse_of(direction.y), inverse_of(direction.z)};
}

/// Loads density and material of the voxel the electron is in.
YTTERBY_HD void enter_voxel(Electron& e, const GridView& grid) {
  const std::uint32_t word = grid.voxels[e.voxel];
  e.material = word & 0xffu;
  e.density = bits_float(word & 0xffffff00u);
  e.inverse_density = e.density > 0.0f ? 1.0f / e.density : 0.0f;
}

struct Face {
  float distance;      // along the direction [cm], >= 0
  std::uint32_t axis;  // 0, 1, 2
};

YTTERBY_HD Face next_face(const Electron& e, const GridView& grid) {
  const float sx = ((e.inverse.x > 0.0f ? grid.size[0] : 0.0f) - e.position.x) * e.inverse.x;
  const float sy = ((e.inverse.y > 0.0f ? grid.size[1] : 0.0f) - e.position.y) * e.inverse.y;
  const float sz = ((e.inverse.z > 0.0f ? grid.size[2] : 0.0f) - e.position.z) * e.inverse.z;
  const float sxy = min_of(sx, sy);
  const std::uint32_t axis = sz < sxy ? 2u : (sy < sx ? 1u : 0u);
  return {max_of(min_of(sxy, sz), 0.0f), axis};
}

/// Distance to the nearest face in any direction [cm].
YTTERBY_HD float nearest_face(const Electron& e, const GridView& grid) {
  const float x = min_of(e.position.x, grid.size[0] - e.position.x);
  const float y = min_of(e.position.y, grid.size[1] - e.position.y);
  const float z = min_of(e.position.z, grid.size[2] - e.position.z);
  return min_of(min_of(x, y), z);
}

YTTERBY_HD float clamped(float x, float high) { return min_of(max_of(x, 0.0f), high); }

/// Moves by `distance` inside the voxel.
YTTERBY_HD void advance(Electron& e, const GridView& grid, float distance) {
  e.position = {clamped(e.position.x + e.direction.x * distance, grid.size[0]),
                clamped(e.position.y + e.direction.y * distance, grid.size[1]),
                clamped(e.position.z + e.direction.z * distance, grid.size[2])};
}

/// Steps through the face of the given axis after advance(); false when that leaves the grid.
YTTERBY_HD bool cross_face(Electron& e, const GridView& grid, std::uint32_t axis) {
  if (axis == 0) {
    const bool up = e.inverse.x > 0.0f;
    e.position.x = up ? 0.0f : grid.size[0];
    e.x += up ? 1u : ~0u;
    e.voxel += up ? 1u : ~0u;
    return e.x < grid.shape[0];
  }
  if (axis == 1) {
    const bool up = e.inverse.y > 0.0f;
    e.position.y = up ? 0.0f : grid.size[1];
    e.y += up ? 1u : ~0u;
    e.voxel += up ? grid.shape[0] : ~grid.shape[0] + 1u;
    return e.y < grid.shape[1];
  }
  const bool up = e.inverse.z > 0.0f;
  const std::uint32_t slice = grid.shape[0] * grid.shape[1];
  e.position.z = up ? 0.0f : grid.size[2];
  e.z += up ? 1u : ~0u;
  e.voxel += up ? slice : ~slice + 1u;
  return e.z < grid.shape[2];
}

}  // namespace ytterby::inline YTTERBY_LEVEL
