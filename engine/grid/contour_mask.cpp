#include "engine/grid/contour_mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/grid/grid_overlap.h"

namespace ytterby::io {
namespace {

constexpr double planar_cm = 0.05;  // points may be off their plane by so much
constexpr double aligned = 1e-4;    // 1 - cosine of a plane's normal to an axis of the grid

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

bool can_enclose(const Contour& contour) { return contour.size() >= 3; }

/// Normal of the contour with the largest area.
Vector3 normal_of(const std::vector<ContourRegion>& regions) {
  Vector3 best{0, 0, 0};
  for (const ContourRegion& region : regions) {
    for (const Contour& c : region.contours) {
      if (!can_enclose(c)) continue;
      const Vector3 area = area_vector(c);
      if (dot(area, area) > dot(best, best)) best = area;
    }
  }
  const double length = std::sqrt(dot(best, best));
  if (!(length > 1e-8) || !std::isfinite(length)) refuse("its contours enclose no area");
  for (double& v : best) v /= length;
  return best;
}

/// Of the first contour that can enclose anything; `normal_of` has found that there is one.
Vector3 first_point(const std::vector<ContourRegion>& regions) {
  for (const ContourRegion& region : regions) {
    const auto drawn = std::find_if(region.contours.begin(), region.contours.end(), can_enclose);
    if (drawn != region.contours.end()) return drawn->front();
  }
  refuse("its contours enclose no area");
}

/// Axis of the grid along which the planes lie, or -1.
int axis_along(const Grid& grid, const Vector3& normal) {
  for (int a = 0; a < 3; ++a) {
    if (std::abs(dot(axis_vector(grid, a), normal)) > 1 - aligned) return a;
  }
  return -1;
}

/// A lattice of the contours' own: along their normal, as fine as the grid, its first voxel at the first point.
Grid own_lattice(const Vector3& first, const Vector3& normal, const Grid& grid) {
  Grid own;
  const double finest = *std::min_element(grid.spacing.begin(), grid.spacing.end());
  own.spacing = {finest, finest, finest};
  own.shape = {1, 1, 1};
  own.origin = first;
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

PatientAxis patient_axis(const Grid& lattice, int axis) {
  const Vector3 along = axis_vector(lattice, axis);
  const auto nearest =
      std::max_element(along.begin(), along.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  const auto a = static_cast<std::size_t>(nearest - along.begin());
  return {"xyz"[a], 10 * lattice.origin[a], along[a]};
}

/// Contours in the lattice, their planes across `axis`; x and y are the two axes that follow it.
std::vector<PlaneContours> in_lattice(const std::vector<Contour>& contours, const Grid& lattice, int axis,
                                      const PatientAxis& patient) {
  const auto z = static_cast<std::size_t>(axis), x = (z + 1) % 3, y = (z + 2) % 3;
  const double mm_per_voxel = 10 * lattice.spacing[z];
  std::vector<PlaneContours> result;
  for (const Contour& contour : contours) {
    if (!can_enclose(contour)) continue;
    Polygon polygon;
    double low = 1e300, high = -1e300, sum = 0;
    for (const Vector3& point : contour) {
      const Vector3 at = in_voxels(lattice, point);
      polygon.push_back({at[x], at[y]});
      low = std::min(low, at[z]);
      high = std::max(high, at[z]);
      sum += at[z];
    }
    if (!(high - low <= 2 * planar_cm / lattice.spacing[z])) {
      refuse("has a contour that is not in one plane: it reaches over " + to_text((high - low) * mm_per_voxel, 4) +
             " mm across the others, between " + patient.name + " = " + to_text(patient.at(low * mm_per_voxel), 6) +
             " and " + to_text(patient.at(high * mm_per_voxel), 6) + " mm");
    }
    result.push_back({sum / static_cast<double>(contour.size()) * mm_per_voxel, {std::move(polygon)}});
  }
  return result;
}

/// Where contours reach, in voxels of the lattice.
struct Extent {
  Vector3 low{1e300, 1e300, 1e300}, high{-1e300, -1e300, -1e300};
  void take(std::size_t axis, double value) {
    low[axis] = std::min(low[axis], value);
    high[axis] = std::max(high[axis], value);
  }
};

/// Shares of the pixels of one plane.
class PlaneRaster {
 public:
  PlaneRaster(int low_x, int low_y, int nx, int ny)
      : low_x_(low_x), low_y_(low_y), nx_(nx), share_(static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny)) {}

  void fill(const PlaneRegion& region) {
    std::fill(share_.begin(), share_.end(), 0.0);
    for (std::size_t k = 0; k < region.lines().size(); ++k) {
      const int line = region.first() + static_cast<int>(k) - low_y_ * PlaneRegion::lines_per_voxel;
      const std::size_t from =
          static_cast<std::size_t>(std::max(line, 0) / PlaneRegion::lines_per_voxel) * static_cast<std::size_t>(nx_);
      if (line < 0 || from >= share_.size()) continue;
      for (const PlaneRegion::Interval& i : region.lines()[k]) cover(from, i.from, i.to);
    }
  }
  [[nodiscard]] float share(int x, int y) const {
    return static_cast<float>(std::min(
        share_[static_cast<std::size_t>(y) * static_cast<std::size_t>(nx_) + static_cast<std::size_t>(x)], 1.0));
  }

 private:
  void cover(std::size_t row, double from, double to) {
    from = std::max(from - low_x_ + 0.5, 0.0);
    to = std::min(to - low_x_ + 0.5, static_cast<double>(nx_));
    for (int x = static_cast<int>(from); x < nx_ && x < to; ++x) {
      const double length = std::min<double>(to, x + 1) - std::max<double>(from, x);
      if (length > 0) share_[row + static_cast<std::size_t>(x)] += length / PlaneRegion::lines_per_voxel;
    }
  }

  int low_x_, low_y_, nx_;
  std::vector<double> share_;
};

/// Voxels that contours reach, not farther off the grid than the grid is long.
Box box_of(const Extent& extent, const Grid& grid, bool own) {
  const Vector3 &low = extent.low, &high = extent.high;
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

/// All regions in their lattice.
struct Drawing {
  Grid lattice;
  int axis = 2;
  bool own = false;
  std::vector<Slab> slabs;  // of all regions; low and high in voxels
  Extent extent;
};

Drawing draw(const std::vector<ContourRegion>& regions, const Grid& grid, GapRule rule, ContourMask& mask) {
  const Vector3 normal = normal_of(regions);
  Drawing d;
  d.axis = axis_along(grid, normal);
  d.own = d.axis < 0;
  if (d.own) {
    d.lattice = own_lattice(first_point(regions), normal, grid);
    d.axis = 2;
  } else {
    d.lattice = grid;
  }
  const auto z = static_cast<std::size_t>(d.axis), x = (z + 1) % 3, y = (z + 2) % 3;
  const double mm_per_voxel = mask.slice_mm = 10 * d.lattice.spacing[z];
  const PatientAxis patient = patient_axis(d.lattice, d.axis);
  for (const ContourRegion& region : regions) {
    std::vector<PlaneContours> planes = in_lattice(region.contours, d.lattice, d.axis, patient);
    if (planes.empty()) continue;
    for (const PlaneContours& plane : planes) {
      for (const Corner& c : plane.polygons.front()) d.extent.take(x, c.x), d.extent.take(y, c.y);
      d.extent.take(z, plane.at / mm_per_voxel);
    }
    box_of(d.extent, d.lattice, d.own);  // refuses what is far off before it is drawn
    Slabs slabs = slabs_of(std::move(planes), mm_per_voxel, rule, region.within, patient);
    for (const PlaneGap& gap : slabs.gaps) {
      mask.missing.push_back({patient.at(gap.low), patient.at(gap.high),
                              gap.volume / mm_per_voxel * d.lattice.voxel_volume(), gap.filled});
    }
    mask.step_mm = std::max(mask.step_mm, slabs.step);
    mask.alone += slabs.alone;
    mask.departure_mm = std::max(mask.departure_mm, slabs.departure);
    mask.counts.identical += slabs.counts.identical;
    mask.counts.overlapping += slabs.counts.overlapping;
    for (Slab& slab : slabs.slabs) {
      mask.beyond_odd += slab.beyond_odd * (slab.high - slab.low) / mm_per_voxel * d.lattice.voxel_volume();
      slab.low /= mm_per_voxel;
      slab.high /= mm_per_voxel;
      d.extent.take(z, slab.low);
      d.extent.take(z, slab.high);
      d.slabs.push_back(std::move(slab));
    }
  }
  if (d.slabs.empty()) refuse("its contours enclose no volume");
  return d;
}

/// Adds what slabs put into one layer of voxels; where several regions' slabs meet, their areas unite.
void fill_layer(const Drawing& d, int layer, PlaneRaster& raster, ContourMask& mask) {
  const auto z = static_cast<std::size_t>(d.axis), x = (z + 1) % 3, y = (z + 2) % 3;
  std::vector<const Slab*> here;
  std::vector<double> ends{layer - 0.5, layer + 0.5};
  for (const Slab& slab : d.slabs) {
    if (slab.high <= layer - 0.5 || slab.low >= layer + 0.5) continue;
    here.push_back(&slab);
    for (const double end : {slab.low, slab.high}) {
      if (end > layer - 0.5 && end < layer + 0.5) ends.push_back(end);
    }
  }
  std::sort(ends.begin(), ends.end());
  std::array<int, 3> at{};
  at[z] = layer - mask.box.low[z];
  for (std::size_t e = 1; e < ends.size(); ++e) {
    const double thick = ends[e] - ends[e - 1], middle = 0.5 * (ends[e] + ends[e - 1]);
    PlaneRegion region;
    for (const Slab* slab : here) {
      if (slab->low < middle && middle < slab->high) region.add(slab->region);
    }
    if (!(thick > 0) || region.empty()) continue;
    raster.fill(region);
    for (at[y] = 0; at[y] < mask.inside.grid.shape[y]; ++at[y]) {
      for (at[x] = 0; at[x] < mask.inside.grid.shape[x]; ++at[x]) {
        float& value = mask.inside.values[mask.inside.grid.index(at[0], at[1], at[2])];
        value = std::min(1.0F, value + raster.share(at[x], at[y]) * static_cast<float>(thick));
      }
    }
  }
}

}  // namespace

ContourMask rasterise_regions(const std::vector<ContourRegion>& regions, const Grid& grid, GapRule rule) {
  ContourMask mask;
  const Drawing drawing = draw(regions, grid, rule, mask);
  mask.grid = drawing.lattice;
  mask.box = box_of(drawing.extent, drawing.lattice, drawing.own);
  mask.inside.grid = cut(mask.grid, mask.box);
  mask.inside.values.resize(mask.inside.grid.voxels());
  const auto z = static_cast<std::size_t>(drawing.axis), x = (z + 1) % 3, y = (z + 2) % 3;
  PlaneRaster raster(mask.box.low[x], mask.box.low[y], mask.inside.grid.shape[x], mask.inside.grid.shape[y]);
  for (int layer = mask.box.low[z]; layer <= mask.box.high[z]; ++layer) fill_layer(drawing, layer, raster, mask);
  return mask;
}

ContourMask rasterise(const std::vector<Contour>& contours, const Grid& grid) {
  return rasterise_regions({{contours, Within::nested}}, grid);
}

}  // namespace ytterby::io
