#pragma once
// A tally in pieces: in most of a large grid no batch leaves energy, and what has none need not be written again.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/dose/statistics.h"

namespace ytterby {

/// Calls body(begin, end) for the pieces of [first, last) in which a voxel has energy, in ascending order.
template <class Body>
void for_pieces_with_energy(std::span<const std::int64_t> tally, std::size_t first, std::size_t last,
                            const Body& body) {
  constexpr std::size_t piece = 64;
  for (std::size_t begin = first; begin < last; begin += piece) {
    const std::size_t end = std::min(begin + piece, last);
    std::int64_t any = 0;
    for (std::size_t v = begin; v < end; ++v) any |= tally[v];
    if (any != 0) body(begin, end);
  }
}

/// Moves energy from one tally to another.
inline void move_energy(std::span<std::int64_t> from, std::span<std::int64_t> to, std::size_t first, std::size_t last) {
  for_pieces_with_energy(from, first, last, [&](std::size_t begin, std::size_t end) {
    for (std::size_t v = begin; v < end; ++v) {
      to[v] += from[v];
      from[v] = 0;
    }
  });
}

/// Adds a batch's energy to the run's sums; returns its total [quanta].
inline std::int64_t fold_energy(std::span<const std::int64_t> tally, BatchSums& sums, std::size_t first,
                                std::size_t last) {
  std::int64_t total = 0;
  for_pieces_with_energy(tally, first, last, [&](std::size_t begin, std::size_t end) {
    for (std::size_t v = begin; v < end; ++v) total += tally[v];
    sums.add(tally, begin, end);
  });
  return total;
}

/// Sets voxels to 0.
inline void clear_energy(std::span<std::int64_t> tally, std::size_t first, std::size_t last) {
  for_pieces_with_energy(tally, first, last, [&](std::size_t begin, std::size_t end) {
    std::fill(tally.begin() + static_cast<std::ptrdiff_t>(begin), tally.begin() + static_cast<std::ptrdiff_t>(end), 0);
  });
}

}  // namespace ytterby
