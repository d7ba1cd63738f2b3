#pragma once
// Float 3-vectors and the rotation of a direction.

#include "kernels/portability.h"

namespace ytterby::inline YTTERBY_LEVEL {

struct Vec3 {
  float x, y, z;
};

YTTERBY_HD Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
YTTERBY_HD Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
YTTERBY_HD Vec3 operator*(Vec3 a, float s) { return {a.x * s, a.y * s, a.z * s}; }
YTTERBY_HD float dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

/// One Newton step towards unit length; for vectors that are within 1e-3 of it.
YTTERBY_HD Vec3 renormalised(Vec3 a) { return a * (1.5f - 0.5f * dot(a, a)); }

/// Turns the unit vector `d` by the polar angle with the given cosine and sine, and the azimuth with (c, s).
/// The frame around d is that of Duff et al., J. Comput. Graph. Tech. 6 (2017) 1, which has no branch near the poles.
YTTERBY_HD Vec3 rotated(Vec3 d, float cos_theta, float sin_theta, float cos_phi, float sin_phi) {
  const float sign = bits_float((float_bits(d.z) & 0x80000000u) | 0x3f800000u);
  const float a = -1.0f / (sign + d.z);
  const float b = d.x * d.y * a;
  const Vec3 e1{1.0f + sign * d.x * d.x * a, sign * b, -sign * d.x};
  const Vec3 e2{b, sign + d.y * d.y * a, -d.y};
  return renormalised(d * cos_theta + (e1 * cos_phi + e2 * sin_phi) * sin_theta);
}

}  // namespace ytterby::inline YTTERBY_LEVEL
