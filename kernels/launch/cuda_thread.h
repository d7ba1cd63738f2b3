#pragma once
// A CUDA thread as device_body.h wants it; for .cu files.

#include <cstdint>

namespace ytterby {

struct CudaThread {
  __device__ __forceinline__ std::uint32_t thread() const { return blockIdx.x * blockDim.x + threadIdx.x; }
  __device__ __forceinline__ std::uint32_t threads() const { return gridDim.x * blockDim.x; }
  __device__ __forceinline__ unsigned long long add(unsigned long long* p, unsigned long long v) const {
    return atomicAdd(p, v);
  }
  __device__ __forceinline__ void set_bits(std::uint32_t* p, std::uint32_t bits) const { atomicOr(p, bits); }
  /// Word w of this thread: threads side by side, so that a warp's accesses never share a bank.
  __device__ __forceinline__ std::uint32_t& shared(std::uint32_t w) const {
    extern __shared__ std::uint32_t words[];
    return words[w * blockDim.x + threadIdx.x];
  }
};

}  // namespace ytterby
