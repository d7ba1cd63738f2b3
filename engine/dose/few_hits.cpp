#include "engine/dose/few_hits.h"

#include <algorithm>
#include <cmath>

#include "engine/base/parallel.h"

namespace ytterby {
namespace {

constexpr double unseen = 2;       // hits
constexpr double neighbours = 64;  // hits that the neighbourhood's mean counts as, beside a voxel's own

/// Densities of neighbours whose hits are alike.
constexpr float like = 2;

/// Variance of the sum over batches [quanta^2] for each hit, of a voxel and those up to `reach` voxels beside it
/// together.
double variance_of_hit_around(const Phantom& phantom, const BatchSums& sums, int batches, std::size_t voxel,
                              int reach) {
  const Grid& grid = phantom.grid;
  const auto n = [&](std::size_t axis) { return static_cast<std::size_t>(grid.shape[axis]); };
  const auto x = static_cast<int>(voxel % n(0)), y = static_cast<int>(voxel / n(0) % n(1));
  const auto z = static_cast<int>(voxel / n(0) / n(1));
  const float density = phantom.density[voxel];
  const std::uint16_t* const hits_of = sums.hits().data();
  double variance = 0, hits = 0;
  const auto from = [&](int i) { return std::max(i - reach, 0); };
  const auto to = [&](int i, std::size_t axis) { return std::min(i + reach, grid.shape[axis] - 1); };
  for (int k = from(z); k <= to(z, 2); ++k)
    for (int j = from(y); j <= to(y, 1); ++j) {
      const std::size_t row = grid.index(0, j, k), end = row + static_cast<std::size_t>(to(x, 0));
      for (std::size_t v = row + static_cast<std::size_t>(from(x)); v <= end; ++v) {
        if (hits_of[v] == 0) continue;
        const float near = phantom.density[v];
        if (near > like * density || density > like * near) continue;
        variance += std::pow(sums.estimate(v, batches).error * batches, 2);
        hits += hits_behind(hits_of[v], batches);
      }
    }
  return hits > 0 ? variance / hits : 0;
}

}  // namespace

double hits_behind(int scored, int batches) {
  const double n = batches;
  return -n * std::log(std::max(1 - scored / n, 0.5 / n));
}

double covering_error(const Phantom& phantom, const BatchSums& sums, int batches, std::size_t voxel) {
  const double error = sums.estimate(voxel, batches).error;
  const int scored = sums.hits()[voxel];
  // Empty batches of a voxel that half of them hit are no surprise any more.
  if (batches < 2 || 2 * scored > batches) return error;
  // A voxel without hits has none of its own to say how large they may be, and looks further.
  const double around = variance_of_hit_around(phantom, sums, batches, voxel, scored == 0 ? 2 : 1);
  if (scored == 0) return around > 0 ? std::sqrt(unseen * around) / batches : error;
  const double hits = hits_behind(scored, batches), own = std::pow(error * batches, 2) / hits;
  const double of_hit = (hits * own + neighbours * around) / (hits + neighbours);
  return std::sqrt((hits + unseen) * of_hit) / batches;
}

std::vector<float> covering_errors(const Phantom& phantom, const BatchSums& sums, int batches) {
  std::vector<float> errors(phantom.grid.voxels());
  parallel_pieces(errors.size(), [&](std::size_t first, std::size_t last) {
    for (std::size_t v = first; v < last; ++v)
      errors[v] = static_cast<float>(covering_error(phantom, sums, batches, v));
  });
  return errors;
}

}  // namespace ytterby
