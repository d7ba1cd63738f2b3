#include "engine/grid/resample.h"

#include <algorithm>
#include <utility>

namespace ytterby {
namespace {

/// Values with their own shape, x fastest.
template <class T>
struct Block {
  std::array<int, 3> shape;
  std::vector<T> values;
  [[nodiscard]] std::size_t index(int x, int y, int z) const {
    return static_cast<std::size_t>(x) +
           static_cast<std::size_t>(shape[0]) *
               (static_cast<std::size_t>(y) + static_cast<std::size_t>(shape[1]) * static_cast<std::size_t>(z));
  }
};

using Share = double AxisOverlap::*;

template <class T>
Block<T> block_of(std::array<int, 3> shape) {
  Block<T> block{shape, {}};
  block.values.assign(block.index(0, 0, shape[2]), T{});
  return block;
}

/// Resamples along z (axis 2) or y (axis 1) of the source: whole rows are added, which the compiler vectorises.
template <class T>
Block<T> pass_rows(const std::array<int, 3>& in_shape, const T* in, const GridOverlap& overlap, int source_axis,
                   int target_axis, int length, Share share) {
  std::array<int, 3> shape = in_shape;
  shape[static_cast<std::size_t>(source_axis)] = length;
  const auto nx = static_cast<std::size_t>(in_shape[0]), ny = static_cast<std::size_t>(in_shape[1]);
  const auto row = [&](int y, int z) { return nx * (static_cast<std::size_t>(y) + ny * static_cast<std::size_t>(z)); };
  Block<T> out = block_of<T>(shape);
  parallel_for(shape[2], [&](int z) {
    for (int y = 0; y < shape[1]; ++y) {
      T* const to = out.values.data() + out.index(0, y, z);
      for (const AxisOverlap& o : overlap.along(target_axis, source_axis == 2 ? z : y)) {
        const T* const from = in + (source_axis == 2 ? row(y, o.source) : row(o.source, z));
        const T weight = static_cast<T>(o.*share);
        for (int x = 0; x < shape[0]; ++x) to[x] += weight * from[x];
      }
    }
  });
  return out;
}

/// Resamples along x of the source.
template <class T>
Block<T> pass_columns(const Block<T>& in, const GridOverlap& overlap, int target_axis, int length, Share share) {
  Block<T> out = block_of<T>({length, in.shape[1], in.shape[2]});
  parallel_for(in.shape[2], [&](int z) {
    for (int y = 0; y < in.shape[1]; ++y) {
      const T* const from = in.values.data() + in.index(0, y, z);
      T* const to = out.values.data() + out.index(0, y, z);
      for (int x = 0; x < length; ++x) {
        double sum = 0;
        for (const AxisOverlap& o : overlap.along(target_axis, x))
          sum += o.*share * static_cast<double>(from[o.source]);
        to[x] = static_cast<T>(sum);
      }
    }
  });
  return out;
}

template <class T>
std::vector<T> separable(const Image<T>& image, const Grid& to, const GridOverlap& overlap, Share share) {
  std::array<int, 3> target_axis{};  // of each source axis
  for (int t = 0; t < 3; ++t) target_axis[static_cast<std::size_t>(overlap.source_axis(t))] = t;
  const auto length = [&](std::size_t s) { return to.shape[static_cast<std::size_t>(target_axis[s])]; };
  Block<T> block = pass_rows(image.grid.shape, image.values.data(), overlap, 2, target_axis[2], length(2), share);
  block = pass_rows(block.shape, block.values.data(), overlap, 1, target_axis[1], length(1), share);
  block = pass_columns(block, overlap, target_axis[0], length(0), share);
  if (target_axis == std::array{0, 1, 2}) return std::move(block.values);
  std::vector<T> result(to.voxels());
  std::array<std::size_t, 3> stride{};  // of each source axis in the target
  const std::array<std::size_t, 3> target_stride{1, to.index(0, 1, 0), to.index(0, 0, 1)};
  for (std::size_t s = 0; s < 3; ++s) stride[s] = target_stride[static_cast<std::size_t>(target_axis[s])];
  std::size_t i = 0;
  for (int z = 0; z < block.shape[2]; ++z) {
    for (int y = 0; y < block.shape[1]; ++y) {
      for (int x = 0; x < block.shape[0]; ++x) {
        result[static_cast<std::size_t>(x) * stride[0] + static_cast<std::size_t>(y) * stride[1] +
               static_cast<std::size_t>(z) * stride[2]] = block.values[i++];
      }
    }
  }
  return result;
}

/// Every source voxel as points that each carry an equal part of its content, so that nothing is lost within `to`.
std::vector<double> redistribute_points(const Image<double>& image, const Grid& to) {
  std::vector<double> result(to.voxels());
  const VoxelFinder finder(to);
  const std::vector<Vector3> points = sampling_points(image.grid, to);
  std::size_t index = 0;
  for (int z = 0; z < image.grid.shape[2]; ++z) {
    for (int y = 0; y < image.grid.shape[1]; ++y) {
      for (int x = 0; x < image.grid.shape[0]; ++x) {
        const double part = image.values[index++] / static_cast<double>(points.size());
        if (part == 0) continue;
        for (const Vector3& p : points) {
          const auto found = finder.find(position(image.grid, x + p[0], y + p[1], z + p[2]));
          if (found) result[*found] += part;
        }
      }
    }
  }
  return result;
}

std::vector<float> average_points(const Image<float>& image, const Grid& to) {
  std::vector<float> result(to.voxels());
  const VoxelFinder finder(image.grid);
  const std::vector<Vector3> points = sampling_points(to, image.grid);
  parallel_for(to.shape[2], [&](int z) {
    for (int y = 0; y < to.shape[1]; ++y) {
      for (int x = 0; x < to.shape[0]; ++x) {
        double sum = 0;
        for (const Vector3& p : points) {
          const auto found = finder.find(position(to, x + p[0], y + p[1], z + p[2]));
          if (found) sum += static_cast<double>(image.values[*found]);
        }
        result[to.index(x, y, z)] = static_cast<float>(sum / static_cast<double>(points.size()));
      }
    }
  });
  return result;
}

}  // namespace

std::vector<double> redistribute(const Image<double>& image, const Grid& to) {
  if (image.grid == to) return image.values;
  const GridOverlap overlap(image.grid, to);
  if (!overlap.exact()) return redistribute_points(image, to);
  return separable(image, to, overlap, &AxisOverlap::share_of_source);
}

std::vector<float> average(const Image<float>& image, const Grid& to) {
  if (image.grid == to) return image.values;
  const GridOverlap overlap(image.grid, to);
  if (!overlap.exact()) return average_points(image, to);
  return separable(image, to, overlap, &AxisOverlap::share_of_target);
}

std::vector<float> coverage(const Grid& from, const Grid& to) {
  if (from == to) return std::vector<float>(to.voxels(), 1.0F);
  return average({from, std::vector<float>(from.voxels(), 1.0F)}, to);
}

}  // namespace ytterby
