#pragma once
// How the voxels of two grids overlap.

#include <array>
#include <optional>
#include <vector>

#include "engine/grid/grid.h"

namespace ytterby {

/// Overlap of one voxel row of the source with one of the target, along one axis.
struct AxisOverlap {
  int source;              // index along the source's axis
  double share_of_source;  // overlap over the source voxel's length
  double share_of_target;  // overlap over the target voxel's length
};

/// Position of a voxel's centre in the patient [cm]; fractional indices allowed.
Vector3 position(const Grid& grid, double x, double y, double z);

/// A point in the patient [cm] in voxels of a grid: 0 is the centre of the first one. The inverse of `position`.
Vector3 in_voxels(const Grid& grid, const Vector3& point);

/// Column `axis` of the direction matrix.
Vector3 axis_vector(const Grid& grid, int axis);

/// Overlap volumes between the voxels of two grids.
///
/// Where the axes of one are those of the other up to order and sign (within 1e-4), overlaps are products of three
/// one-dimensional ones and exact. Faces nearer than 1e-4 of a voxel are taken as the same face: headers in float
/// place them no better. Otherwise the grids are oblique and volumes are sampled by points within voxels.
class GridOverlap {
 public:
  GridOverlap(const Grid& from, const Grid& to);

  [[nodiscard]] bool exact() const { return exact_; }
  /// Source axis that runs along target axis `axis`; exact overlaps only.
  [[nodiscard]] int source_axis(int axis) const { return source_axis_[static_cast<std::size_t>(axis)]; }
  /// Overlaps of target index i along target axis `axis`; may be empty. Exact overlaps only.
  [[nodiscard]] const std::vector<AxisOverlap>& along(int axis, int i) const {
    return along_[static_cast<std::size_t>(axis)][static_cast<std::size_t>(i)];
  }

 private:
  void overlap_axis(const Grid& from, const Grid& to, int axis, double sign);
  bool exact_ = true;
  std::array<int, 3> source_axis_{0, 1, 2};
  std::array<std::vector<std::vector<AxisOverlap>>, 3> along_;
};

/// Finds the voxel of `grid` that holds a point; for oblique grids.
class VoxelFinder {
 public:
  explicit VoxelFinder(const Grid& grid);
  /// Linear index of the voxel at a position in the patient [cm]; empty outside.
  [[nodiscard]] std::optional<std::size_t> find(const Vector3& point) const;

 private:
  Grid grid_;
  std::array<Vector3, 3> axes_;  // unit vector over spacing [1/cm]
};

/// Points that sample a voxel: offsets from its centre in units of its size, in [-0.5, 0.5), equally weighted.
///
/// The additive recurrence R3 (M. Roberts, 2018, "The unreasonable effectiveness of quasirandom sequences"): unlike a
/// lattice it never lines up with the faces of the other grid. More points the coarser the sampled voxels, 32 to 256.
std::vector<Vector3> sampling_points(const Grid& sampled, const Grid& other);

}  // namespace ytterby
