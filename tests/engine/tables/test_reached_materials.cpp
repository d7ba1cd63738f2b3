#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/tables/physics_tables.h"
#include "engine/tables/reached_materials.h"
#include "kernels/tables/lookup.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

/// A row of 20 voxels of 3 mm; the first emits.
struct Row {
  Phantom phantom = testing::uniform_phantom(testing::test_materials()[0], 1.0, {20, 1, 1}, {0.3, 0.3, 0.3});
  Source source;

  Row() {
    phantom.materials.assign(4, testing::test_materials()[0]);
    std::vector<double> activity(20, 0.0);
    activity[0] = 1;
    source.voxels = VoxelSource{activity};
  }
};

TEST(ReachedMaterials, EndWhereElectronsDo) {
  Row row;
  row.phantom.material[4] = 1;   // behind 9 mm
  row.phantom.material[10] = 2;  // behind 27 mm, 2.7 g/cm2
  const auto reached = reached_materials(row.phantom, row.source);
  EXPECT_TRUE(reached[0]);
  EXPECT_TRUE(reached[1]);
  EXPECT_FALSE(reached[2]);
  EXPECT_FALSE(reached[3]);  // does not occur
  std::fill_n(row.phantom.density.begin() + 1, 9, 0.26F);
  EXPECT_TRUE(reached_materials(row.phantom, row.source)[2]);
  row.source = {};
  row.source.segment = SegmentSource{{0.1, 0.1, 0.1}, {0.1, 0.1, 0.1}};
  EXPECT_TRUE(reached_materials(row.phantom, row.source)[3]);
}

// From a corner to the opposite one of a cube, and into every corner from its middle.
TEST(ReachedMaterials, FindEveryDirection) {
  Phantom phantom = testing::uniform_phantom(testing::test_materials()[0], 1.0, {7, 7, 7}, {0.2, 0.2, 0.2});
  phantom.materials.assign(9, testing::test_materials()[0]);
  for (int corner = 0; corner < 8; ++corner) {
    const auto end = [&](int axis) { return (corner >> axis & 1) * 6; };
    phantom.material[phantom.grid.index(end(0), end(1), end(2))] = static_cast<std::uint8_t>(corner + 1);
  }
  Source source;
  std::vector<double> activity(343, 0.0);
  activity[171] = 1;
  source.voxels = VoxelSource{activity};
  const auto reached = reached_materials(phantom, source);
  for (std::size_t m = 0; m < 9; ++m) EXPECT_TRUE(reached[m]) << m;
}

TEST(ReachedMaterials, OthersBorrowDeflectionsAlone) {
  const std::array<double, 3> density{1.0, 1.92, 0.26};
  const std::array<std::uint8_t, 3> needed{1, 0, 1};
  const PhysicsTables& whole = testing::test_tables();
  const PhysicsTables some = build_tables(testing::test_materials(), density, 0.01, 0.01, built_in_library(), needed);
  const std::size_t block = (angle_grid.intervals + 1) * angle_stride;
  const auto off = [&](std::size_t m) { return std::abs(std::log(whole.scattering[m] / whole.scattering[1])); };
  const std::size_t nearest = off(0) < off(2) ? 0 : 2;
  for (std::size_t c = 0; c < angle_classes; ++c)
    for (std::size_t m = 0; m < 3; ++m) {
      const std::size_t from = (c * 3 + (m == 1 ? nearest : m)) * block, to = (c * 3 + m) * block;
      EXPECT_TRUE(std::equal(whole.angle.begin() + static_cast<std::ptrdiff_t>(from),
                             whole.angle.begin() + static_cast<std::ptrdiff_t>(from + block),
                             some.angle.begin() + static_cast<std::ptrdiff_t>(to)))
          << c << " " << m;
    }
  EXPECT_EQ(whole.range.size(), some.range.size());
  EXPECT_EQ(whole.photon_majorant, some.photon_majorant);
  EXPECT_EQ(whole.event_majorant, some.event_majorant);
}

}  // namespace
}  // namespace ytterby
