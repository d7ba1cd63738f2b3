// A line around each function of replay_body.h.

#include <cuda_runtime_api.h>

#include "kernels/launch/cuda_thread.h"
#include "kernels/launch/launch_cuda.h"

namespace ytterby {
namespace {

__global__ void __launch_bounds__(cuda_block_threads, 2) replay_kernel(const __grid_constant__ ReplayLaunch replay) {
  list_events(replay, CudaThread{});
}

__global__ void __launch_bounds__(cuda_block_threads, 2) paths_kernel(const __grid_constant__ PathLaunch paths) {
  hash_paths(paths, CudaThread{});
}

}  // namespace

int cuda_launch_replay(const ReplayLaunch& replay, CudaStream stream) {
  replay_kernel<<<1, cuda_block_threads, cuda_shared_bytes, stream>>>(replay);
  return cudaGetLastError();
}

int cuda_launch_paths(const PathLaunch& paths, CudaStream stream) {
  paths_kernel<<<most_path_threads / cuda_block_threads, cuda_block_threads, cuda_shared_bytes, stream>>>(paths);
  return cudaGetLastError();
}

}  // namespace ytterby
