#include "engine/patient/lesion_size.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>

#include "engine/grid/crop.h"
#include "engine/grid/morphology.h"

namespace ytterby {
namespace {

/// Standard deviation [voxels] of the Gaussian that turns a mask of 0 and 1 into shares; lesion_size.h says why.
constexpr double softening = 0.6;

/// The image axis nearest to the patient's z.
std::size_t axial_axis(const Grid& grid) {
  std::size_t axis = 0;
  for (std::size_t a = 1; a < 3; ++a) {
    if (std::abs(grid.direction[6 + a]) > std::abs(grid.direction[6 + axis])) axis = a;
  }
  return axis;
}

using Index = std::array<int, 3>;

/// The mask with two empty voxels on every side.
Image<float> padded(const Image<float>& inside) {
  Box box{{-2, -2, -2}, {}};
  for (std::size_t a = 0; a < 3; ++a) box.high[a] = inside.grid.shape[a] + 1;
  return cut(inside, {{0, 0, 0}, {inside.grid.shape[0] - 1, inside.grid.shape[1] - 1, inside.grid.shape[2] - 1}}, box);
}

/// One pass of a Gaussian along an axis, 0 beyond the image.
void smooth(std::vector<float>& values, const Grid& grid, std::size_t axis) {
  constexpr int reach = 3;
  std::array<double, 2 * reach + 1> weight{};
  double sum = 0;
  for (int k = -reach; k <= reach; ++k) {
    sum += weight[static_cast<std::size_t>(k + reach)] = std::exp(-0.5 * std::pow(k / softening, 2));
  }
  const std::vector<float> from = values;
  Index i{};
  for (i[2] = 0; i[2] < grid.shape[2]; ++i[2]) {
    for (i[1] = 0; i[1] < grid.shape[1]; ++i[1]) {
      for (i[0] = 0; i[0] < grid.shape[0]; ++i[0]) {
        double mean = 0;
        for (int k = -reach; k <= reach; ++k) {
          Index at = i;
          at[axis] += k;
          if (at[axis] < 0 || at[axis] >= grid.shape[axis]) continue;
          mean += weight[static_cast<std::size_t>(k + reach)] / sum *
                  static_cast<double>(from[grid.index(at[0], at[1], at[2])]);
        }
        values[grid.index(i[0], i[1], i[2])] = static_cast<float>(mean);
      }
    }
  }
}

/// Shares in place of a mask of 0 and 1, whose steps would make its surface rough: the largest distance over a rough
/// surface is too large by up to a voxel. What is inside stays inside. A mask that holds shares is left as it is.
Image<float> with_shares(const Image<float>& inside) {
  Image<float> result = padded(inside);
  const bool binary = std::all_of(inside.values.begin(), inside.values.end(), [](float v) { return v == 0 || v == 1; });
  if (!binary) return result;
  const std::vector<float> mask = result.values;
  for (std::size_t a = 0; a < 3; ++a) smooth(result.values, result.grid, a);
  const float outside = std::nextafter(0.5F, 0.0F);
  for (std::size_t v = 0; v < mask.size(); ++v) {
    result.values[v] = mask[v] > 0 ? std::max(result.values[v], 0.5F) : std::min(result.values[v], outside);
  }
  return result;
}

float value_at(const Image<float>& inside, const Index& i) {
  for (std::size_t a = 0; a < 3; ++a) {
    if (i[a] < 0 || i[a] >= inside.grid.shape[a]) return 0;
  }
  return inside.values[inside.grid.index(i[0], i[1], i[2])];
}

/// Where the line from voxel `i`, which is inside, to its neighbour along `axis` leaves the surface [cm].
Vector3 crossing(const Image<float>& inside, const Index& i, std::size_t axis, int step) {
  Index next = i;
  next[axis] += step;
  const auto here = static_cast<double>(value_at(inside, i)), there = static_cast<double>(value_at(inside, next));
  const double share = std::min(1.0, (here - 0.5) / (here - there));
  Vector3 point{};
  for (std::size_t a = 0; a < 3; ++a) point[a] = i[a] * inside.grid.spacing[a];
  point[axis] += step * share * inside.grid.spacing[axis];
  return point;
}

/// Where every row along `axis` enters and leaves the surface for the first and last time: the ends of every diameter
/// are among such points of all axes.
void add_row_ends(const Image<float>& inside, std::size_t axis, const Index& low, const Index& high,
                  std::vector<Vector3>& ends) {
  const std::size_t b = (axis + 1) % 3, c = (axis + 2) % 3;
  Index i{};
  for (i[b] = low[b]; i[b] <= high[b]; ++i[b]) {
    for (i[c] = low[c]; i[c] <= high[c]; ++i[c]) {
      int first = -1, last = -1;
      for (i[axis] = low[axis]; i[axis] <= high[axis]; ++i[axis]) {
        if (inside.values[inside.grid.index(i[0], i[1], i[2])] < 0.5F) continue;
        if (first < 0) first = i[axis];
        last = i[axis];
      }
      if (first < 0) continue;
      Index at = i;
      at[axis] = first;
      ends.push_back(crossing(inside, at, axis, -1));
      at[axis] = last;
      ends.push_back(crossing(inside, at, axis, 1));
    }
  }
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

/// Every voxel that is less than half inside takes the label of a labelled neighbour, where there is one.
std::vector<std::int32_t> with_fringe(const std::vector<std::int32_t>& label, const Image<float>& inside) {
  std::vector<std::int32_t> result(label.size());
  const Grid& grid = inside.grid;
  for (int z = 0; z < grid.shape[2]; ++z) {
    for (int y = 0; y < grid.shape[1]; ++y) {
      for (int x = 0; x < grid.shape[0]; ++x) {
        const std::size_t v = grid.index(x, y, z);
        if (!(inside.values[v] > 0)) continue;
        result[v] = label[v];
        for (std::size_t a = 0; a < 3 && result[v] == 0; ++a) {
          for (const int step : {-1, 1}) {
            Index next{x, y, z};
            next[a] += step;
            if (next[a] < 0 || next[a] >= grid.shape[a] || result[v] != 0) continue;
            result[v] = label[grid.index(next[0], next[1], next[2])];
          }
        }
      }
    }
  }
  return result;
}

/// The box around each label, from 1 on.
std::vector<Box> boxes_of(const std::vector<std::int32_t>& label, int count, const Grid& grid) {
  std::vector<Box> boxes(static_cast<std::size_t>(count), {grid.shape, {-1, -1, -1}});
  for (int z = 0; z < grid.shape[2]; ++z) {
    for (int y = 0; y < grid.shape[1]; ++y) {
      for (int x = 0; x < grid.shape[0]; ++x) {
        const std::int32_t part = label[grid.index(x, y, z)];
        if (part == 0) continue;
        Box& box = boxes[static_cast<std::size_t>(part - 1)];
        const Index at{x, y, z};
        for (std::size_t a = 0; a < 3; ++a) {
          box.low[a] = std::min(box.low[a], at[a]);
          box.high[a] = std::max(box.high[a], at[a]);
        }
      }
    }
  }
  return boxes;
}

/// The mask within `box`, where it bears the label `part`.
Image<float> only(const Image<float>& inside, const std::vector<std::int32_t>& label, std::int32_t part,
                  const Box& box) {
  Image<float> own{cut(inside.grid, box), {}};
  own.values.reserve(own.grid.voxels());
  for (int z = box.low[2]; z <= box.high[2]; ++z) {
    for (int y = box.low[1]; y <= box.high[1]; ++y) {
      for (int x = box.low[0]; x <= box.high[0]; ++x) {
        const std::size_t v = inside.grid.index(x, y, z);
        own.values.push_back(label[v] == part ? inside.values[v] : 0.0F);
      }
    }
  }
  return own;
}

LesionPart whole(const Image<float>& inside) {
  const double sum = std::accumulate(inside.values.begin(), inside.values.end(), 0.0,
                                     [](double s, float v) { return s + static_cast<double>(v); });
  return {lesion_size(inside), sum * inside.grid.voxel_volume()};
}

}  // namespace

LesionSize lesion_size(const Image<float>& mask) {
  const Image<float> inside = with_shares(mask);
  const std::size_t axis = axial_axis(inside.grid);
  Index low{0, 0, 0}, high{};
  for (std::size_t a = 0; a < 3; ++a) high[a] = inside.grid.shape[a] - 1;
  LesionSize size;
  std::vector<Vector3> ends;
  for (std::size_t a = 0; a < 3; ++a) add_row_ends(inside, a, low, high, ends);
  size.full = diameter(std::move(ends));
  for (int slice = 0; slice < inside.grid.shape[axis]; ++slice) {
    low[axis] = high[axis] = slice;
    std::vector<Vector3> in_slice;
    for (std::size_t a = 0; a < 3; ++a) {
      if (a != axis) add_row_ends(inside, a, low, high, in_slice);
    }
    size.axial = std::max(size.axial, diameter(std::move(in_slice)));
  }
  return size;
}

std::vector<LesionPart> lesion_parts(const Image<float>& inside, double closing) {
  std::vector<std::uint8_t> set(inside.values.size());
  std::transform(inside.values.begin(), inside.values.end(), set.begin(),
                 [](float v) { return static_cast<std::uint8_t>(v >= 0.5F ? 1 : 0); });
  const ConnectedParts parts = connected_parts(closed(set, inside.grid, closing), inside.grid);
  if (parts.count <= 1) return {whole(inside)};
  std::vector<LesionPart> result;
  const std::vector<std::int32_t> label = with_fringe(parts.label, inside);
  const std::vector<Box> boxes = boxes_of(label, parts.count, inside.grid);
  for (int part = 1; part <= parts.count; ++part) {
    result.push_back(whole(only(inside, label, part, boxes[static_cast<std::size_t>(part - 1)])));
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const LesionPart& a, const LesionPart& b) { return a.volume > b.volume; });
  return result;
}

}  // namespace ytterby
