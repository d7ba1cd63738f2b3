// Histories that share a batch's emission out evenly: the same dose on average, with smaller errors that are what they
// say.

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/simulation.h"
#include "support/expect_statistics.h"

namespace ytterby {
namespace {

constexpr int side = 12;

/// Tissue beside lung; activity that varies from voxel to voxel, none in some.
struct Patient {
  Phantom phantom;
  Source source;
  std::vector<Structure> structures;

  Patient() {
    phantom.grid = {{side, side, side}, {0.3, 0.3, 0.3}, {}, {}};
    phantom.materials = {built_in_material("liver_icru44"), built_in_material("lung_icru44")};
    std::vector<double> activity(phantom.grid.voxels());
    std::vector<float> lung(phantom.grid.voxels());
    for (std::size_t v = 0; v < activity.size(); ++v) {
      const bool in_lung = v % side < 4;
      phantom.material.push_back(in_lung ? 1 : 0);
      phantom.density.push_back(in_lung ? 0.26f : 1.06f);
      lung[v] = in_lung ? 1.0f : 0.0f;
      activity[v] = v % 5 == 0 ? 0 : 1 + std::sin(static_cast<double>(v));
    }
    source.voxels = VoxelSource{activity};
    structures.push_back({"lung", Role::lung, lung});
  }

  [[nodiscard]] DoseMap run(std::uint64_t histories, bool even, std::uint64_t seed) const {
    RunOptions options;
    options.histories = histories;
    options.backend = Backend::cpu;
    options.threads = 2;
    options.seed = seed;
    options.transport.even_emission = even;
    return simulate(phantom, source, options, structures);
  }
};

double mean_square(const std::vector<float>& errors) {
  double sum = 0;
  for (const float e : errors) sum += static_cast<double>(e) * static_cast<double>(e);
  return sum / static_cast<double>(errors.size());
}

TEST(EvenEmission, HasTheDoseOfIndependentEmissionWithASmallerError) {
  const Patient p;
  const DoseMap even = p.run(2'000'000, true, 1), independent = p.run(2'000'000, false, 2);
  double sum = 0, squares = 0;
  for (std::size_t v = 0; v < even.dose.size(); ++v) {
    const double z =
        static_cast<double>(even.dose[v] - independent.dose[v]) /
        std::hypot(static_cast<double>(even.uncertainty[v]), static_cast<double>(independent.uncertainty[v]));
    sum += z;
    squares += z * z;
  }
  const auto n = static_cast<double>(even.dose.size());
  EXPECT_LT(std::abs(sum / n), 4 / std::sqrt(n));
  EXPECT_NEAR(std::sqrt(squares / n), 1, 0.08);
  const StructureDose &a = even.structures[0], &b = independent.structures[0];
  EXPECT_NEAR(a.mean, b.mean, 4 * std::hypot(a.mean_error, b.mean_error));
  // 18 histories a batch and voxel.
  EXPECT_GT(mean_square(independent.uncertainty) / mean_square(even.uncertainty), 1.3);
  EXPECT_GT(std::pow(b.mean_error / a.mean_error, 2), 2);
}

/// The errors that 64 batches state, against the spread of runs with other seeds: of voxels, and of a structure.
TEST(EvenEmission, StatesTheSpreadOfItsDoses) {
  const Patient p;
  constexpr std::uint64_t runs = 40;
  std::vector<testing::SampleMean> dose(p.phantom.grid.voxels());
  testing::SampleMean lung;
  std::vector<double> stated(dose.size());
  double stated_lung = 0;
  for (std::uint64_t seed = 0; seed < runs; ++seed) {
    const DoseMap map = p.run(60'000, true, 100 + seed);
    for (std::size_t v = 0; v < dose.size(); ++v) {
      dose[v].add(static_cast<double>(map.dose[v]));
      stated[v] += std::pow(static_cast<double>(map.uncertainty[v]), 2) / runs;
    }
    lung.add(map.structures[0].mean);
    stated_lung += std::pow(map.structures[0].mean_error, 2) / runs;
  }
  double ratio = 0;
  for (std::size_t v = 0; v < dose.size(); ++v)
    ratio += dose[v].variance() / stated[v] / static_cast<double>(dose.size());
  EXPECT_NEAR(ratio, 1, 0.04);
  // A variance from 40 runs is known to 23 % (one standard deviation).
  EXPECT_NEAR(lung.variance() / stated_lung, 1, 0.75);
}

}  // namespace
}  // namespace ytterby
