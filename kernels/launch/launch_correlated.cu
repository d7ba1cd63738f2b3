// The correlated estimator's CUDA launchers: one line around each function of device_correlated.h. In kernels of their
// own, so that plain histories cost what they did.

#include <cuda_runtime_api.h>

#include "kernels/launch/cuda_thread.h"
#include "kernels/launch/launch_cuda.h"

namespace ytterby {
namespace {

__global__ void __launch_bounds__(cuda_pool_threads, cuda_pool_blocks)
    weighted_histories_kernel(const __grid_constant__ WeightedLaunch launch) {
  follow_weighted_histories(launch, CudaPoolThread<cuda_pool_threads>{});
}

__global__ void __launch_bounds__(cuda_pool_threads, cuda_pool_blocks)
    reference_histories_kernel(const __grid_constant__ ReferenceLaunch launch) {
  follow_reference_histories(launch, CudaPoolThread<cuda_pool_threads>{});
}

__global__ void __launch_bounds__(cuda_block_threads, 3)
    weighted_photons_kernel(const __grid_constant__ WeightedLaunch launch) {
  follow_weighted_photons(launch, CudaThread{});
}

/// Shared memory beyond 48 KiB has to be asked for on each device.
template <class Kernel>
cudaError_t resident_pools(int* blocks, Kernel kernel) {
  if (const cudaError_t error =
          cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, cuda_weighted_pool_shared_bytes))
    return error;
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, kernel, cuda_pool_threads,
                                                       cuda_weighted_pool_shared_bytes);
}

}  // namespace

int cuda_correlated_blocks(CudaCorrelatedBlocks* blocks) {
  if (const cudaError_t error = resident_pools(&blocks->histories, weighted_histories_kernel)) return error;
  if (const cudaError_t error = resident_pools(&blocks->reference, reference_histories_kernel)) return error;
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks->photons, weighted_photons_kernel, cuda_block_threads,
                                                       cuda_photon_shared_bytes);
}

int cuda_launch_weighted_histories(const WeightedLaunch& launch, int blocks, CudaStream stream) {
  weighted_histories_kernel<<<blocks, cuda_pool_threads, cuda_weighted_pool_shared_bytes, stream>>>(launch);
  return cudaGetLastError();
}

int cuda_launch_weighted_photons(const WeightedLaunch& launch, int blocks, CudaStream stream) {
  weighted_photons_kernel<<<blocks, cuda_block_threads, cuda_photon_shared_bytes, stream>>>(launch);
  return cudaGetLastError();
}

int cuda_launch_reference(const ReferenceLaunch& launch, int blocks, CudaStream stream) {
  reference_histories_kernel<<<blocks, cuda_pool_threads, cuda_weighted_pool_shared_bytes, stream>>>(launch);
  return cudaGetLastError();
}

}  // namespace ytterby
