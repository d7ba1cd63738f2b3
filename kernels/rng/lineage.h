#pragma once
// Which random numbers a particle draws follows from its parentage.

#include "kernels/portability.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// How a particle comes into being at its parent's step; parts the streams of children of one step.
enum class Birth : std::uint32_t {
  knock_on,             // electron of a Moller collision
  annihilation_ahead,   // photon of a positron at rest
  annihilation_behind,  // the other, in the opposite direction
  bremsstrahlung,       // photon
  pair_positron,
  pair_electron,
  compton_photon,
  compton_electron,
  photoelectron,
  annihilation  // no particle: the numbers that choose the direction of the two photons
};

/// Lineage of a particle born at its parent's step: a mix of 32 bits (Steele, Lea, Flood, OOPSLA 2014; constants
/// of the finaliser of MurmurHash3). Two particles of one history share a stream with a chance of 2^-32 a pair.
YTTERBY_HD std::uint32_t child_lineage(std::uint32_t parent_lineage, std::uint32_t parent_step, Birth birth) {
  const std::uint32_t index = static_cast<std::uint32_t>(birth);
  std::uint32_t h = parent_lineage * 0x9E3779B1u + parent_step * 0x85EBCA77u + index * 0xC2B2AE3Du + 0x27D4EB2Fu;
  h = (h ^ (h >> 16)) * 0x85ebca6bu;
  h = (h ^ (h >> 13)) * 0xc2b2ae35u;
  return h ^ (h >> 16);
}

}  // namespace ytterby::inline YTTERBY_LEVEL
