#pragma once
// A direction uniform on the sphere.

#include "kernels/math.h"
#include "kernels/rng/philox.h"
#include "kernels/vec3.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Unit vector from two random words: cosine to the z axis uniform, azimuth uniform.
YTTERBY_HD Vec3 isotropic(std::uint32_t polar, std::uint32_t azimuth) {
  const float c = 1.0f - 2.0f * uniform(polar);
  const float s = square_root(max_of(1.0f - c * c, 0.0f));
  const SineCosine phi = sine_cosine_of_turn(azimuth);
  return {s * phi.cosine, s * phi.sine, c};
}

}  // namespace ytterby::inline YTTERBY_LEVEL
