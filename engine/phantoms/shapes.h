#pragma once
// Shapes that analytic phantoms are made of, and how they are sampled on a grid.

#include <array>

#include "engine/grid/grid.h"

namespace ytterby::shapes {

/// A point in the patient's LPS frame [cm]: x to the left, y to posterior, z to superior.
struct Point {
  double x, y, z;
};

constexpr double square(double v) { return v * v; }

/// Axis-aligned ellipsoid, centre and semi-axes [cm].
struct Ellipsoid {
  Point centre, semi;
  [[nodiscard]] constexpr bool contains(const Point& p) const {
    return square((p.x - centre.x) / semi.x) + square((p.y - centre.y) / semi.y) + square((p.z - centre.z) / semi.z) <=
           1;
  }
};

/// Endless elliptical cylinder along z, semi-axes [cm].
struct Cylinder {
  double x, y, semi_x, semi_y;
  [[nodiscard]] constexpr bool contains(const Point& p) const {
    return square((p.x - x) / semi_x) + square((p.y - y) / semi_y) <= 1;
  }
};

/// A grid of cubic voxels with the outer corner at `low` [cm] that reaches at least to `high`.
Grid cubic_grid(const Point& low, const Point& high, double spacing);

/// Calls visit(voxel index, point) at 3 x 3 x 3 points in every voxel, x fastest.
inline constexpr int samples_per_axis = 3;
inline constexpr int samples_per_voxel = samples_per_axis * samples_per_axis * samples_per_axis;

template <class Visit>
void supersample(const Grid& grid, Visit visit) {
  std::array<double, samples_per_axis> offset{};
  for (int i = 0; i < samples_per_axis; ++i) offset[static_cast<std::size_t>(i)] = (i + 0.5) / samples_per_axis - 0.5;
  const auto coordinate = [&](int axis, int voxel, double shift) {
    const auto a = static_cast<std::size_t>(axis);
    return grid.origin[a] + (voxel + shift) * grid.spacing[a];
  };
  for (int z = 0; z < grid.shape[2]; ++z)
    for (int y = 0; y < grid.shape[1]; ++y)
      for (int x = 0; x < grid.shape[0]; ++x)
        for (const double dz : offset)
          for (const double dy : offset)
            for (const double dx : offset)
              visit(grid.index(x, y, z), Point{coordinate(0, x, dx), coordinate(1, y, dy), coordinate(2, z, dz)});
}

}  // namespace ytterby::shapes
