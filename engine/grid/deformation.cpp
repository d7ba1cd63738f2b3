#include "engine/grid/deformation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "engine/base/parallel.h"
#include "engine/grid/grid_overlap.h"

namespace ytterby {
namespace {

/// A point in voxels of a grid: 0 is the centre of the first one.
Vector3 in_voxels(const Grid& grid, const Vector3& point) {
  Vector3 at{};
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t row = 0; row < 3; ++row) at[a] += grid.direction[3 * row + a] * (point[row] - grid.origin[row]);
    at[a] /= grid.spacing[a];
  }
  return at;
}

/// Calls `visit(index, weight)` with the eight voxels around a point in voxels; `clamp` keeps them on the grid, else
/// those beyond it are left out.
template <class Visit>
void around(const Grid& grid, const Vector3& at, bool clamp, const Visit& visit) {
  std::array<int, 3> low{};
  std::array<double, 3> share{};
  for (std::size_t a = 0; a < 3; ++a) {
    double x = at[a];
    if (clamp) x = std::clamp(x, 0.0, static_cast<double>(grid.shape[a] - 1));
    if (!(x > -1) || !(x < grid.shape[a])) return;
    low[a] = static_cast<int>(std::floor(x));
    share[a] = x - low[a];
  }
  for (int corner = 0; corner < 8; ++corner) {
    double weight = 1;
    std::array<int, 3> v{};
    bool inside = true;
    for (std::size_t a = 0; a < 3; ++a) {
      const bool upper = (corner >> a & 1) != 0;
      v[a] = low[a] + (upper ? 1 : 0);
      weight *= upper ? share[a] : 1 - share[a];
      inside = inside && v[a] >= 0 && v[a] < grid.shape[a];
    }
    if (inside && weight > 0) visit(grid.index(v[0], v[1], v[2]), weight);
  }
}

/// Volume that a unit of volume at p comes from: the determinant of the gradient of p + shift(p), by central
/// differences over half a voxel.
double stretch(const Deformation& field, const Vector3& p) {
  std::array<Vector3, 3> column{};
  for (std::size_t a = 0; a < 3; ++a) {
    const double h = 0.25 * *std::min_element(field.grid.spacing.begin(), field.grid.spacing.end());
    Vector3 up = p, down = p;
    up[a] += h;
    down[a] -= h;
    const Vector3 u = field.at(up), d = field.at(down);
    for (std::size_t row = 0; row < 3; ++row) column[a][row] = (u[row] - d[row]) / (2 * h) + (row == a ? 1 : 0);
  }
  const auto& [x, y, z] = column;
  return x[0] * (y[1] * z[2] - y[2] * z[1]) - y[0] * (x[1] * z[2] - x[2] * z[1]) + z[0] * (x[1] * y[2] - x[2] * y[1]);
}

/// Points a voxel of the field along each axis: four to the finer voxel of the two, so that what the linear image holds
/// is summed to about 1e-3; at most eight.
std::array<int, 3> points_of(const Grid& field, const Grid& image) {
  const double finest = *std::min_element(image.spacing.begin(), image.spacing.end());
  std::array<int, 3> points{};
  for (std::size_t a = 0; a < 3; ++a) {
    points[a] = static_cast<int>(std::clamp(std::ceil(4 * field.spacing[a] / finest - 1e-6), 2.0, 8.0));
  }
  return points;
}

/// Moves values; `by_volume` multiplies them by the stretch.
template <class T>
Deformed<T> deform(const Image<T>& image, const Deformation& field, bool by_volume) {
  Deformed<T> result;
  result.image.grid = field.grid;
  result.image.values.assign(field.grid.voxels(), T{0});
  const auto content = [](const Image<T>& i) {
    return i.grid.voxel_volume() * std::accumulate(i.values.begin(), i.values.end(), 0.0,
                                                   [](double s, T v) { return s + static_cast<double>(v); });
  };
  result.before = content(image);
  const std::array<int, 3> points = points_of(field.grid, image.grid);
  const int parts = points[0] * points[1] * points[2];
  std::vector<double> least(static_cast<std::size_t>(field.grid.shape[2]), 1e30);
  parallel_for(field.grid.shape[2], [&](int z) {
    for (int y = 0; y < field.grid.shape[1]; ++y) {
      for (int x = 0; x < field.grid.shape[0]; ++x) {
        double sum = 0;
        for (int part = 0; part < parts; ++part) {
          const auto offset = [&](int number, int of) { return (number + 0.5) / of - 0.5; };
          const Vector3 p = position(field.grid, x + offset(part % points[0], points[0]),
                                     y + offset(part / points[0] % points[1], points[1]),
                                     z + offset(part / (points[0] * points[1]), points[2]));
          const Vector3 shift = field.at(p);
          const Vector3 from{p[0] + shift[0], p[1] + shift[1], p[2] + shift[2]};
          double value = 0;
          around(image.grid, in_voxels(image.grid, from), false,
                 [&](std::size_t i, double weight) { value += weight * static_cast<double>(image.values[i]); });
          if (value == 0) continue;
          const double volume = stretch(field, p);
          least[static_cast<std::size_t>(z)] = std::min(least[static_cast<std::size_t>(z)], volume);
          sum += by_volume ? value * volume : value;
        }
        result.image.values[field.grid.index(x, y, z)] = static_cast<T>(sum / parts);
      }
    }
  });
  result.after = content(result.image);
  const double smallest = *std::min_element(least.begin(), least.end());
  if (smallest < 1e30) result.smallest_stretch = smallest;
  return result;
}

}  // namespace

Vector3 Deformation::at(const Vector3& point) const {
  Vector3 result{0, 0, 0};
  around(grid, in_voxels(grid, point), true, [&](std::size_t i, double weight) {
    for (std::size_t a = 0; a < 3; ++a) result[a] += weight * shift[i][a];
  });
  return result;
}

Deformed<float> deform_mask(const Image<float>& mask, const Deformation& field) { return deform(mask, field, false); }

Deformed<double> deform_concentration(const Image<double>& concentration, const Deformation& field) {
  return deform(concentration, field, true);
}

}  // namespace ytterby
