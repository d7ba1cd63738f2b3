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

/// Error of a diameter from a mask of shares, in voxels along it: what was seen is in tests/engine/patient.
constexpr double error_of_shares = 0.1;

/// The image axis nearest to the patient's z.
std::size_t axial_axis(const Grid& grid) {
  std::size_t axis = 0;
  for (std::size_t a = 1; a < 3; ++a) {
    if (std::abs(grid.direction[6 + a]) > std::abs(grid.direction[6 + axis])) axis = a;
  }
  return axis;
}

using Index = std::array<int, 3>;

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

/// From where rows cross the 0.5 surface.
LesionSize size_of_shares(const Image<float>& inside) {
  const std::size_t axis = axial_axis(inside.grid);
  Index low{0, 0, 0}, high{};
  for (std::size_t a = 0; a < 3; ++a) high[a] = inside.grid.shape[a] - 1;
  const auto diameter = [&](std::vector<Vector3> ends) {
    const Span span = largest_span(std::move(ends));
    const Vector3 &u = span.direction, &h = inside.grid.spacing;
    return Diameter{span.length, error_of_shares * std::hypot(u[0] * h[0], u[1] * h[1], u[2] * h[2])};
  };
  LesionSize size;
  std::vector<Vector3> ends;
  for (std::size_t a = 0; a < 3; ++a) add_row_ends(inside, a, low, high, ends);
  if (ends.empty()) return size;
  size.full = diameter(std::move(ends));
  for (int slice = 0; slice < inside.grid.shape[axis]; ++slice) {
    low[axis] = high[axis] = slice;
    std::vector<Vector3> in_slice;
    for (std::size_t a = 0; a < 3; ++a) {
      if (a != axis) add_row_ends(inside, a, low, high, in_slice);
    }
    const Diameter own = diameter(std::move(in_slice));
    if (own.value > size.axial.value) size.axial = own;
  }
  return size;
}

/// The first and last centre of each row of a slice that lie inside.
SampledBody slice_of(const Image<float>& inside, std::size_t axis, int slice) {
  const std::size_t b = (axis + 1) % 3, c = (axis + 2) % 3;
  SampledBody result;
  Index i{};
  i[axis] = slice;
  const auto centre = [&](int at) {
    Vector3 point{};
    for (std::size_t a = 0; a < 3; ++a) point[a] = (a == b ? at : i[a]) * inside.grid.spacing[a];
    return point;
  };
  for (i[c] = 0; i[c] < inside.grid.shape[c]; ++i[c]) {
    int first = -1, last = -1;
    for (i[b] = 0; i[b] < inside.grid.shape[b]; ++i[b]) {
      if (!(inside.values[inside.grid.index(i[0], i[1], i[2])] > 0)) continue;
      if (first < 0) first = i[b];
      last = i[b];
      ++result.count;
    }
    if (first < 0) continue;
    result.ends.push_back(centre(first));
    if (last > first) result.ends.push_back(centre(last));
  }
  result.height = slice * inside.grid.spacing[axis];
  return result;
}

/// From the voxel centres inside.
LesionSize size_of_samples(const Image<float>& inside) {
  const std::size_t axis = axial_axis(inside.grid);
  std::vector<SampledBody> slices;
  SampledBody whole;
  for (int slice = 0; slice < inside.grid.shape[axis]; ++slice) {
    SampledBody own = slice_of(inside, axis, slice);
    if (own.count == 0) continue;
    whole.count += own.count;
    whole.ends.insert(whole.ends.end(), own.ends.begin(), own.ends.end());
    slices.push_back(std::move(own));
  }
  const Vector3& spacing = inside.grid.spacing;
  LesionSize size{diameter_of_samples(slices, {(axis + 1) % 3, (axis + 2) % 3}, spacing),
                  diameter_of_samples({std::move(whole)}, {0, 1, 2}, spacing)};
  // A slice lies within the whole.
  if (size.full.value < size.axial.value) size.full.value = size.axial.value;
  return size;
}

LesionPart whole(const Image<float>& inside) {
  const double sum = std::accumulate(inside.values.begin(), inside.values.end(), 0.0,
                                     [](double s, float v) { return s + static_cast<double>(v); });
  return {lesion_size(inside), sum * inside.grid.voxel_volume()};
}

}  // namespace

LesionSize lesion_size(const Image<float>& inside) {
  const bool binary = std::all_of(inside.values.begin(), inside.values.end(), [](float v) { return v == 0 || v == 1; });
  return binary ? size_of_samples(inside) : size_of_shares(inside);
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
