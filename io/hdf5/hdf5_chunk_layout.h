#pragma once
// Where the values of a dataset lie in its chunks; the same for who writes chunks and who reads them.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

namespace ytterby::io {

/// Extents or places along the axes, slowest first.
using ChunkShape = std::vector<std::uint64_t>;

/// Chunks that are held in memory at a time, deflated.
inline constexpr std::size_t hdf5_chunks_at_once = 64;

inline std::uint64_t product(const ChunkShape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

/// First corners, in C order, of the chunks that have rows of the slowest axis from `first` to before `last`. `first`
/// is one of theirs.
inline std::vector<ChunkShape> chunk_corners(const ChunkShape& shape, const ChunkShape& chunk, std::uint64_t first,
                                             std::uint64_t last) {
  std::vector<ChunkShape> corners{ChunkShape(shape.size(), 0)};
  for (std::size_t d = 0; d < shape.size(); ++d) {
    std::vector<ChunkShape> next;
    for (const ChunkShape& corner : corners) {
      for (std::uint64_t at = d == 0 ? first : 0; at < (d == 0 ? last : shape[d]); at += chunk[d]) {
        next.push_back(corner);
        next.back()[d] = at;
      }
    }
    corners = std::move(next);
  }
  return corners;
}

/// Calls body(in_chunk, in_values, length) for the runs along the fastest axis that a chunk and the dataset share:
/// where the run begins in the chunk's values and in the dataset's, in C order.
template <class Body>
void for_chunk_runs(const ChunkShape& shape, const ChunkShape& chunk, const ChunkShape& corner, const Body& body) {
  const std::size_t rank = shape.size();
  const std::uint64_t run = chunk[rank - 1], length = std::min(run, shape[rank - 1] - corner[rank - 1]);
  const std::uint64_t runs = product(chunk) / run;
  for (std::uint64_t r = 0; r < runs; ++r) {
    std::uint64_t rest = r, place = 0, stride = 1;
    bool inside = true;
    for (std::size_t d = rank; d-- > 0;) {
      const std::uint64_t at = corner[d] + (d == rank - 1 ? 0 : rest % chunk[d]);
      if (d != rank - 1) rest /= chunk[d];
      inside = inside && at < shape[d];
      place += at * stride;
      stride *= shape[d];
    }
    if (inside) body(r * run, place, length);
  }
}

}  // namespace ytterby::io
