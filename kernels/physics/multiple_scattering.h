#pragma once
// The deflection of one condensed step, from Goudsmit-Saunderson tables.

#include "kernels/math.h"
#include "kernels/tables/lookup.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Half of 1 - cos(theta) from a table {a, x_0 .. x_128, y_0 .. y_32}: x = (1+a) mu / (mu+a) at equal steps of
/// probability, y the same within the last step. `times` multiplies it.
/// In x a screened single-scattering tail is flat, so that linear interpolation serves from core to backscatter
/// (the transformation of Bielajew, Nucl. Instrum. Methods B 111 (1996) 195).
YTTERBY_HD float deflection_from_table(const float* table, std::uint32_t word, float times = 1.0f) {
  const std::uint32_t bin = word >> 25;
  const bool tail = bin == angle_bins - 1;
  const std::uint32_t node = tail ? angle_bins + 2 + ((word >> 20) & 31u) : 1 + bin;
  const float fraction = tail ? static_cast<float>((word >> 9) & 0x7ffu) * (1.0f / 2048.0f)
                              : static_cast<float>((word >> 9) & 0xffffu) * (1.0f / 65536.0f);
  const float a = table[0];
  const float x = between(table[node], table[node + 1], fraction);
  return min_of((a * times) * x / ((1.0f - x) + a), 1.0f);
}

/// Deflection (1 - cos theta) / 2 of a step of the given class, at the residual range of its hinge, times a factor.
/// Goudsmit, Saunderson, Phys. Rev. 57 (1940) 24. The low bits of `word` choose between the neighbouring tables.
YTTERBY_HD float sample_deflection(const PhysicsView& physics, std::uint32_t angle_class, std::uint32_t material,
                                   float range, std::uint32_t word, float times = 1.0f) {
  const GridPlace at = locate<angle_grid>(range);
  const std::uint32_t upper = (static_cast<float>(word & 0x1ffu) < at.fraction * 512.0f) ? 1u : 0u;
  const std::uint32_t node =
      (angle_class * physics.materials + material) * (angle_grid.intervals + 1) + at.index + upper;
  return deflection_from_table(physics.angle.data + node * angle_stride, word, times);
}

}  // namespace ytterby::inline YTTERBY_LEVEL
