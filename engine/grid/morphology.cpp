#include "engine/grid/morphology.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

namespace ytterby {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Distances along one row: out[i] = min over j of in[j] + (s (i - j))^2. `in` and `out` may not overlap.
class RowTransform {
 public:
  explicit RowTransform(std::size_t length) : vertex_(length), from_(length + 1) {}

  void apply(const std::vector<double>& in, double spacing, std::vector<double>& out) {
    const std::size_t n = in.size();
    std::size_t parabolas = 0;
    const double s2 = spacing * spacing;
    for (std::size_t j = 0; j < n; ++j) {
      if (in[j] == infinity) continue;
      double start = -infinity;
      while (parabolas > 0) {
        const auto a = static_cast<double>(vertex_[parabolas - 1]), b = static_cast<double>(j);
        start = ((in[j] - in[vertex_[parabolas - 1]]) / s2 + b * b - a * a) / (2 * (b - a));
        if (start > from_[parabolas - 1]) break;
        --parabolas;
        start = -infinity;
      }
      vertex_[parabolas] = j;
      from_[parabolas] = start;
      ++parabolas;
    }
    if (parabolas == 0) {
      std::fill(out.begin(), out.end(), infinity);
      return;
    }
    std::size_t k = 0;
    for (std::size_t i = 0; i < n; ++i) {
      while (k + 1 < parabolas && from_[k + 1] < static_cast<double>(i)) ++k;
      const double d = static_cast<double>(i) - static_cast<double>(vertex_[k]);
      out[i] = in[vertex_[k]] + s2 * d * d;
    }
  }

 private:
  std::vector<std::size_t> vertex_;
  std::vector<double> from_;
};

/// The grid with `by` more voxels on every side.
Grid padded(Grid grid, const std::array<int, 3>& by) {
  for (std::size_t a = 0; a < 3; ++a) grid.shape[a] += 2 * by[a];
  return grid;
}

}  // namespace

std::vector<double> squared_distance(const std::vector<std::uint8_t>& set, const Grid& grid) {
  std::vector<double> distance(set.size());
  std::transform(set.begin(), set.end(), distance.begin(), [](std::uint8_t v) { return v != 0 ? 0.0 : infinity; });
  std::array<std::size_t, 3> stride{1, static_cast<std::size_t>(grid.shape[0]), 0}, size{};
  stride[2] = stride[1] * static_cast<std::size_t>(grid.shape[1]);
  for (std::size_t a = 0; a < 3; ++a) size[a] = static_cast<std::size_t>(grid.shape[a]);
  for (std::size_t a = 0; a < 3; ++a) {
    const std::size_t b = (a + 1) % 3, c = (a + 2) % 3;
    RowTransform transform(size[a]);
    std::vector<double> in(size[a]), out(size[a]);
    for (std::size_t i = 0; i < size[b]; ++i) {
      for (std::size_t j = 0; j < size[c]; ++j) {
        const std::size_t first = i * stride[b] + j * stride[c];
        for (std::size_t k = 0; k < size[a]; ++k) in[k] = distance[first + k * stride[a]];
        transform.apply(in, grid.spacing[a], out);
        for (std::size_t k = 0; k < size[a]; ++k) distance[first + k * stride[a]] = out[k];
      }
    }
  }
  return distance;
}

std::vector<std::uint8_t> closed(const std::vector<std::uint8_t>& set, const Grid& grid, double radius) {
  std::array<int, 3> by{};
  for (std::size_t a = 0; a < 3; ++a) by[a] = static_cast<int>(radius / grid.spacing[a] + 1e-9) + 1;
  const Grid wide = padded(grid, by);
  std::vector<std::uint8_t> work(wide.voxels());
  const auto at = [&](int x, int y, int z) { return wide.index(x + by[0], y + by[1], z + by[2]); };
  for (int z = 0; z < grid.shape[2]; ++z) {
    for (int y = 0; y < grid.shape[1]; ++y) {
      for (int x = 0; x < grid.shape[0]; ++x) work[at(x, y, z)] = set[grid.index(x, y, z)];
    }
  }
  // A ball that touches a centre exactly holds it, in both steps alike.
  const double reach = radius * radius * (1 + 1e-9);
  const std::vector<double> outwards = squared_distance(work, wide);
  for (std::size_t i = 0; i < work.size(); ++i) work[i] = outwards[i] <= reach ? 0 : 1;  // what is not dilated
  const std::vector<double> inwards = squared_distance(work, wide);
  std::vector<std::uint8_t> result(set.size());
  for (int z = 0; z < grid.shape[2]; ++z) {
    for (int y = 0; y < grid.shape[1]; ++y) {
      for (int x = 0; x < grid.shape[0]; ++x) {
        result[grid.index(x, y, z)] = inwards[at(x, y, z)] > reach ? 1 : 0;
      }
    }
  }
  return result;
}

ConnectedParts connected_parts(const std::vector<std::uint8_t>& set, const Grid& grid) {
  ConnectedParts parts;
  parts.label.assign(set.size(), 0);
  std::vector<std::array<int, 3>> open;
  const auto visit = [&](const std::array<int, 3>& i) {
    const std::size_t v = grid.index(i[0], i[1], i[2]);
    if (set[v] == 0 || parts.label[v] != 0) return;
    parts.label[v] = parts.count;
    open.push_back(i);
  };
  for (int z = 0; z < grid.shape[2]; ++z) {
    for (int y = 0; y < grid.shape[1]; ++y) {
      for (int x = 0; x < grid.shape[0]; ++x) {
        const std::size_t v = grid.index(x, y, z);
        if (set[v] == 0 || parts.label[v] != 0) continue;
        ++parts.count;
        visit({x, y, z});
        while (!open.empty()) {
          const std::array<int, 3> at = open.back();
          open.pop_back();
          for (std::size_t a = 0; a < 3; ++a) {
            for (const int step : {-1, 1}) {
              std::array<int, 3> next = at;
              next[a] += step;
              if (next[a] >= 0 && next[a] < grid.shape[a]) visit(next);
            }
          }
        }
      }
    }
  }
  return parts;
}

}  // namespace ytterby
