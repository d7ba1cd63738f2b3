#pragma once
// Walking a voxel grid face by face; the voxel is state, the position relative to it.

#include "kernels/geometry/particle.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Directions are never exactly along an axis: components are kept at least this far from zero.
inline constexpr float smallest_cosine = 1e-12f;

YTTERBY_HD float inverse_of(float d) {
  const std::uint32_t bits = float_bits(d);
  const float magnitude = max_of(bits_float(bits & 0x7fffffffu), smallest_cosine);
  return 1.0f / bits_float(float_bits(magnitude) | (bits & 0x80000000u));
}

/// Whether a direction's component leads to the upper face.
YTTERBY_HD bool leads_up(float d) { return float_bits(d) < 0x80000000u; }

/// Range that goes on a path [g/cm3].
YTTERBY_HD float range_per_path(const Electron& e) { return e.density * e.loss_share; }

/// After a change of the density, or of the loss.
YTTERBY_HD void set_path_per_range(Electron& e) {
  e.path_per_range = e.density > 0.0f ? 1.0f / range_per_path(e) : 0.0f;
}

/// Loads density and material of the voxel the electron is in.
YTTERBY_HD void enter_voxel(Electron& e, const GridView& grid) {
  const std::uint32_t word = grid.voxels[e.voxel];
  e.material = word & 0xffu;
  e.density = bits_float(word & 0xffffff00u);
  set_path_per_range(e);
  e.clearance = 0.0f;
}

/// Puts the electron into a voxel, given by its linear index.
YTTERBY_HD void place_in_voxel(Electron& e, const GridView& grid, std::uint32_t voxel) {
  e.voxel = voxel;
  e.x = voxel % grid.shape[0];
  e.y = (voxel / grid.shape[0]) % grid.shape[1];
  e.z = voxel / (grid.shape[0] * grid.shape[1]);
  enter_voxel(e, grid);
}

YTTERBY_HD void enter_voxel(Electron& e, const UniformGridView& grid) {
  e.material = grid.word & 0xffu;
  e.density = bits_float(grid.word & 0xffffff00u);
  set_path_per_range(e);
  e.clearance = 0.0f;
}

YTTERBY_HD void place_in_voxel(Electron& e, const UniformGridView& grid, std::uint32_t voxel) {
  e.voxel = voxel;
  e.x = voxel % grid.shape[0];
  e.y = (voxel / grid.shape[0]) % grid.shape[1];
  e.z = voxel / (grid.shape[0] * grid.shape[1]);
  enter_voxel(e, grid);
}

struct Face {
  float distance;      // along the direction [cm], >= 0
  std::uint32_t axis;  // 0, 1, 2
};

YTTERBY_HD Face next_face(const Electron& e, const GridView& grid) {
  const Vec3 inverse{inverse_of(e.direction.x), inverse_of(e.direction.y), inverse_of(e.direction.z)};
  const float sx = ((inverse.x > 0.0f ? grid.size[0] : 0.0f) - e.position.x) * inverse.x;
  const float sy = ((inverse.y > 0.0f ? grid.size[1] : 0.0f) - e.position.y) * inverse.y;
  const float sz = ((inverse.z > 0.0f ? grid.size[2] : 0.0f) - e.position.z) * inverse.z;
  const float sxy = min_of(sx, sy);
  const std::uint32_t along_z = sz < sxy ? 1u : 0u, along_y = sy < sx ? 1u : 0u;
  const std::uint32_t axis = along_z << 1 | (along_y & ~along_z);
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
    const bool up = leads_up(e.direction.x);
    e.position.x = up ? 0.0f : grid.size[0];
    e.x += up ? 1u : ~0u;
    e.voxel += up ? 1u : ~0u;
    return e.x < grid.shape[0];
  }
  if (axis == 1) {
    const bool up = leads_up(e.direction.y);
    e.position.y = up ? 0.0f : grid.size[1];
    e.y += up ? 1u : ~0u;
    e.voxel += up ? grid.shape[0] : ~grid.shape[0] + 1u;
    return e.y < grid.shape[1];
  }
  const bool up = leads_up(e.direction.z);
  const std::uint32_t slice = grid.shape[0] * grid.shape[1];
  e.position.z = up ? 0.0f : grid.size[2];
  e.z += up ? 1u : ~0u;
  e.voxel += up ? slice : ~slice + 1u;
  return e.z < grid.shape[2];
}

/// A place uniform in the voxel.
YTTERBY_HD void place_uniformly(Electron& e, const GridView& grid, std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  e.position = {uniform(a) * grid.size[0], uniform(b) * grid.size[1], uniform(c) * grid.size[2]};
}

/// The length that steps are measured by: the voxel's smallest side [cm].
YTTERBY_HD float smallest_side(const Electron&, const GridView& grid) {
  return min_of(min_of(grid.size[0], grid.size[1]), grid.size[2]);
}

/// Position to 1/65536 of the voxel's sides.
YTTERBY_HD void pack_position(const Electron& e, const GridView& grid, std::uint16_t (&p)[3]) {
  p[0] = static_cast<std::uint16_t>(min_of(e.position.x / grid.size[0] * 65536.0f, 65535.0f));
  p[1] = static_cast<std::uint16_t>(min_of(e.position.y / grid.size[1] * 65536.0f, 65535.0f));
  p[2] = static_cast<std::uint16_t>(min_of(e.position.z / grid.size[2] * 65536.0f, 65535.0f));
}

YTTERBY_HD void unpack_position(Electron& e, const GridView& grid, const std::uint16_t (&p)[3]) {
  constexpr float unit = 1.0f / 65536.0f;
  e.position = {(static_cast<float>(p[0]) + 0.5f) * unit * grid.size[0],
                (static_cast<float>(p[1]) + 0.5f) * unit * grid.size[1],
                (static_cast<float>(p[2]) + 0.5f) * unit * grid.size[2]};
}

YTTERBY_HD Vec3 position_in_grid(const Electron& e, const GridView& grid) {
  return {static_cast<float>(e.x) * grid.size[0] + e.position.x, static_cast<float>(e.y) * grid.size[1] + e.position.y,
          static_cast<float>(e.z) * grid.size[2] + e.position.z};
}

}  // namespace ytterby::inline YTTERBY_LEVEL
