#include "engine/grid/grid_overlap.h"

#include <algorithm>
#include <cmath>

namespace ytterby {
namespace {

constexpr double axis_tolerance = 1e-4;  // of cosines with the other axes: 0.05 mm over 50 cm
constexpr double face_tolerance = 1e-4;  // of a voxel

double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Vector3 corner(const Grid& grid) { return position(grid, -0.5, -0.5, -0.5); }

}  // namespace

Vector3 axis_vector(const Grid& grid, int axis) {
  const auto a = static_cast<std::size_t>(axis);
  return {grid.direction[a], grid.direction[3 + a], grid.direction[6 + a]};
}

Vector3 position(const Grid& grid, double x, double y, double z) {
  const Vector3 step{x * grid.spacing[0], y * grid.spacing[1], z * grid.spacing[2]};
  Vector3 point = grid.origin;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) point[row] += grid.direction[3 * row + column] * step[column];
  }
  return point;
}

Vector3 in_voxels(const Grid& grid, const Vector3& point) {
  Vector3 at{};
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t row = 0; row < 3; ++row) at[a] += grid.direction[3 * row + a] * (point[row] - grid.origin[row]);
    at[a] /= grid.spacing[a];
  }
  return at;
}

GridOverlap::GridOverlap(const Grid& from, const Grid& to) {
  for (int axis = 0; axis < 3; ++axis) {
    Vector3 cosine;
    for (int c = 0; c < 3; ++c) cosine[static_cast<std::size_t>(c)] = dot(axis_vector(to, axis), axis_vector(from, c));
    int parallel = -1;
    for (std::size_t c = 0; c < 3; ++c) {
      if (std::abs(cosine[(c + 1) % 3]) < axis_tolerance && std::abs(cosine[(c + 2) % 3]) < axis_tolerance) {
        parallel = static_cast<int>(c);
      }
    }
    if (parallel < 0) {
      exact_ = false;
      return;
    }
    source_axis_[static_cast<std::size_t>(axis)] = parallel;
    overlap_axis(from, to, axis, cosine[static_cast<std::size_t>(parallel)] > 0 ? 1 : -1);
  }
}

void GridOverlap::overlap_axis(const Grid& from, const Grid& to, int axis, double sign) {
  const auto a = static_cast<std::size_t>(axis);
  const auto s = static_cast<std::size_t>(source_axis_[a]);
  const double target_size = to.spacing[a], source_size = from.spacing[s];
  const Vector3 from_corner = corner(from), to_corner = corner(to);
  const Vector3 shift{from_corner[0] - to_corner[0], from_corner[1] - to_corner[1], from_corner[2] - to_corner[2]};
  const double start = dot(shift, axis_vector(to, axis));
  const double snap = face_tolerance * std::min(target_size, source_size) / target_size;
  // Faces of the source in units of target voxels, from the target's outer face.
  const auto face = [&](int i) {
    const double at = (start + sign * i * source_size) / target_size;
    return std::abs(at - std::round(at)) < snap ? std::round(at) : at;
  };
  auto& rows = along_[a];
  rows.assign(static_cast<std::size_t>(to.shape[a]), {});
  for (int i = 0; i < from.shape[s]; ++i) {
    const double low = std::min(face(i), face(i + 1)), high = std::max(face(i), face(i + 1));
    const int first = static_cast<int>(std::clamp(std::floor(low), 0.0, static_cast<double>(to.shape[a])));
    const int last = static_cast<int>(std::clamp(std::ceil(high), 0.0, static_cast<double>(to.shape[a])));
    for (int t = first; t < last; ++t) {
      const double length = std::min(high, t + 1.0) - std::max(low, static_cast<double>(t));
      if (length > 0) rows[static_cast<std::size_t>(t)].push_back({i, length / (high - low), length});
    }
  }
}

VoxelFinder::VoxelFinder(const Grid& grid) : grid_(grid) {
  for (int a = 0; a < 3; ++a) {
    const auto i = static_cast<std::size_t>(a);
    axes_[i] = axis_vector(grid, a);
    for (double& component : axes_[i]) component /= grid.spacing[i];
  }
}

std::optional<std::size_t> VoxelFinder::find(const Vector3& point) const {
  const Vector3 from_origin{point[0] - grid_.origin[0], point[1] - grid_.origin[1], point[2] - grid_.origin[2]};
  std::array<int, 3> voxel;
  for (std::size_t a = 0; a < 3; ++a) {
    const double at = std::floor(dot(from_origin, axes_[a]) + 0.5);
    if (!(at >= 0 && at < grid_.shape[a])) return {};
    voxel[a] = static_cast<int>(at);
  }
  return grid_.index(voxel[0], voxel[1], voxel[2]);
}

std::vector<Vector3> sampling_points(const Grid& sampled, const Grid& other) {
  const double ratio = sampled.voxel_volume() / other.voxel_volume();
  const int count = static_cast<int>(std::clamp(std::ceil(64 * ratio), 32.0, 256.0));
  constexpr double g = 1.22074408460575947536;  // the real root of x^4 = x + 1
  std::vector<Vector3> points;
  for (int i = 0; i < count; ++i) {
    const auto offset = [&](double step) { return std::fmod(0.5 + i * step, 1.0) - 0.5; };
    points.push_back({offset(1 / g), offset(1 / (g * g)), offset(1 / (g * g * g))});
  }
  return points;
}

}  // namespace ytterby
