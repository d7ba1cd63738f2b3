#pragma once
// Elementary functions with the same bits on host and device: integer and float operations alone, no library calls,
// no contraction (the host is built with -ffp-contract=off, and nvcc with --fmad=false for these).

#include "kernels/portability.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Natural logarithm for x > 0 and normal; relative error below 2e-7 (absolute below 1e-7 near 1).
/// ln x = e ln 2 + 2 artanh(s), s = (m-1)/(m+1), m in [0.75, 1.5); the series is cut after s^9, |s| <= 0.2.
YTTERBY_HD float natural_log(float x) {
  const std::uint32_t bits = float_bits(x);
  const std::uint32_t shifted = bits - 0x3f400000u;  // exponent counted from 0.75
  const std::int32_t exponent = static_cast<std::int32_t>(shifted) >> 23;
  const float m = bits_float(bits - (static_cast<std::uint32_t>(exponent) << 23));
  const float s = (m - 1.0f) / (m + 1.0f);
  const float s2 = s * s;
  const float series = s2 * (0.33333333f + s2 * (0.2f + s2 * (0.14285714f + s2 * 0.11111111f)));
  return static_cast<float>(exponent) * 0.69314718f + 2.0f * (s + s * series);
}

/// Exponential for -80 < x < 80; relative error below 3e-7. exp x = 2^n exp r, |r| <= ln2/2, Taylor to r^6.
YTTERBY_HD float exponential(float x) {
  const float scaled = x * 1.44269504f;
  const std::int32_t n = static_cast<std::int32_t>(scaled + (scaled < 0.0f ? -0.5f : 0.5f));
  const float nf = static_cast<float>(n);
  const float r = (x - nf * 0.693359375f) + nf * 2.12194440e-4f;
  const float p =
      1.0f + r * (1.0f + r * (0.5f + r * (0.16666667f + r * (0.041666667f + r * (8.3333333e-3f + r * 1.3888889e-3f)))));
  return p * bits_float(static_cast<std::uint32_t>(n + 127) << 23);
}

struct SineCosine {
  float sine, cosine;
};

/// Sine and cosine of 2 pi times a fraction given by 32 random or computed bits; absolute error below 4e-7.
/// The top three bits choose the octant; within it |angle| <= pi/4 and Taylor series to t^7 and t^8 serve.
YTTERBY_HD SineCosine sine_cosine_of_turn(std::uint32_t turn) {
  const std::uint32_t quadrant = (turn + 0x20000000u) >> 30;
  const std::int32_t rest = static_cast<std::int32_t>(turn - (quadrant << 30));  // -1/8 turn .. 1/8 turn
  const float t = static_cast<float>(rest) * 1.46291808e-9f;                     // 2 pi / 2^32
  const float t2 = t * t;
  const float s = t * (1.0f + t2 * (-0.16666667f + t2 * (8.3333333e-3f + t2 * -1.9841270e-4f)));
  const float c = 1.0f + t2 * (-0.5f + t2 * (0.041666667f + t2 * (-1.3888889e-3f + t2 * 2.4801587e-5f)));
  // Exchanged and signed by bits: which of four quadrants it is, no processor foresees.
  const std::uint32_t exchange = (float_bits(s) ^ float_bits(c)) & (0u - (quadrant & 1u));
  return {bits_float((float_bits(s) ^ exchange) ^ (quadrant & 2u) << 30),
          bits_float((float_bits(c) ^ exchange) ^ ((quadrant + 1u) & 2u) << 30)};
}

}  // namespace ytterby::inline YTTERBY_LEVEL
