#pragma once
// What lets one source serve host and device, and several instruction levels in one program.

#include <cstdint>

#if defined(__CUDACC__)
#define YTTERBY_HD __host__ __device__ __forceinline__
#else
#define YTTERBY_HD inline __attribute__((always_inline))
#endif

// Functions of kernels/ live in an inline namespace named after the instruction level they are compiled for, so that
// no two translation units share an inline function compiled differently (one definition rule).
#ifndef YTTERBY_LEVEL
#define YTTERBY_LEVEL baseline
#endif

/// Before a loop whose variable indexes an array that a device is to keep in registers.
#ifdef __CUDA_ARCH__
#define YTTERBY_UNROLL _Pragma("unroll")
#else
#define YTTERBY_UNROLL
#endif

namespace ytterby::inline YTTERBY_LEVEL {

/// Bits of a float and back; a register move on both sides.
YTTERBY_HD std::uint32_t float_bits(float x) {
#if defined(__CUDA_ARCH__)
  return __float_as_uint(x);
#else
  return __builtin_bit_cast(std::uint32_t, x);
#endif
}

YTTERBY_HD float bits_float(std::uint32_t x) {
#if defined(__CUDA_ARCH__)
  return __uint_as_float(x);
#else
  return __builtin_bit_cast(float, x);
#endif
}

/// High 32 bits of a 32 x 32 bit product.
YTTERBY_HD std::uint32_t multiply_high(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::uint32_t>((static_cast<std::uint64_t>(a) * b) >> 32);
}

/// How many bits are set.
YTTERBY_HD std::uint32_t count_bits(std::uint32_t x) {
#if defined(__CUDA_ARCH__)
  return static_cast<std::uint32_t>(__popc(x));
#else
  return static_cast<std::uint32_t>(__builtin_popcount(x));
#endif
}

YTTERBY_HD float min_of(float a, float b) { return a < b ? a : b; }
YTTERBY_HD float max_of(float a, float b) { return a > b ? a : b; }

/// Square root, correctly rounded on both sides.
YTTERBY_HD float square_root(float x) {
#if defined(__CUDA_ARCH__)
  return __fsqrt_rn(x);
#else
  return __builtin_sqrtf(x);
#endif
}

}  // namespace ytterby::inline YTTERBY_LEVEL
