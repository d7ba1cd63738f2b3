#pragma once
// A CUDA thread as device_body.h wants it; for .cu files.

#include <cstdint>

#include "kernels/launch/device_pool.h"

namespace ytterby {

struct CudaThread {
  static constexpr std::uint32_t lanes = 32;
  __device__ __forceinline__ std::uint32_t thread() const { return blockIdx.x * blockDim.x + threadIdx.x; }
  __device__ __forceinline__ std::uint32_t threads() const { return gridDim.x * blockDim.x; }
  __device__ __forceinline__ unsigned long long add(unsigned long long* p, unsigned long long v) const {
    return atomicAdd(p, v);
  }
  __device__ __forceinline__ std::uint32_t add(std::uint32_t* p, std::uint32_t v) const { return atomicAdd(p, v); }
  __device__ __forceinline__ void set_bits(std::uint32_t* p, std::uint32_t bits) const { atomicOr(p, bits); }
  __device__ __forceinline__ std::uint32_t lane() const { return threadIdx.x & 31u; }
  __device__ __forceinline__ std::uint32_t ballot(bool x) const { return __ballot_sync(0xffffffffu, x); }
  template <class T>
  __device__ __forceinline__ T from_lane(T x, std::uint32_t lane) const {
    return __shfl_sync(0xffffffffu, x, static_cast<int>(lane));
  }
  __device__ __forceinline__ void sync_warp() const { __syncwarp(); }
  __device__ __forceinline__ std::uint32_t block() const { return blockIdx.x; }
  __device__ __forceinline__ std::uint32_t block_thread() const { return threadIdx.x; }
  __device__ __forceinline__ std::uint32_t block_size() const { return blockDim.x; }
  __device__ __forceinline__ void sync_block() const { __syncthreads(); }
  __device__ __forceinline__ Quad* pool() const {
    extern __shared__ std::uint32_t words[];
    return reinterpret_cast<Quad*>(words);
  }
  /// Word w of this thread: threads side by side, so that a warp's accesses never share a bank.
  __device__ __forceinline__ std::uint32_t& shared(std::uint32_t w) const {
    extern __shared__ std::uint32_t words[];
    return words[w * blockDim.x + threadIdx.x];
  }
};

/// Of the kernels that follow pools, whose blocks all have one size.
template <std::uint32_t block_threads>
struct CudaPoolThread : CudaThread {
  __device__ __forceinline__ std::uint32_t block_size() const { return block_threads; }
};

}  // namespace ytterby
