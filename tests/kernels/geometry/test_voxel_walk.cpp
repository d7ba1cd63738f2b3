#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "kernels/geometry/voxel_walk.h"
#include "support/generators.h"

namespace ytterby {
namespace {

struct TestGrid {
  std::vector<std::uint32_t> words;
  GridView view;

  explicit TestGrid(std::array<std::uint32_t, 3> shape, std::array<float, 3> size)
      : words(shape[0] * shape[1] * shape[2], float_bits(1.0f) & 0xffffff00u) {
    for (std::size_t i = 0; i < 3; ++i) {
      view.shape[i] = shape[i];
      view.size[i] = size[i];
    }
    view.voxels = {words.data(), static_cast<std::uint32_t>(words.size())};
  }
};

Electron electron_in(const GridView& grid, std::uint32_t voxel, Vec3 position, Vec3 direction) {
  Electron e{};
  place_in_voxel(e, grid, voxel);
  e.position = position;
  e.direction = direction;
  return e;
}

/// Length of a straight flight in each voxel, until it leaves the grid.
std::map<std::uint32_t, double> walk(Electron e, const GridView& grid) {
  std::map<std::uint32_t, double> length;
  for (int flights = 0; flights < 10000; ++flights) {
    const Face face = next_face(e, grid);
    EXPECT_GE(face.distance, 0.0f);
    length[e.voxel] += static_cast<double>(face.distance);
    advance(e, grid, face.distance);
    if (!cross_face(e, grid, face.axis)) return length;
    EXPECT_EQ(e.voxel, e.x + grid.shape[0] * (e.y + grid.shape[1] * e.z));
    enter_voxel(e, grid);
  }
  ADD_FAILURE() << "the walk does not end";
  return length;
}

/// The same analytically (Siddon, Med. Phys. 12 (1985) 252): sorted crossings of all planes, in double.
std::map<std::uint32_t, double> siddon(const Electron& e, const GridView& grid) {
  const double d[3] = {static_cast<double>(e.direction.x), static_cast<double>(e.direction.y),
                       static_cast<double>(e.direction.z)};
  const double local[3] = {static_cast<double>(e.position.x), static_cast<double>(e.position.y),
                           static_cast<double>(e.position.z)};
  const std::uint32_t index[3] = {e.x, e.y, e.z};
  double start[3];
  std::vector<double> cuts{0};
  double leave = 1e30;
  for (std::size_t i = 0; i < 3; ++i) {
    const double size = static_cast<double>(grid.size[i]);
    start[i] = index[i] * size + local[i];
    if (d[i] == 0) continue;
    for (std::uint32_t plane = 0; plane <= grid.shape[i]; ++plane)
      if (const double s = (plane * size - start[i]) / d[i]; s > 0) cuts.push_back(s);
    leave = std::min(leave, ((d[i] > 0 ? grid.shape[i] * size : 0) - start[i]) / d[i]);
  }
  std::sort(cuts.begin(), cuts.end());
  std::map<std::uint32_t, double> length;
  for (std::size_t k = 0; k + 1 < cuts.size() && cuts[k + 1] <= leave * (1 + 1e-12); ++k) {
    std::uint32_t at[3];
    for (std::size_t i = 0; i < 3; ++i) {
      const double middle = start[i] + 0.5 * (cuts[k] + cuts[k + 1]) * d[i];
      at[i] = static_cast<std::uint32_t>(
          std::clamp(middle / static_cast<double>(grid.size[i]), 0.0, static_cast<double>(grid.shape[i] - 1)));
    }
    length[at[0] + grid.shape[0] * (at[1] + grid.shape[1] * at[2])] += cuts[k + 1] - cuts[k];
  }
  return length;
}

void expect_same(const std::map<std::uint32_t, double>& found, const std::map<std::uint32_t, double>& expected,
                 double tolerance) {
  for (const auto& [voxel, length] : expected) {
    const auto it = found.find(voxel);
    EXPECT_NEAR(it == found.end() ? 0 : it->second, length, tolerance) << "voxel " << voxel;
  }
  for (const auto& [voxel, length] : found) {
    if (expected.contains(voxel)) continue;
    EXPECT_NEAR(length, 0, tolerance) << "voxel " << voxel;
  }
}

TEST(VoxelWalk, PathLengthsAreSiddons) {
  const TestGrid grids[] = {TestGrid({7, 5, 9}, {0.3f, 0.3f, 0.3f}), TestGrid({11, 8, 6}, {0.25f, 0.25f, 0.5f}),
                            TestGrid({40, 3, 20}, {0.03f, 0.4f, 0.1f})};
  testing::RandomWords rng;
  for (const TestGrid& grid : grids)
    for (int ray = 0; ray < 3000; ++ray) {
      Electron e{};
      place_in_voxel(e, grid.view, rng.word() % grid.view.voxels.size);
      place_uniformly(e, grid.view, rng.word(), rng.word(), rng.word());
      Vec3 d{static_cast<float>(rng.word()) * 0x1p-31f - 1, static_cast<float>(rng.word()) * 0x1p-31f - 1,
             static_cast<float>(rng.word()) * 0x1p-31f - 1};
      e.direction = d * (1 / std::sqrt(dot(d, d)));
      expect_same(walk(e, grid.view), siddon(e, grid.view), 3e-6);
    }
}

TEST(VoxelWalk, StartsOnFacesEdgesAndCorners) {
  const TestGrid grid({5, 5, 5}, {0.25f, 0.25f, 0.5f});
  const float oblique = 1 / std::sqrt(3.0f);
  for (const float x : {0.0f, 0.125f, 0.25f})
    for (const float y : {0.0f, 0.125f, 0.25f})
      for (const float z : {0.0f, 0.25f, 0.5f})
        for (const float sx : {-1.0f, 1.0f})
          for (const float sy : {-1.0f, 1.0f})
            for (const float sz : {-1.0f, 1.0f}) {
              const Electron e = electron_in(grid.view, 62, {x, y, z}, {sx * oblique, sy * oblique, sz * oblique});
              double total = 0, expected = 0;
              for (const auto& [voxel, length] : walk(e, grid.view)) total += length;
              for (const auto& [voxel, length] : siddon(e, grid.view)) expected += length;
              EXPECT_NEAR(total, expected, 2e-6);
            }
}

TEST(VoxelWalk, RunsAlongAxes) {
  const TestGrid grid({5, 4, 3}, {0.25f, 0.25f, 0.5f});
  const Vec3 axes[] = {{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}, {-0.0f, 1, -0.0f}};
  for (const Vec3& axis : axes) {
    const Electron e = electron_in(grid.view, 27, {0.1f, 0.1f, 0.1f}, axis);
    expect_same(walk(e, grid.view), siddon(e, grid.view), 1e-6);
  }
}

// Along an axis inside a face of the grid's voxels: any of the neighbours may have the path, but the walk ends and its
// length is right.
TEST(VoxelWalk, RunsInsideAFace) {
  const TestGrid grid({5, 5, 5}, {0.25f, 0.25f, 0.25f});
  for (const float y : {0.0f, 0.25f})
    for (const Vec3 axis : {Vec3{1, 0, 0}, Vec3{1, -0.0f, 0}, Vec3{-1, 0, -0.0f}}) {
      double total = 0;
      for (const auto& [voxel, length] : walk(electron_in(grid.view, 62, {0.1f, y, 0.25f}, axis), grid.view))
        total += length;
      EXPECT_NEAR(total, axis.x > 0 ? 0.65 : 0.6, 1e-6);
    }
}

TEST(VoxelWalk, NearestFaceIsNeverBeyondTheNextOne) {
  const TestGrid grid({3, 3, 3}, {0.3f, 0.2f, 0.5f});
  testing::RandomWords rng;
  for (int i = 0; i < 100000; ++i) {
    Electron e{};
    place_in_voxel(e, grid.view, 13);
    place_uniformly(e, grid.view, rng.word(), rng.word(), rng.word());
    Vec3 d{static_cast<float>(rng.word()) * 0x1p-31f - 1, static_cast<float>(rng.word()) * 0x1p-31f - 1,
           static_cast<float>(rng.word()) * 0x1p-31f - 1};
    e.direction = d * (1 / std::sqrt(dot(d, d)));
    ASSERT_LE(nearest_face(e, grid.view), next_face(e, grid.view).distance + 1e-6f);
    ASSERT_GE(nearest_face(e, grid.view), 0.0f);
  }
}

TEST(EnterVoxel, ReadsMaterialAndDensity) {
  TestGrid grid({2, 1, 1}, {1, 1, 1});
  grid.words = {(float_bits(0.2601f) & 0xffffff00u) | 7u, 3u};
  Electron e{};
  place_in_voxel(e, grid.view, 0);
  EXPECT_EQ(e.material, 7u);
  EXPECT_NEAR(e.density / 0.2601f, 1.0f, 0x1p-15f);
  EXPECT_FLOAT_EQ(e.path_per_range * e.density, 1.0f);
  place_in_voxel(e, grid.view, 1);
  EXPECT_EQ(e.material, 3u);
  EXPECT_EQ(e.density, 0.0f);
  EXPECT_EQ(e.path_per_range, 0.0f);
}

}  // namespace
}  // namespace ytterby
