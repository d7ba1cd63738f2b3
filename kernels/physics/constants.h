#pragma once
// What several interactions share.

#include <cstdint>

#include "kernels/portability.h"

namespace ytterby {

inline constexpr std::uint32_t electron_mass_quanta = 548688995u;  // 0.51099895 MeV in quanta of 2^-30 MeV

}  // namespace ytterby

namespace ytterby::inline YTTERBY_LEVEL {

inline constexpr float electron_mass_MeV = 0.51099895f;
/// Bound of every rejection loop. Efficiencies are 0.15 or more, so that meeting it has a chance below 1e-18 a sample;
/// the loop then ends with a value that the law allows.
inline constexpr int rejection_cap = 256;

}  // namespace ytterby::inline YTTERBY_LEVEL
