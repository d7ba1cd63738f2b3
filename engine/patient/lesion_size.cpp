#include "engine/patient/lesion_size.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace ytterby {
namespace {

/// The image axis nearest to the patient's z.
std::size_t axial_axis(const Grid& grid) {
  std::size_t axis = 0;
  for (std::size_t a = 1; a < 3; ++a) {
    if (std::abs(grid.direction[6 + a]) > std::abs(grid.direction[6 + axis])) axis = a;
  }
  return axis;
}

/// Centres of the first and the last voxel inside of every row along x [cm]: the ends of every diameter are among them.
std::vector<Vector3> row_ends(const Image<float>& inside, std::array<int, 3> low, std::array<int, 3> high) {
  std::vector<Vector3> ends;
  const Grid& grid = inside.grid;
  for (int z = low[2]; z <= high[2]; ++z) {
    for (int y = low[1]; y <= high[1]; ++y) {
      int first = -1, last = -1;
      for (int x = low[0]; x <= high[0]; ++x) {
        if (inside.values[grid.index(x, y, z)] < 0.5F) continue;
        if (first < 0) first = x;
        last = x;
      }
      if (first < 0) continue;
      ends.push_back({first * grid.spacing[0], y * grid.spacing[1], z * grid.spacing[2]});
      if (last != first) ends.push_back({last * grid.spacing[0], y * grid.spacing[1], z * grid.spacing[2]});
    }
  }
  return ends;
}

double distance(const Vector3& a, const Vector3& b) { return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]); }

const Vector3& furthest(const std::vector<Vector3>& points, const Vector3& from) {
  return *std::max_element(points.begin(), points.end(),
                           [&](const Vector3& a, const Vector3& b) { return distance(a, from) < distance(b, from); });
}

/// Largest distance between two of the points. A few jumps to the furthest point give a good lower bound; only points
/// that lie far enough from the centre can then beat it.
double diameter(std::vector<Vector3> points) {
  if (points.size() < 2) return 0;
  Vector3 centre{0, 0, 0};
  for (const Vector3& p : points) {
    for (std::size_t a = 0; a < 3; ++a) centre[a] += p[a] / static_cast<double>(points.size());
  }
  double best = 0;
  Vector3 from = centre;
  for (int jump = 0; jump < 6; ++jump) {
    const Vector3 to = furthest(points, from);
    if (jump > 0) best = std::max(best, distance(from, to));
    from = to;
  }
  const double largest_radius = distance(furthest(points, centre), centre);
  std::erase_if(points, [&](const Vector3& p) { return distance(p, centre) + largest_radius < best; });
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) best = std::max(best, distance(points[i], points[j]));
  }
  return best;
}

}  // namespace

LesionSize lesion_size(const Image<float>& inside) {
  const std::size_t axis = axial_axis(inside.grid);
  std::array<int, 3> low{0, 0, 0}, high{};
  for (std::size_t a = 0; a < 3; ++a) high[a] = inside.grid.shape[a] - 1;
  LesionSize size;
  size.full = diameter(row_ends(inside, low, high));
  for (int slice = 0; slice < inside.grid.shape[axis]; ++slice) {
    low[axis] = high[axis] = slice;
    size.axial = std::max(size.axial, diameter(row_ends(inside, low, high)));
  }
  return size;
}

}  // namespace ytterby
