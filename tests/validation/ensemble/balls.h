#pragma once
// Balls as volume fractions.

#include <cmath>
#include <numeric>
#include <vector>

#include "engine/grid/grid.h"

namespace ytterby::test {

inline Grid box_grid(int voxels, double spacing) {
  Grid grid;
  grid.shape = {voxels, voxels, voxels};
  grid.spacing = {spacing, spacing, spacing};
  return grid;
}

/// By `points`^3 points a voxel; 1 point makes a binary mask.
inline std::vector<float> ball(const Grid& grid, double radius, const Vector3& centre, int points = 6) {
  std::vector<float> fraction(grid.voxels());
  const int n = points;
  for (int z = 0; z < grid.shape[2]; ++z)
    for (int y = 0; y < grid.shape[1]; ++y)
      for (int x = 0; x < grid.shape[0]; ++x) {
        int inside = 0;
        for (int p = 0; p < n * n * n; ++p) {
          const double u = (x + (p % n + 0.5) / n - 0.5) * grid.spacing[0] - centre[0];
          const double v = (y + (p / n % n + 0.5) / n - 0.5) * grid.spacing[1] - centre[1];
          const double w = (z + (p / n / n + 0.5) / n - 0.5) * grid.spacing[2] - centre[2];
          inside += u * u + v * v + w * w <= radius * radius ? 1 : 0;
        }
        fraction[grid.index(x, y, z)] = static_cast<float>(inside) / static_cast<float>(n * n * n);
      }
  return fraction;
}

inline double volume(const std::vector<float>& fraction, const Grid& grid) {
  return std::accumulate(fraction.begin(), fraction.end(), 0.0) * grid.voxel_volume();
}

}  // namespace ytterby::test
