#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/units.h"
#include "engine/run_batches.h"
#include "engine/simulation.h"
#include "engine/tables/source_tables.h"
#include "kernels/launch/launch.h"
#include "support/expect_statistics.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

const Material& water() { return testing::test_materials()[testing::water]; }

struct Estimate {
  double value, error;  // [MeV] per decay
};

/// Energy in a box of voxels, as one structure with its own error.
Estimate energy_in_box(const Phantom& phantom, const Source& source, const RunOptions& options, std::array<int, 3> low,
                       std::array<int, 3> high) {
  Structure box{"box", Role::other, std::vector<float>(phantom.grid.voxels(), 0.0f)};
  for (int z = low[2]; z < high[2]; ++z)
    for (int y = low[1]; y < high[1]; ++y)
      for (int x = low[0]; x < high[0]; ++x) box.fraction[phantom.grid.index(x, y, z)] = 1.0f;
  const DoseMap map = simulate(phantom, source, options, std::span(&box, 1));
  const double scale = map.structures[0].mass / gray_per_MeV_per_g / map.decays;
  return {map.structures[0].mean * scale, map.structures[0].mean_error * scale};
}

void expect_equal(const Estimate& a, const Estimate& b, double allowance) {
  const double error = std::hypot(a.error, b.error);
  EXPECT_NEAR(a.value, b.value, testing::significance_in_errors * error + allowance * b.value)
      << a.value << " +- " << a.error << " and " << b.value << " +- " << b.error;
}

/// Runs with other seeds on tables that are built once.
class Repeated {
 public:
  explicit Repeated(const Phantom& phantom, const Source& source)
      : source_(build_source_tables(source, phantom.grid)), words_(phantom.grid.voxels(), 0x3f800000u) {
    view_.physics = testing::test_tables().view();
    for (std::size_t i = 0; i < 3; ++i) {
      view_.grid.shape[i] = static_cast<std::uint32_t>(phantom.grid.shape[i]);
      view_.grid.size[i] = static_cast<float>(phantom.grid.spacing[i]);
    }
    view_.grid.voxels = {words_.data(), static_cast<std::uint32_t>(words_.size())};
    view_.source = source_.view();
  }
  [[nodiscard]] BatchRun run(const RunOptions& options) const {
    const CpuLauncher launcher = best_cpu_launcher();
    const PortionRunner runner{[&](std::uint64_t first, std::uint64_t count, std::int64_t* tally) {
                                 return launcher.run(view_, options.seed, first, count, tally);
                               },
                               words_.size(), launcher.level};
    return run_batches(runner, options, options.histories / static_cast<std::uint64_t>(options.batches), {});
  }

 private:
  SourceTables source_;
  std::vector<std::uint32_t> words_;
  TransportView view_;
};

// 200 runs with different seeds: the spread of the results over the errors that they state.
TEST(Coverage, StatedErrorsAreTheSpreadOfResults) {
  const Phantom phantom = testing::uniform_phantom(water(), 1.0, {5, 5, 5}, {0.3, 0.3, 0.3});
  const Repeated repeated(phantom, testing::voxel_source(phantom.grid, 62));
  constexpr int runs = 200;
  const std::size_t voxels[] = {62, 63, 68, 93};
  testing::SampleMean energy[4], stated[4];
  for (int run = 0; run < runs; ++run) {
    const RunOptions options = testing::run_options(6400, static_cast<std::uint64_t>(run) + 100);
    const BatchRun result = repeated.run(options);
    for (std::size_t i = 0; i < 4; ++i) {
      const BatchSums::Estimate e = result.sums.estimate(voxels[i], options.batches);
      energy[i].add(e.mean);
      stated[i].add(e.error * e.error);
    }
  }
  for (std::size_t i = 0; i < 4; ++i) {
    // The stated variance is a mean of 200 with 63 degrees of freedom each: its own spread is 1.3 %, small beside the
    // 10 % of a chi-square of 199.
    const double ratio = energy[i].variance() / stated[i].mean();
    const double tail = testing::chi_square_tail(ratio * (runs - 1), runs - 1);
    EXPECT_GT(tail, testing::significance) << "voxel " << voxels[i] << ": errors too small, ratio " << std::sqrt(ratio);
    EXPECT_LT(tail, 1 - testing::significance)
        << "voxel " << voxels[i] << ": errors too large, ratio " << std::sqrt(ratio);
  }
}

// One cube of 0.9 cm, its energy from voxels of three sizes and two shapes.
TEST(GridIndependence, EnergyDoesNotDependOnTheVoxelSize) {
  const Source point = testing::point_source({1.51, 1.52, 1.53}, 0.9);
  const auto in_cube = [&](int parts, int parts_z) {
    const Phantom phantom = testing::uniform_phantom(water(), 1.0, {5 * parts, 5 * parts, 5 * parts_z},
                                                     {0.6 / parts, 0.6 / parts, 0.6 / parts_z});
    return energy_in_box(phantom, point, testing::run_options(150000, static_cast<std::uint64_t>(parts)),
                         {2 * parts, 2 * parts, 2 * parts_z}, {3 * parts, 3 * parts, 3 * parts_z});
  };
  const Estimate whole = in_cube(1, 1);
  EXPECT_GT(whole.value, 0.3);
  EXPECT_LT(whole.value, 0.88);
  expect_equal(in_cube(2, 2), whole, 0.001);
  expect_equal(in_cube(6, 6), whole, 0.001);
  expect_equal(in_cube(6, 2), whole, 0.001);
}

// Grid and source shifted against each other; the box scored around the source is the same.
TEST(GridIndependence, EnergyDoesNotDependOnTheAlignment) {
  // A cube of 0.3 cm around the source: a whole voxel with the source in its middle, or eight that meet at the source.
  const Phantom aligned = testing::uniform_phantom(water(), 1.0, {9, 9, 9}, {0.3, 0.3, 0.3});
  const auto middle = energy_in_box(aligned, testing::point_source({1.35, 1.35, 1.35}, 0.7),
                                    testing::run_options(150000, 1), {4, 4, 4}, {5, 5, 5});
  const Phantom shifted = testing::uniform_phantom(water(), 1.0, {18, 18, 18}, {0.15, 0.15, 0.15});
  const auto corner = energy_in_box(shifted, testing::point_source({1.35, 1.35, 1.35}, 0.7),
                                    testing::run_options(150000, 2), {8, 8, 8}, {10, 10, 10});
  const auto in_a_face = energy_in_box(shifted, testing::point_source({1.35, 1.275, 1.35}, 0.7),
                                       testing::run_options(150000, 3), {8, 8, 8}, {10, 9, 10});
  const Phantom flat = testing::uniform_phantom(water(), 1.0, {9, 18, 9}, {0.3, 0.15, 0.3});
  const auto in_the_middle = energy_in_box(flat, testing::point_source({1.35, 1.275, 1.35}, 0.7),
                                           testing::run_options(150000, 4), {4, 8, 4}, {5, 9, 5});
  expect_equal(corner, middle, 0.001);
  expect_equal(in_a_face, in_the_middle, 0.001);
}

// A material that changes its name and nothing else must change nothing: crossings between equal materials.
TEST(GridIndependence, EqualMaterialsSideBySideAreOne) {
  Phantom phantom = testing::uniform_phantom(water(), 1.0, {30, 30, 30}, {0.05, 0.05, 0.05});
  const Source point = testing::point_source({0.76, 0.77, 0.78}, 1.2);
  const auto one = energy_in_box(phantom, point, testing::run_options(150000, 1), {5, 5, 5}, {25, 25, 25});
  phantom.materials = {water(), water()};
  for (int z = 0; z < 30; ++z)
    for (int y = 0; y < 30; ++y)
      for (int x = 0; x < 30; ++x)
        phantom.material[phantom.grid.index(x, y, z)] = static_cast<std::uint8_t>((x + y + z) % 2);
  const auto checkered = energy_in_box(phantom, point, testing::run_options(150000, 2), {5, 5, 5}, {25, 25, 25});
  expect_equal(checkered, one, 0.001);
}

// Scaling density and lengths inversely leaves every energy as it is.
TEST(GridIndependence, LengthsScaleWithDensity) {
  const Phantom dense = testing::uniform_phantom(water(), 1.0, {9, 9, 9}, {0.2, 0.2, 0.2});
  const Phantom dilute = testing::uniform_phantom(water(), 0.25, {9, 9, 9}, {0.8, 0.8, 0.8});
  const auto a = energy_in_box(dense, testing::point_source({0.9, 0.9, 0.9}, 1.5), testing::run_options(100000, 1),
                               {3, 3, 3}, {6, 6, 6});
  const auto b = energy_in_box(dilute, testing::point_source({3.6, 3.6, 3.6}, 1.5), testing::run_options(100000, 2),
                               {3, 3, 3}, {6, 6, 6});
  expect_equal(a, b, 0.0005);
}

}  // namespace
}  // namespace ytterby
