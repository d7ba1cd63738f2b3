#include "engine/tables/reached_materials.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace ytterby {
namespace {

/// Of 90Y's electrons between losses that are followed as particles, with a margin [g/cm2].
constexpr float longest_range = 1.35f;
constexpr double highest_energy = 2.28;  // of 90Y [MeV]

/// Distances along the axes from the voxels that emit [g/cm2], by sweeps in the eight directions of the diagonals.
class Distances {
 public:
  Distances(const Phantom& phantom, const std::vector<double>& activity)
      : grid_(phantom.grid),
        density_(phantom.density),
        distance_(phantom.density.size(), std::numeric_limits<float>::infinity()) {
    for (std::size_t v = 0; v < activity.size(); ++v)
      if (activity[v] > 0) density_[v] = distance_[v] = 0;
    for (int direction = 0; direction < 8; ++direction) sweep(direction);
  }
  [[nodiscard]] float of(std::size_t voxel) const { return distance_[voxel]; }

 private:
  void sweep(int direction) {
    const auto& shape = grid_.shape;
    std::array<std::ptrdiff_t, 3> back{};  // to the voxel behind, along each axis
    std::ptrdiff_t stride = 1;
    for (std::size_t a = 0; a < 3; ++a) {
      back[a] = (direction >> a & 1) != 0 ? stride : -stride;
      stride *= shape[a];
    }
    const auto place = [&](int i, std::size_t a) { return (direction >> a & 1) != 0 ? shape[a] - 1 - i : i; };
    for (int k = 0; k < shape[2]; ++k)
      for (int j = 0; j < shape[1]; ++j)
        for (int i = 0; i < shape[0]; ++i) {
          const std::size_t v = grid_.index(place(i, 0), place(j, 1), place(k, 2));
          if (i > 0) relax(v, back[0], 0);
          if (j > 0) relax(v, back[1], 1);
          if (k > 0) relax(v, back[2], 2);
        }
  }
  void relax(std::size_t v, std::ptrdiff_t back, std::size_t axis) {
    const auto from = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(v) + back);
    const float step = density_[from] * static_cast<float>(grid_.spacing[axis]);
    distance_[v] = std::min(distance_[v], distance_[from] + step);
  }

  const Grid& grid_;
  std::vector<float> density_;  // 0 where it emits: electrons may come from such a voxel's face
  std::vector<float> distance_;
};

}  // namespace

std::array<bool, 256> reached_materials(const Phantom& phantom, const Source& source) {
  std::array<bool, 256> reached{};
  const bool far = source.mono_energy && *source.mono_energy > highest_energy;
  if (!source.voxels || source.voxels->activity.size() != phantom.density.size() || far) {
    reached.fill(true);
    return reached;
  }
  const Distances distances(phantom, source.voxels->activity);
  const float reach = std::sqrt(3.0f) * longest_range;
  for (std::size_t v = 0; v < phantom.density.size(); ++v)
    if (distances.of(v) <= reach) reached[phantom.material[v]] = true;
  return reached;
}

}  // namespace ytterby
