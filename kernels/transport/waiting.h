#pragma once
// Particles of one history that wait, and their packing.

#include "kernels/geometry/voxel_walk.h"
#include "kernels/transport/particle.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// What waits of one history. Capacities are checked; an overflow raises a status bit.
struct WaitingList {
  WaitingElectron electrons[waiting_electrons];
  Photon photons[waiting_photons];
  std::uint32_t electron_count = 0;
  std::uint32_t photon_count = 0;
};

YTTERBY_HD std::uint16_t packed_position(float p, float size) {
  return static_cast<std::uint16_t>(min_of(p / size * 65536.0f, 65535.0f));
}

YTTERBY_HD std::int16_t packed_cosine(float d) { return static_cast<std::int16_t>(d * 32767.0f); }

/// Packs an electron whose scattering strength up to its hinge is `to_hinge`.
YTTERBY_HD WaitingElectron packed(const Electron& e, const GridView& grid, float to_hinge) {
  const float share = e.strength_after / angle_class_strength[e.angle_class];
  const std::uint32_t after = static_cast<std::uint32_t>(min_of(share * 8192.0f, 8191.0f));
  return {e.voxel,
          e.energy,
          e.lineage,
          to_hinge,
          static_cast<std::uint16_t>(e.step),
          static_cast<std::uint16_t>(e.angle_class | (e.positron ? 4u : 0u) | (after << 3)),
          {packed_position(e.position.x, grid.size[0]), packed_position(e.position.y, grid.size[1]),
           packed_position(e.position.z, grid.size[2])},
          {packed_cosine(e.direction.x), packed_cosine(e.direction.y), packed_cosine(e.direction.z)}};
}

YTTERBY_HD void place_in_voxel(Electron& e, const GridView& grid, std::uint32_t voxel) {
  e.voxel = voxel;
  e.x = voxel % grid.shape[0];
  e.y = (voxel / grid.shape[0]) % grid.shape[1];
  e.z = voxel / (grid.shape[0] * grid.shape[1]);
  enter_voxel(e, grid);
}

/// Unpacks all but what plan_* computes; returns the strength to the hinge.
YTTERBY_HD float unpacked(Electron& e, const GridView& grid, const WaitingElectron& w) {
  place_in_voxel(e, grid, w.voxel);
  const auto middle = [](std::uint16_t p, float size) {
    return (static_cast<float>(p) + 0.5f) * (1.0f / 65536.0f) * size;
  };
  e.position = {middle(w.position[0], grid.size[0]), middle(w.position[1], grid.size[1]),
                middle(w.position[2], grid.size[2])};
  Vec3 d{static_cast<float>(w.direction[0]), static_cast<float>(w.direction[1]), static_cast<float>(w.direction[2])};
  set_direction(e, d * (1.0f / square_root(dot(d, d))));
  e.energy = w.energy;
  e.lineage = w.lineage;
  e.step = w.step;
  e.angle_class = w.hinge & 3u;
  e.positron = (w.hinge & 4u) != 0;
  e.strength_after =
      (static_cast<float>(w.hinge >> 3) + 0.5f) * (1.0f / 8192.0f) * angle_class_strength[e.angle_class];
  return w.strength_to_hinge;
}

}  // namespace ytterby::inline YTTERBY_LEVEL
