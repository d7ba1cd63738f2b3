#include "engine/grid/contour_mask.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/grid/grid_overlap.h"

namespace ytterby::io {
namespace {

constexpr int lines_per_voxel = 32;
constexpr double planar_cm = 0.05;  // points may be off their plane by so much
constexpr double same_plane_cm = 0.005;
constexpr double aligned = 1e-4;  // 1 - cosine of a plane's normal to an axis of the grid

[[noreturn]] void refuse(const std::string& what) { throw Error(Fault::input, what); }

double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Vector3 cross(const Vector3& a, const Vector3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

/// Newell's area vector: twice the area, along the normal.
Vector3 area_vector(const Contour& contour) {
  Vector3 sum{0, 0, 0};
  const Vector3& o = contour.front();
  for (std::size_t i = 0; i < contour.size(); ++i) {
    const Vector3 &p = contour[i], &q = contour[(i + 1) % contour.size()];
    const Vector3 c = cross({p[0] - o[0], p[1] - o[1], p[2] - o[2]}, {q[0] - o[0], q[1] - o[1], q[2] - o[2]});
    for (std::size_t a = 0; a < 3; ++a) sum[a] += c[a];
  }
  return sum;
}

/// Normal of the contour with the largest area.
Vector3 normal_of(const std::vector<Contour>& contours) {
  Vector3 best{0, 0, 0};
  for (const Contour& c : contours) {
    if (c.empty()) continue;
    const Vector3 area = area_vector(c);
    if (dot(area, area) > dot(best, best)) best = area;
  }
  const double length = std::sqrt(dot(best, best));
  if (!(length > 1e-8) || !std::isfinite(length)) refuse("its contours enclose no area");
  for (double& v : best) v /= length;
  return best;
}

/// A point of a contour in the lattice: two coordinates in the plane, in voxels.
struct Corner {
  double x, y;
};
using Polygon = std::vector<Corner>;

/// Contours of one plane.
struct Plane {
  double at;  // along the axis, in voxels
  std::vector<Polygon> polygons;
};

/// Axis of the grid along which the planes lie, or -1.
int axis_along(const Grid& grid, const Vector3& normal) {
  for (int a = 0; a < 3; ++a) {
    if (std::abs(dot(axis_vector(grid, a), normal)) > 1 - aligned) return a;
  }
  return -1;
}

/// A lattice of the contours' own: along their normal, as fine as the grid, its first voxel at the first point.
Grid own_lattice(const std::vector<Contour>& contours, const Vector3& normal, const Grid& grid) {
  Grid own;
  const double finest = *std::min_element(grid.spacing.begin(), grid.spacing.end());
  own.spacing = {finest, finest, finest};
  own.shape = {1, 1, 1};
  own.origin = contours.front().front();
  Vector3 x = axis_vector(grid, 0);
  if (std::abs(dot(x, normal)) > 0.9) x = axis_vector(grid, 1);
  const double along = dot(x, normal);
  for (std::size_t a = 0; a < 3; ++a) x[a] -= along * normal[a];
  const double length = std::sqrt(dot(x, x));
  for (double& v : x) v /= length;
  const Vector3 y = cross(normal, x);
  for (std::size_t row = 0; row < 3; ++row) {
    own.direction[3 * row] = x[row];
    own.direction[3 * row + 1] = y[row];
    own.direction[3 * row + 2] = normal[row];
  }
  return own;
}

Vector3 index_of(const Grid& grid, const Vector3& point) {
  Vector3 from;
  for (std::size_t a = 0; a < 3; ++a) from[a] = point[a] - grid.origin[a];
  Vector3 index;
  for (std::size_t a = 0; a < 3; ++a) index[a] = dot(from, axis_vector(grid, static_cast<int>(a))) / grid.spacing[a];
  return index;
}

/// Contours sorted into planes along `axis`; x and y are the two axes that follow it.
std::vector<Plane> planes_of(const std::vector<Contour>& contours, const Grid& lattice, int axis) {
  const auto z = static_cast<std::size_t>(axis), x = (z + 1) % 3, y = (z + 2) % 3;
  std::vector<Plane> planes;
  for (const Contour& contour : contours) {
    if (contour.size() < 3) continue;
    Polygon polygon;
    double low = 1e300, high = -1e300, sum = 0;
    for (const Vector3& point : contour) {
      const Vector3 at = index_of(lattice, point);
      polygon.push_back({at[x], at[y]});
      low = std::min(low, at[z]);
      high = std::max(high, at[z]);
      sum += at[z];
    }
    if (!(high - low <= 2 * planar_cm / lattice.spacing[z])) {
      refuse("has a contour that is not in one plane: it reaches over " +
             to_text((high - low) * lattice.spacing[z] * 10, 4) + " mm across the others");
    }
    planes.push_back({sum / static_cast<double>(contour.size()), {std::move(polygon)}});
  }
  std::sort(planes.begin(), planes.end(), [](const Plane& a, const Plane& b) { return a.at < b.at; });
  std::vector<Plane> merged;
  for (Plane& plane : planes) {
    if (!merged.empty() && (plane.at - merged.back().at) * lattice.spacing[z] < same_plane_cm) {
      merged.back().polygons.push_back(std::move(plane.polygons.front()));
    } else {
      merged.push_back(std::move(plane));
    }
  }
  return merged;
}

struct Slab {
  double low, high;  // along the axis, in voxels
};

std::vector<Slab> slabs_of(const std::vector<Plane>& planes) {
  if (planes.size() == 1) return {{planes[0].at - 0.5, planes[0].at + 0.5}};  // the lattice's own thickness
  std::vector<double> gaps;
  for (std::size_t i = 1; i < planes.size(); ++i) gaps.push_back(planes[i].at - planes[i - 1].at);
  std::vector<double> sorted = gaps;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
  const double usual = sorted[sorted.size() / 2];
  const auto half = [&](std::size_t gap) { return 0.5 * (gaps[gap] > 2.01 * usual ? usual : gaps[gap]); };
  std::vector<Slab> slabs;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const double below = i > 0 ? half(i - 1) : half(0), above = i < gaps.size() ? half(i) : half(gaps.size() - 1);
    slabs.push_back({planes[i].at - below, planes[i].at + above});
  }
  return slabs;
}

/// Shares of the pixels of one plane.
class PlaneRaster {
 public:
  PlaneRaster(int low_x, int low_y, int nx, int ny)
      : low_x_(low_x),
        low_y_(low_y),
        nx_(nx),
        ny_(ny),
        share_(static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny)) {}

  void fill(const std::vector<Polygon>& polygons) {
    std::vector<std::vector<double>> crossings(static_cast<std::size_t>(ny_) * lines_per_voxel);
    for (const Polygon& polygon : polygons) {
      for (std::size_t i = 0; i < polygon.size(); ++i)
        cross_edge(polygon[i], polygon[(i + 1) % polygon.size()], crossings);
    }
    for (std::size_t line = 0; line < crossings.size(); ++line) {
      std::vector<double>& xs = crossings[line];
      std::sort(xs.begin(), xs.end());
      for (std::size_t i = 0; i + 1 < xs.size(); i += 2) cover(line / lines_per_voxel, xs[i], xs[i + 1]);
    }
  }
  [[nodiscard]] float share(int x, int y) const {
    return static_cast<float>(std::min(
        share_[static_cast<std::size_t>(y) * static_cast<std::size_t>(nx_) + static_cast<std::size_t>(x)], 1.0));
  }

 private:
  /// Height of a sampling line, in voxels; half-open edges count each line once.
  [[nodiscard]] double height(double line) const { return low_y_ - 0.5 + (line + 0.5) / lines_per_voxel; }
  void cross_edge(Corner a, Corner b, std::vector<std::vector<double>>& crossings) const {
    if (a.y > b.y) std::swap(a, b);
    if (!(a.y < b.y)) return;
    const double first = std::ceil((a.y - low_y_ + 0.5) * lines_per_voxel - 0.5);
    for (double line = std::max(first, 0.0); line < static_cast<double>(crossings.size()); ++line) {
      const double y = height(line);
      if (y >= b.y) break;
      if (y < a.y) continue;
      crossings[static_cast<std::size_t>(line)].push_back(a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y));
    }
  }
  void cover(std::size_t row, double from, double to) {
    from = std::max(from - low_x_ + 0.5, 0.0);
    to = std::min(to - low_x_ + 0.5, static_cast<double>(nx_));
    for (int x = static_cast<int>(from); x < nx_ && x < to; ++x) {
      const double length = std::min<double>(to, x + 1) - std::max<double>(from, x);
      if (length > 0)
        share_[row * static_cast<std::size_t>(nx_) + static_cast<std::size_t>(x)] += length / lines_per_voxel;
    }
  }

  int low_x_, low_y_, nx_, ny_;
  std::vector<double> share_;
};

/// Voxels that the slabs and polygons reach, not farther off the grid than the grid is long.
Box box_of(const std::vector<Plane>& planes, const std::vector<Slab>& slabs, const Grid& grid, int axis, bool own) {
  const auto z = static_cast<std::size_t>(axis), x = (z + 1) % 3, y = (z + 2) % 3;
  Vector3 low{1e300, 1e300, 1e300}, high{-1e300, -1e300, -1e300};
  low[z] = slabs.front().low;
  high[z] = slabs.back().high;
  for (const Plane& plane : planes) {
    for (const Polygon& polygon : plane.polygons) {
      for (const Corner& c : polygon) {
        low[x] = std::min(low[x], c.x);
        high[x] = std::max(high[x], c.x);
        low[y] = std::min(low[y], c.y);
        high[y] = std::max(high[y], c.y);
      }
    }
  }
  Box box;
  double voxels = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    const double reach = own ? 4000 : grid.shape[a];
    if (!(low[a] > -reach - 1) || !(high[a] < 2 * reach + 1)) {
      refuse("its contours reach " + to_text(std::max(-low[a], high[a] - grid.shape[a]) * grid.spacing[a] * 10, 5) +
             " mm beyond the grid of the CT: do they belong to it?");
    }
    box.low[a] = static_cast<int>(std::floor(low[a] + 0.5));
    box.high[a] = std::max(box.low[a], static_cast<int>(std::ceil(high[a] + 0.5)) - 1);
    voxels *= box.high[a] - box.low[a] + 1;
  }
  if (voxels > 5e8) refuse("its contours reach over " + to_text(voxels, 3) + " voxels, more than 5e8");
  return box;
}

}  // namespace

ContourMask rasterise(const std::vector<Contour>& contours, const Grid& grid) {
  const Vector3 normal = normal_of(contours);
  int axis = axis_along(grid, normal);
  const bool own = axis < 0;
  const Grid lattice = own ? own_lattice(contours, normal, grid) : grid;
  if (own) axis = 2;
  const std::vector<Plane> planes = planes_of(contours, lattice, axis);
  const std::vector<Slab> slabs = slabs_of(planes);
  ContourMask mask{lattice, box_of(planes, slabs, lattice, axis, own), {}};
  mask.inside.grid = cut(lattice, mask.box);
  mask.inside.values.resize(mask.inside.grid.voxels());
  const auto z = static_cast<std::size_t>(axis), x = (z + 1) % 3, y = (z + 2) % 3;
  const Box& box = mask.box;
  const int nx = mask.inside.grid.shape[x], ny = mask.inside.grid.shape[y];
  for (std::size_t p = 0; p < planes.size(); ++p) {
    PlaneRaster raster(box.low[x], box.low[y], nx, ny);
    raster.fill(planes[p].polygons);
    for (int k = box.low[z]; k <= box.high[z]; ++k) {
      const double thick = std::min(slabs[p].high, k + 0.5) - std::max(slabs[p].low, k - 0.5);
      if (thick <= 0) continue;
      std::array<int, 3> at{};
      at[z] = k - box.low[z];
      for (at[y] = 0; at[y] < ny; ++at[y]) {
        for (at[x] = 0; at[x] < nx; ++at[x]) {
          float& value = mask.inside.values[mask.inside.grid.index(at[0], at[1], at[2])];
          value = std::min(1.0F, value + raster.share(at[x], at[y]) * static_cast<float>(thick));
        }
      }
    }
  }
  return mask;
}

}  // namespace ytterby::io
