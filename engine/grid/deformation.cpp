#include "engine/grid/deformation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "engine/base/parallel.h"
#include "engine/grid/grid_overlap.h"

namespace ytterby {
namespace {

using Matrix3 = std::array<std::array<double, 3>, 3>;

/// Voxels of one grid a voxel of another along its axes: column b is the step of axis b.
Matrix3 steps_of(const Grid& grid, const Grid& other) {
  Matrix3 steps{};
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < 3; ++b) {
      double cosine = 0;
      for (std::size_t row = 0; row < 3; ++row) cosine += grid.direction[3 * row + a] * other.direction[3 * row + b];
      steps[a][b] = cosine * other.spacing[b] / grid.spacing[a];
    }
  }
  return steps;
}

/// A shift and its gradient, column b along axis b of the field's grid.
struct Local {
  Vector3 shift{0, 0, 0};
  Matrix3 gradient{};
};

/// Linear between the eight voxels around a point in voxels of the field; as at the last ones beyond them.
Local local_at(const Deformation& field, const Vector3& at) {
  std::array<int, 3> low{};
  std::array<std::array<double, 2>, 3> share{}, slope{};
  for (std::size_t a = 0; a < 3; ++a) {
    const int last = field.grid.shape[a] - 1;
    const double x = std::clamp(at[a], 0.0, static_cast<double>(last));
    low[a] = std::min(static_cast<int>(x), std::max(last - 1, 0));
    share[a] = {1 - (x - low[a]), x - low[a]};
    if (last > 0 && at[a] >= 0 && at[a] <= last) slope[a] = {-1, 1};
  }
  Local local;
  for (int corner = 0; corner < 8; ++corner) {
    std::array<std::size_t, 3> up{};
    std::array<int, 3> v{};
    for (std::size_t a = 0; a < 3; ++a) {
      up[a] = static_cast<std::size_t>(corner >> a & 1);
      v[a] = std::min(low[a] + static_cast<int>(up[a]), field.grid.shape[a] - 1);
    }
    const Vector3& shift = field.shift[field.grid.index(v[0], v[1], v[2])];
    const double x = share[0][up[0]], y = share[1][up[1]], z = share[2][up[2]];
    const Vector3 change{slope[0][up[0]] * y * z, x * slope[1][up[1]] * z, x * y * slope[2][up[2]]};
    for (std::size_t row = 0; row < 3; ++row) {
      local.shift[row] += x * y * z * shift[row];
      for (std::size_t a = 0; a < 3; ++a) local.gradient[row][a] += change[a] * shift[row];
    }
  }
  return local;
}

double determinant(const Matrix3& m) {
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

Matrix3 product(const Matrix3& m, const Matrix3& n) {
  Matrix3 p{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 3; ++k) p[i][j] += m[i][k] * n[k][j];
  return p;
}

/// Mean of an image, constant in each voxel and 0 beyond, over a small box of `width` voxels around a point in voxels.
template <class T>
double mean_about(const Image<T>& image, const Vector3& at, const Vector3& width) {
  std::array<int, 3> low{};
  std::array<std::array<double, 2>, 3> share{};
  for (std::size_t a = 0; a < 3; ++a) {
    if (!(at[a] > -1) || !(at[a] < image.grid.shape[a])) return 0;
    low[a] = static_cast<int>(std::floor(at[a]));
    const double upper = std::clamp((at[a] - low[a] - 0.5) / std::max(width[a], 1e-6) + 0.5, 0.0, 1.0);
    share[a] = {1 - upper, upper};
  }
  double sum = 0;
  for (int corner = 0; corner < 8; ++corner) {
    double weight = 1;
    std::array<int, 3> v{};
    bool inside = true;
    for (std::size_t a = 0; a < 3; ++a) {
      v[a] = low[a] + (corner >> a & 1);
      weight *= share[a][static_cast<std::size_t>(corner >> a & 1)];
      inside = inside && v[a] >= 0 && v[a] < image.grid.shape[a];
    }
    if (inside && weight > 0) sum += weight * static_cast<double>(image.values[image.grid.index(v[0], v[1], v[2])]);
  }
  return sum;
}

/// What a range of voxels along an axis may be.
struct Range {
  double low = 1e30, high = -1e30;
  void take(double v) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
};

template <class Visit>
void for_each_voxel(const Grid& grid, const Visit& visit) {
  for (int z = 0; z < grid.shape[2]; ++z)
    for (int y = 0; y < grid.shape[1]; ++y)
      for (int x = 0; x < grid.shape[0]; ++x) visit(std::array<int, 3>{x, y, z}, grid.index(x, y, z));
}

/// The image's voxels, went on with as far as the field reaches and content may come to lie: where nothing is moved,
/// nothing changes.
template <class T>
Grid moved_grid(const Image<T>& image, const Deformation& field) {
  std::array<Range, 3> content, shifts, reach;
  for_each_voxel(image.grid, [&](const std::array<int, 3>& v, std::size_t i) {
    if (image.values[i] == T{0}) return;
    for (std::size_t a = 0; a < 3; ++a) content[a].take(v[a]);
  });
  const Vector3 none{0, 0, 0}, at_none = in_voxels(image.grid, none);
  for (const Vector3& shift : field.shift) {
    const Vector3 to = in_voxels(image.grid, shift);
    for (std::size_t a = 0; a < 3; ++a) shifts[a].take(to[a] - at_none[a]);
  }
  for (int corner = 0; corner < 8; ++corner) {
    const auto end = [&](int a) {
      return (corner >> a & 1) != 0 ? field.grid.shape[static_cast<std::size_t>(a)] - 0.5 : -0.5;
    };
    const Vector3 at = in_voxels(image.grid, position(field.grid, end(0), end(1), end(2)));
    for (std::size_t a = 0; a < 3; ++a) reach[a].take(at[a]);
  }
  Grid grid = image.grid;
  Vector3 first{0, 0, 0};
  for (std::size_t a = 0; a < 3; ++a) {
    const double low = std::max(reach[a].low, content[a].low - 0.5 - shifts[a].high);
    const double high = std::min(reach[a].high, content[a].high + 0.5 - shifts[a].low);
    first[a] = low <= high ? std::floor(low + 0.5 + 1e-6) : 0;
    grid.shape[a] = low <= high ? std::max(1, static_cast<int>(std::ceil(high + 0.5 - 1e-6) - first[a])) : 1;
  }
  grid.origin = position(image.grid, first[0], first[1], first[2]);
  return grid;
}

/// Points a voxel along each axis: three, and more where the field is finer; at most eight.
std::array<int, 3> points_of(const Grid& field, const Grid& image) {
  const double finest = *std::min_element(field.spacing.begin(), field.spacing.end());
  std::array<int, 3> points{};
  for (std::size_t a = 0; a < 3; ++a) {
    points[a] = static_cast<int>(std::clamp(std::ceil(image.spacing[a] / finest - 1e-6) + 2, 3.0, 8.0));
  }
  return points;
}

/// Moves values; `by_volume` multiplies them by the volume that a unit of volume comes from.
template <class T>
Deformed<T> deform(const Image<T>& image, const Deformation& field, bool by_volume) {
  Deformed<T> result;
  const Grid grid = moved_grid(image, field);
  result.image = {grid, std::vector<T>(grid.voxels(), T{0})};
  const auto content = [](const Image<T>& i) {
    return i.grid.voxel_volume() * std::accumulate(i.values.begin(), i.values.end(), 0.0,
                                                   [](double s, T v) { return s + static_cast<double>(v); });
  };
  result.before = content(image);
  const std::array<int, 3> points = points_of(field.grid, grid);
  const int parts = points[0] * points[1] * points[2];
  const Matrix3 to_field = steps_of(field.grid, grid);
  Grid unit;  // whose voxels are centimetres along the patient's axes
  unit.spacing = {1, 1, 1};
  const Matrix3 to_image = steps_of(grid, unit);
  const Vector3 first = in_voxels(field.grid, grid.origin), first_of_image = in_voxels(image.grid, grid.origin);
  std::vector<double> least(static_cast<std::size_t>(grid.shape[2]), 1e30);
  const auto moved = [&](const Vector3& at, double& smallest) {
    Vector3 in_field = first;
    for (std::size_t a = 0; a < 3; ++a) {
      for (std::size_t b = 0; b < 3; ++b) in_field[a] += to_field[a][b] * at[b];
      if (!(in_field[a] >= -0.5) || !(in_field[a] <= field.grid.shape[a] - 0.5)) return 0.0;
    }
    const Local local = local_at(field, in_field);
    Matrix3 map = product(to_image, product(local.gradient, to_field));
    Vector3 from = first_of_image, width{0, 0, 0};
    for (std::size_t a = 0; a < 3; ++a) {
      map[a][a] += 1;
      from[a] += at[a];
      for (std::size_t b = 0; b < 3; ++b) {
        from[a] += to_image[a][b] * local.shift[b];
        width[a] += std::abs(map[a][b]) / points[b];
      }
    }
    const double value = mean_about(image, from, width);
    if (value == 0) return 0.0;
    const double volume = determinant(map);
    smallest = std::min(smallest, volume);
    return by_volume ? value * volume : value;
  };
  parallel_for(grid.shape[2], [&](int z) {
    for (int y = 0; y < grid.shape[1]; ++y) {
      for (int x = 0; x < grid.shape[0]; ++x) {
        double sum = 0;
        for (int part = 0; part < parts; ++part) {
          const auto offset = [&](int number, int of) { return (number + 0.5) / of - 0.5; };
          const Vector3 at{x + offset(part % points[0], points[0]), y + offset(part / points[0] % points[1], points[1]),
                           z + offset(part / (points[0] * points[1]), points[2])};
          sum += moved(at, least[static_cast<std::size_t>(z)]);
        }
        result.image.values[grid.index(x, y, z)] = static_cast<T>(sum / parts);
      }
    }
  });
  result.after = content(result.image);
  const double smallest = *std::min_element(least.begin(), least.end());
  if (smallest < 1e30) result.smallest_stretch = smallest;
  return result;
}

}  // namespace

Deformed<float> deform_mask(const Image<float>& mask, const Deformation& field) { return deform(mask, field, false); }

Deformed<double> deform_concentration(const Image<double>& concentration, const Deformation& field) {
  return deform(concentration, field, true);
}

}  // namespace ytterby
