#pragma once
// The CUDA launchers. All return a cudaError_t as int; the engine owns memory and streams, checks and throws.

#include "kernels/launch/device_correlated.h"
#include "kernels/launch/replay_body.h"
#include "kernels/view.h"

struct CUstream_st;  // cudaStream_t points at it

namespace ytterby {

using CudaStream = CUstream_st*;

inline constexpr int cuda_block_threads = 128;
// So that a block of the fold finds room beside those of electrons: 128 x 32 registers.
inline constexpr int cuda_fold_threads = 128;
inline constexpr int cuda_shared_bytes = cuda_block_threads * static_cast<int>(shared_words_per_thread * 4);
inline constexpr int cuda_photon_shared_bytes = cuda_block_threads * static_cast<int>(shared_words_with_photon * 4);
inline constexpr int cuda_pool_shared_bytes = static_cast<int>(pool_bytes);
inline constexpr int cuda_weighted_pool_shared_bytes = static_cast<int>(weighted_pool_bytes);
// Two blocks of eight warps are resident: the one's warps go on while the other's wait for each other.
inline constexpr int cuda_pool_threads = 256, cuda_pool_blocks = 2;

/// Kernels that follow particles. There may be several, to be timed side by side (gpu_check --variant): all give the
/// same bits. To add one, put it into the list that cuda_transports() returns.
struct CudaTransport {
  const char* name;
  /// Blocks of the electron kernel that a multiprocessor of the current device holds at once: as many as a persistent
  /// launch needs.
  int (*resident_blocks)(int* blocks);
  int (*resident_photon_blocks)(int* blocks);
  /// Electrons of histories first .. first + count - 1.
  int (*launch_histories)(const DeviceLaunch& launch, int blocks, CudaStream stream);
  /// One round of photons: each in `queue` to its end; those born on the way go to the other queue.
  int (*launch_photons)(const DeviceLaunch& launch, int blocks, CudaStream stream);
  std::uint32_t slab_quads;  // of DeviceLaunch::slab that a block of the electron kernel needs
};

/// All of them; the first is what runs use.
View<CudaTransport> cuda_transports();

/// The correlated estimator has one way to follow histories, by pools with weights. Resident blocks on a multiprocessor
/// as in CudaTransport; grids whose sides, with the reference medium's margin, have more than pool_longest_side voxels
/// are refused by the caller.
struct CudaCorrelatedBlocks {
  int histories = 0, reference = 0, photons = 0;
};
int cuda_correlated_blocks(CudaCorrelatedBlocks* blocks);
int cuda_launch_weighted_histories(const WeightedLaunch& launch, int blocks, CudaStream stream);
int cuda_launch_weighted_photons(const WeightedLaunch& launch, int blocks, CudaStream stream);
int cuda_launch_reference(const ReferenceLaunch& launch, int blocks, CudaStream stream);

/// Structure sums, then the fold, of a batch.
int cuda_launch_structure(const DeviceStructure& structure, CudaStream stream);
int cuda_launch_fold(const DeviceFold& fold, CudaStream stream);
int cuda_launch_gather(const DeviceGather& gather, CudaStream stream);

/// A history's events by one thread; the paths of many histories.
int cuda_launch_replay(const ReplayLaunch& replay, CudaStream stream);
int cuda_launch_paths(const PathLaunch& paths, CudaStream stream);

}  // namespace ytterby
