#pragma once
// Energy as integers: quanta of 2^-30 MeV, so that sums do not depend on their order.

#include <cstdint>

#include "kernels/portability.h"

namespace ytterby {

/// 32 bits hold 4 MeV.
inline constexpr float quanta_per_MeV = 1073741824.0f;
inline constexpr float MeV_per_quantum = 1.0f / 1073741824.0f;

}  // namespace ytterby

namespace ytterby::inline YTTERBY_LEVEL {

YTTERBY_HD float to_MeV(std::uint32_t quanta) { return static_cast<float>(quanta) * MeV_per_quantum; }
YTTERBY_HD std::uint32_t to_quanta(float MeV) { return static_cast<std::uint32_t>(MeV * quanta_per_MeV + 0.5f); }

/// The smaller of two energies [quanta]: what a particle gives is never more than it has.
YTTERBY_HD std::uint32_t min_of_quanta(std::uint32_t a, std::uint32_t b) { return a < b ? a : b; }

}  // namespace ytterby::inline YTTERBY_LEVEL
