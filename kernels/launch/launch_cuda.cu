// The CUDA launchers: one line around each function of device_body.h.

#include <cuda_runtime_api.h>

#include <cub/block/block_reduce.cuh>

#include "kernels/launch/cuda_thread.h"
#include "kernels/launch/launch_cuda.h"

namespace ytterby {
namespace {

__global__ void __launch_bounds__(cuda_block_threads, 4) histories_kernel(const __grid_constant__ DeviceLaunch launch) {
  follow_histories(launch, CudaThread{});
}

__global__ void __launch_bounds__(cuda_pool_threads, cuda_pool_blocks)
    pooled_histories_kernel(const __grid_constant__ DeviceLaunch launch) {
  follow_pooled_histories(launch, CudaPoolThread<cuda_pool_threads>{});
}

__global__ void __launch_bounds__(cuda_block_threads, 3) photons_kernel(const __grid_constant__ DeviceLaunch launch) {
  follow_queued_photons(launch, CudaThread{});
}

/// One atomic addition a block: thousands of threads that add to one address would be served one after the other.
struct CudaFoldThread : CudaThread {
  __device__ __forceinline__ void add_from_all(unsigned long long* p, unsigned long long v) const {
    using Reduce = cub::BlockReduce<unsigned long long, cuda_fold_threads>;
    __shared__ typename Reduce::TempStorage storage;
    __syncthreads();  // the storage may have served before
    const unsigned long long sum = Reduce(storage).Sum(v);
    if (threadIdx.x == 0 && sum != 0) add(p, sum);
  }
};

__global__ void __launch_bounds__(cuda_fold_threads) fold_kernel(const __grid_constant__ DeviceFold fold) {
  fold_voxels(fold, CudaFoldThread{});
}

__global__ void __launch_bounds__(cuda_fold_threads)
    structure_kernel(const __grid_constant__ DeviceStructure structure) {
  sum_structure(structure, CudaFoldThread{});
}

__global__ void __launch_bounds__(cuda_fold_threads) gather_kernel(const __grid_constant__ DeviceGather gather) {
  gather_sums(gather, CudaFoldThread{});
}

int blocks_for(std::uint32_t items) {
  constexpr std::uint32_t most = 8192;
  const std::uint32_t blocks = (items + cuda_fold_threads - 1) / cuda_fold_threads;
  return static_cast<int>(blocks < 1 ? 1 : (blocks < most ? blocks : most));
}

int resident_blocks(int* blocks) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, histories_kernel, cuda_block_threads, cuda_shared_bytes);
}

/// Shared memory beyond 48 KiB has to be asked for on each device.
int resident_pool_blocks(int* blocks) {
  if (const cudaError_t error = cudaFuncSetAttribute(
          pooled_histories_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, cuda_pool_shared_bytes))
    return error;
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, pooled_histories_kernel, cuda_pool_threads,
                                                       cuda_pool_shared_bytes);
}

int resident_photon_blocks(int* blocks) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, photons_kernel, cuda_block_threads,
                                                       cuda_photon_shared_bytes);
}

int launch_histories(const DeviceLaunch& launch, int blocks, CudaStream stream) {
  histories_kernel<<<blocks, cuda_block_threads, cuda_shared_bytes, stream>>>(launch);
  return cudaGetLastError();
}

/// Voxel coordinates of a pooled particle have 16 bits; longer grids are followed flight by flight.
int launch_pooled_histories(const DeviceLaunch& launch, int blocks, CudaStream stream) {
  for (const std::uint32_t side : launch.view.grid.shape)
    if (side > pool_longest_side) return launch_histories(launch, blocks, stream);
  pooled_histories_kernel<<<blocks, cuda_pool_threads, cuda_pool_shared_bytes, stream>>>(launch);
  return cudaGetLastError();
}

int launch_photons(const DeviceLaunch& launch, int blocks, CudaStream stream) {
  photons_kernel<<<blocks, cuda_block_threads, cuda_photon_shared_bytes, stream>>>(launch);
  return cudaGetLastError();
}

constexpr CudaTransport transports[] = {
    {"pool", &resident_pool_blocks, &resident_photon_blocks, &launch_pooled_histories, &launch_photons,
     slab_quads_per_block},
    {"flights", &resident_blocks, &resident_photon_blocks, &launch_histories, &launch_photons, 0}};

}  // namespace

View<CudaTransport> cuda_transports() {
  return {transports, static_cast<std::uint32_t>(sizeof transports / sizeof transports[0])};
}

int cuda_launch_structure(const DeviceStructure& structure, CudaStream stream) {
  structure_kernel<<<blocks_for(structure.entries), cuda_fold_threads, 0, stream>>>(structure);
  return cudaGetLastError();
}

int cuda_launch_fold(const DeviceFold& fold, CudaStream stream) {
  fold_kernel<<<blocks_for(fold.voxels), cuda_fold_threads, 0, stream>>>(fold);
  return cudaGetLastError();
}

int cuda_launch_gather(const DeviceGather& gather, CudaStream stream) {
  gather_kernel<<<blocks_for(gather.entries), cuda_fold_threads, 0, stream>>>(gather);
  return cudaGetLastError();
}

}  // namespace ytterby
