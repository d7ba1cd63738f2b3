// The CUDA launchers: one line around each function of device_body.h.

#include <cuda_runtime_api.h>

#include "kernels/launch/cuda_thread.h"
#include "kernels/launch/launch_cuda.h"

namespace ytterby {
namespace {

constexpr int fold_threads = 256;

__global__ void __launch_bounds__(cuda_block_threads, 4) histories_kernel(const __grid_constant__ DeviceLaunch launch) {
  follow_histories(launch, CudaThread{});
}

__global__ void __launch_bounds__(cuda_block_threads, 3) photons_kernel(const __grid_constant__ DeviceLaunch launch) {
  follow_queued_photons(launch, CudaThread{});
}

__global__ void __launch_bounds__(fold_threads) fold_kernel(const __grid_constant__ DeviceFold fold) {
  fold_voxels(fold, CudaThread{});
}

__global__ void __launch_bounds__(fold_threads) structure_kernel(const __grid_constant__ DeviceStructure structure) {
  sum_structure(structure, CudaThread{});
}

int blocks_for(std::uint32_t items) {
  constexpr std::uint32_t most = 4096;
  const std::uint32_t blocks = (items + fold_threads - 1) / fold_threads;
  return static_cast<int>(blocks < 1 ? 1 : (blocks < most ? blocks : most));
}

}  // namespace

int cuda_resident_blocks(int* blocks) {
  int device = 0, processors = 0, per_processor = 0;
  cudaError_t error = cudaGetDevice(&device);
  if (error == cudaSuccess) error = cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device);
  if (error == cudaSuccess)
    error = cudaOccupancyMaxActiveBlocksPerMultiprocessor(&per_processor, histories_kernel, cuda_block_threads,
                                                          cuda_shared_bytes);
  *blocks = processors * per_processor;
  return error;
}

int cuda_launch_histories(const DeviceLaunch& launch, int blocks, CudaStream stream) {
  histories_kernel<<<blocks, cuda_block_threads, cuda_shared_bytes, stream>>>(launch);
  return cudaGetLastError();
}

int cuda_launch_photons(const DeviceLaunch& launch, int blocks, CudaStream stream) {
  photons_kernel<<<blocks, cuda_block_threads, cuda_photon_shared_bytes, stream>>>(launch);
  return cudaGetLastError();
}

int cuda_launch_structure(const DeviceStructure& structure, CudaStream stream) {
  structure_kernel<<<blocks_for(structure.entries), fold_threads, 0, stream>>>(structure);
  return cudaGetLastError();
}

int cuda_launch_fold(const DeviceFold& fold, CudaStream stream) {
  fold_kernel<<<blocks_for(fold.voxels), fold_threads, 0, stream>>>(fold);
  return cudaGetLastError();
}

}  // namespace ytterby
