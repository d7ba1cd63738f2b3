#include "engine/grid/crop.h"

#include <algorithm>
#include <cmath>

#include "engine/grid/grid_overlap.h"

namespace ytterby {

Box content_box(const Image<float>& image) {
  Box box{image.grid.shape, {-1, -1, -1}};
  std::size_t i = 0;
  for (int z = 0; z < image.grid.shape[2]; ++z) {
    for (int y = 0; y < image.grid.shape[1]; ++y) {
      for (int x = 0; x < image.grid.shape[0]; ++x) {
        if (image.values[i++] <= 0) continue;
        box = join(box, {{x, y, z}, {x, y, z}});
      }
    }
  }
  return box;
}

Box join(const Box& a, const Box& b) {
  Box box;
  for (std::size_t i = 0; i < 3; ++i) {
    box.low[i] = std::min(a.low[i], b.low[i]);
    box.high[i] = std::max(a.high[i], b.high[i]);
  }
  return box;
}

Grid cut(const Grid& grid, const Box& box) {
  Grid result = grid;
  result.origin = position(grid, box.low[0], box.low[1], box.low[2]);
  for (std::size_t i = 0; i < 3; ++i) result.shape[i] = box.high[i] - box.low[i] + 1;
  return result;
}

Image<float> cut(const Image<float>& image, const Box& covered, const Box& box) {
  Box relative;
  for (std::size_t i = 0; i < 3; ++i) {
    relative.low[i] = box.low[i] - covered.low[i];
    relative.high[i] = box.high[i] - covered.low[i];
  }
  Image<float> result{cut(image.grid, relative), {}};
  result.values.assign(result.grid.voxels(), 0.0F);
  const auto& shape = image.grid.shape;
  for (int z = std::max(0, relative.low[2]); z <= std::min(shape[2] - 1, relative.high[2]); ++z) {
    for (int y = std::max(0, relative.low[1]); y <= std::min(shape[1] - 1, relative.high[1]); ++y) {
      for (int x = std::max(0, relative.low[0]); x <= std::min(shape[0] - 1, relative.high[0]); ++x) {
        result.values[result.grid.index(x - relative.low[0], y - relative.low[1], z - relative.low[2])] =
            image.values[image.grid.index(x, y, z)];
      }
    }
  }
  return result;
}

bool same_grid(const Grid& a, const Grid& b) {
  if (a.shape != b.shape) return false;
  const auto corner = [](const Grid& g, int i) {
    return position(g, i & 1 ? g.shape[0] : 0, i & 2 ? g.shape[1] : 0, i & 4 ? g.shape[2] : 0);
  };
  const double smallest = *std::min_element(a.spacing.begin(), a.spacing.end());
  for (const int i : {0, 1, 2, 4}) {
    const Vector3 p = corner(a, i), q = corner(b, i);
    if (std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]) > 1e-4 * smallest) return false;
  }
  return true;
}

}  // namespace ytterby
