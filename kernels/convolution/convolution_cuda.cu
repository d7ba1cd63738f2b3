// A line around each function of convolution_body.h.

#include <cuda_runtime_api.h>

#include "kernels/convolution/convolution_cuda.h"

namespace ytterby {
namespace {

constexpr int block_threads = 256;

struct CudaThread {
  __device__ __forceinline__ std::uint64_t thread() const {
    return static_cast<std::uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  }
  __device__ __forceinline__ std::uint64_t threads() const {
    return static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  }
};

__global__ void __launch_bounds__(block_threads) place_kernel(const __grid_constant__ DeviceConvolution work) {
  place_boxes(work, CudaThread{});
}
__global__ void __launch_bounds__(block_threads) multiply_kernel(const __grid_constant__ DeviceConvolution work) {
  multiply_boxes(work, CudaThread{});
}
__global__ void __launch_bounds__(block_threads) take_kernel(const __grid_constant__ DeviceConvolution work) {
  take_result(work, CudaThread{});
}
__global__ void __launch_bounds__(block_threads) direct_kernel(const __grid_constant__ DeviceConvolution work) {
  sum_directly(work, CudaThread{});
}

int blocks_for(std::uint64_t items) {
  constexpr std::uint64_t most = 8192;
  const std::uint64_t blocks = (items + block_threads - 1) / block_threads;
  return static_cast<int>(blocks < most ? blocks : most);
}

}  // namespace

int cuda_launch_convolution(ConvolutionStage stage, const DeviceConvolution& work, CUstream_st* stream) {
  switch (stage) {
    case ConvolutionStage::place:
      place_kernel<<<blocks_for(work.box()), block_threads, 0, stream>>>(work);
      break;
    case ConvolutionStage::multiply:
      multiply_kernel<<<blocks_for(work.box() / 2), block_threads, 0, stream>>>(work);
      break;
    case ConvolutionStage::take:
      take_kernel<<<blocks_for(work.voxels()), block_threads, 0, stream>>>(work);
      break;
    case ConvolutionStage::direct:
      direct_kernel<<<blocks_for(work.voxels()), block_threads, 0, stream>>>(work);
      break;
  }
  return cudaGetLastError();
}

}  // namespace ytterby
