#pragma once
// Exact sums of voxels' energies and squares, as MPI adds them up.

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace ytterby {

/// A voxel's energy [quanta], the square [quanta^2] in two words, and the batches that left energy, without padding.
struct VoxelSum {
  std::int64_t energy;
  std::uint64_t low, high, hits;
};

/// Set where a sum does not fit; a reduction has no way to say so itself.
inline std::atomic<bool>& voxel_sums_overflowed() {
  static std::atomic<bool> overflowed{false};
  return overflowed;
}

inline void add_voxel_sums(const VoxelSum* from, VoxelSum* to, std::size_t count) {
  bool overflow = false;
  for (std::size_t i = 0; i < count; ++i) {
    overflow |= __builtin_add_overflow(to[i].energy, from[i].energy, &to[i].energy);
    const bool carry = __builtin_add_overflow(to[i].low, from[i].low, &to[i].low);
    overflow |= __builtin_add_overflow(to[i].high, from[i].high, &to[i].high);
    to[i].hits += from[i].hits;
    overflow |= carry && __builtin_add_overflow(to[i].high, std::uint64_t{1}, &to[i].high);
  }
  if (overflow) voxel_sums_overflowed() = true;
}

}  // namespace ytterby
