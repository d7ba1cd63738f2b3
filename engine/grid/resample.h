#pragma once
// Moving images between grids by overlap volume (io/FORMATS.md, `[grid]`).

#include <cstdint>
#include <vector>

#include "engine/base/parallel.h"
#include "engine/grid/grid_overlap.h"
#include "engine/grid/image.h"

namespace ytterby {

/// Shares every voxel's content out over the voxels of `to` that it overlaps; for amounts such as activity.
///
/// What lies outside `to` is lost, nothing else: sum(result) = sum(image) - outside, to rounding, for oblique grids
/// too.
std::vector<double> redistribute(const Image<double>& image, const Grid& to);

/// Averages over each voxel of `to` by volume, with 0 beyond the image; for masks. Exact where the axes are parallel;
/// sampled by 32 to 256 points where they are oblique.
std::vector<float> average(const Image<float>& image, const Grid& to);

/// Share of each voxel of `to` that lies within `from`.
std::vector<float> coverage(const Grid& from, const Grid& to);

/// Density and material of one voxel.
struct VoxelMedium {
  float density;          // [g/cm3]
  std::uint8_t material;  // index
};

/// Density and material of all voxels of a grid.
struct Medium {
  std::vector<float> density;          // [g/cm3]
  std::vector<std::uint8_t> material;  // the one with most mass in the voxel
};

namespace detail {

/// Mass per material within one voxel.
class MassCount {
 public:
  void add(VoxelMedium medium, double share) {
    const double mass = share * static_cast<double>(medium.density);
    if (seen_[medium.material] == 0) {
      seen_[medium.material] = 1;
      found_.push_back(medium.material);
    }
    mass_[medium.material] += mass;
    total_ += mass;
  }
  /// Writes the result and starts over; ties go to the material met first.
  void take(float& density, std::uint8_t& material) {
    density = static_cast<float>(total_);
    material = found_.empty() ? std::uint8_t{0} : found_.front();
    for (const std::uint8_t m : found_) {
      if (mass_[m] > mass_[material]) material = m;
    }
    for (const std::uint8_t m : found_) mass_[m] = seen_[m] = 0;
    found_.clear();
    total_ = 0;
  }

 private:
  std::array<double, 256> mass_{};
  std::array<std::uint8_t, 256> seen_{};
  std::vector<std::uint8_t> found_;
  double total_ = 0;
};

template <class Voxel>
void average_row(const Grid& from, const Grid& to, const GridOverlap& overlap, const Voxel& voxel, int y, int z,
                 Medium& medium, MassCount& count) {
  const std::array<std::size_t, 3> stride{1, static_cast<std::size_t>(from.shape[0]), from.index(0, 0, 1)};
  const auto at = [&](int axis, const AxisOverlap& o) {
    return static_cast<std::size_t>(o.source) * stride[static_cast<std::size_t>(overlap.source_axis(axis))];
  };
  for (int x = 0; x < to.shape[0]; ++x) {
    for (const AxisOverlap& oz : overlap.along(2, z)) {
      for (const AxisOverlap& oy : overlap.along(1, y)) {
        const double share = oz.share_of_target * oy.share_of_target;
        const std::size_t row = at(2, oz) + at(1, oy);
        for (const AxisOverlap& ox : overlap.along(0, x)) count.add(voxel(row + at(0, ox)), share * ox.share_of_target);
      }
    }
    const std::size_t i = to.index(x, y, z);
    count.take(medium.density[i], medium.material[i]);
  }
}

template <class Voxel>
void sample_row(const VoxelFinder& finder, const Grid& to, const std::vector<Vector3>& points, const Voxel& voxel,
                int y, int z, Medium& medium, MassCount& count) {
  const double share = 1.0 / static_cast<double>(points.size());
  for (int x = 0; x < to.shape[0]; ++x) {
    for (const Vector3& p : points) {
      const auto found = finder.find(position(to, x + p[0], y + p[1], z + p[2]));
      if (found) count.add(voxel(*found), share);
    }
    const std::size_t i = to.index(x, y, z);
    count.take(medium.density[i], medium.material[i]);
  }
}

}  // namespace detail

/// Density averaged by overlap volume, so that mass stays, and the material with most mass, on `to`.
///
/// `voxel(index)` gives the medium of a voxel of `from`; it is called from several threads, several times per voxel,
/// and saves holding density and material of the whole of `from`. Beyond `from` there is vacuum.
template <class Voxel>
Medium average_medium(const Grid& from, const Grid& to, const Voxel& voxel) {
  Medium medium{std::vector<float>(to.voxels()), std::vector<std::uint8_t>(to.voxels())};
  const GridOverlap overlap(from, to);
  const VoxelFinder finder(from);
  const std::vector<Vector3> points = sampling_points(to, from);
  parallel_for(to.shape[2], [&](int z) {
    detail::MassCount count;
    for (int y = 0; y < to.shape[1]; ++y) {
      if (overlap.exact()) {
        detail::average_row(from, to, overlap, voxel, y, z, medium, count);
      } else {
        detail::sample_row(finder, to, points, voxel, y, z, medium, count);
      }
    }
  });
  return medium;
}

}  // namespace ytterby
