#pragma once
// Particles of one history that wait, and their packing.

#include "kernels/geometry/particle.h"
#include "kernels/geometry/voxel_walk.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// What waits of one history, on the host: the electrons on a stack, the photons too. A device has lists of its own
/// with the same members; pushing onto a full list fails, and the caller raises a status bit.
struct WaitingList {
  WaitingElectron electrons[waiting_electrons];
  Photon photons[waiting_photons];
  std::uint32_t electron_count = 0;
  std::uint32_t photon_count = 0;

  YTTERBY_HD bool push_electron(const WaitingElectron& w) {
    if (electron_count >= waiting_electrons) return false;
    electrons[electron_count++] = w;
    return true;
  }
  YTTERBY_HD bool pop_electron(WaitingElectron& w) {
    if (electron_count == 0) return false;
    w = electrons[--electron_count];
    return true;
  }
  YTTERBY_HD bool push_photon(const Stream&, const Photon& photon) {
    if (photon_count >= waiting_photons) return false;
    photons[photon_count++] = photon;
    return true;
  }
};

YTTERBY_HD std::int16_t packed_cosine(float d) { return static_cast<std::int16_t>(d * 32767.0f); }

/// Packs an electron whose scattering strength up to its hinge is `to_hinge`.
YTTERBY_HD WaitingElectron packed(const Electron& e, const auto& grid, float to_hinge) {
  const float share = e.strength_after / class_strength(e.angle_class);
  const std::uint32_t after = static_cast<std::uint32_t>(min_of(share * 512.0f, 511.0f));
  WaitingElectron w{
      e.voxel,
      e.energy,
      e.lineage,
      to_hinge,
      static_cast<std::uint16_t>((e.step & (step_counts - 1u)) | e.events << 12),
      static_cast<std::uint16_t>(e.angle_class | (e.positron ? 4u : 0u) | e.events >> 4 << 3 | after << 7),
      {},
      {packed_cosine(e.direction.x), packed_cosine(e.direction.y), packed_cosine(e.direction.z)}};
  pack_position(e, grid, w.position);
  return w;
}

/// Hinges that an electron had met.
YTTERBY_HD std::uint32_t steps_of(const WaitingElectron& w) { return w.step & (step_counts - 1u); }

/// Unpacks all but what plan_* computes; returns the strength to the hinge.
YTTERBY_HD float unpacked(Electron& e, const auto& grid, const WaitingElectron& w) {
  place_in_voxel(e, grid, w.voxel);
  unpack_position(e, grid, w.position);
  Vec3 d{static_cast<float>(w.direction[0]), static_cast<float>(w.direction[1]), static_cast<float>(w.direction[2])};
  e.direction = d * (1.0f / square_root(dot(d, d)));
  e.energy = w.energy;
  e.lineage = w.lineage;
  e.step = steps_of(w);
  e.events = static_cast<std::uint32_t>(w.step) >> 12 | ((static_cast<std::uint32_t>(w.hinge) >> 3 & 15u) << 4);
  e.angle_class = w.hinge & 3u;
  e.positron = (w.hinge & 4u) != 0;
  e.strength_after = (static_cast<float>(w.hinge >> 7) + 0.5f) * (1.0f / 512.0f) * class_strength(e.angle_class);
  return w.strength_to_hinge;
}

}  // namespace ytterby::inline YTTERBY_LEVEL
