// The correlated estimator: exact where the patient is the reference medium, unbiased everywhere.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "engine/correlated.h"
#include "engine/kernel_simulation.h"
#include "engine/simulation.h"
#include "tests/support/physics_fixture.h"

namespace ytterby {
namespace {

RunOptions options_of(std::uint64_t histories, std::uint64_t seed = 1) {
  RunOptions options = testing::run_options(histories, seed, 0);
  options.backend = Backend::cpu;
  return options;
}

Source active_everywhere(const Grid& grid) {
  Source source;
  source.voxels = VoxelSource{std::vector<double>(grid.voxels(), 1e6)};
  return source;
}

VoxelKernel kernel_of(const Phantom& phantom, const Source& source, std::uint64_t histories) {
  KernelOptions options = reference_kernel_options(phantom, source, options_of(1000));
  options.histories = histories;
  return make_voxel_kernel(options);
}

DoseMap correlated(const Phantom& phantom, const Source& source, const VoxelKernel& kernel, std::uint64_t histories,
                   std::uint64_t seed, std::span<const Structure> structures = {}, int threads = 0) {
  RunOptions options = options_of(histories, seed);
  options.estimator = Estimator::correlated;
  options.reference = &kernel;
  options.threads = threads;
  return simulate(phantom, source, options, structures);
}

/// 11 x 11 x 12 voxels of 3 mm: lung below, noisy soft tissue above; the grid ends all around.
Phantom lung_under_tissue() {
  Grid grid;
  grid.shape = {11, 11, 12};
  grid.spacing = {0.3, 0.3, 0.3};
  Phantom phantom{grid, {}, {}, {built_in_material("soft_tissue_icru44"), built_in_material("lung_icru44")}};
  for (std::size_t v = 0; v < grid.voxels(); ++v) {
    const bool lung = v < 4 * 121;
    const float noise = static_cast<float>(v * 2654435761u % 1000) / 1000.0f - 0.5f;  // +-5 %
    phantom.density.push_back(lung ? 0.26f : 1.05f * (1.0f + 0.1f * noise));
    phantom.material.push_back(lung ? 1 : 0);
  }
  return phantom;
}

// Where the patient is the reference medium, the two runs of a history deposit the same to the last quantum, and what
// is left is photons; but where an electron could leave the grid, K A_S goes on beyond it.
TEST(Correlated, LeavesPhotonsAloneInTheReferenceMedium) {
  const Phantom phantom =
      testing::uniform_phantom(built_in_material("soft_tissue_icru44"), 1.05, {21, 21, 21}, {0.3, 0.3, 0.3});
  Source source = active_everywhere(phantom.grid);
  for (std::size_t v = 0; v < source.voxels->activity.size(); ++v)
    if (v != phantom.grid.voxels() / 2) source.voxels->activity[v] = 0;
  const VoxelKernel kernel = kernel_of(phantom, source, 200000);
  ASSERT_FLOAT_EQ(static_cast<float>(kernel.density), 1.05f);
  const DoseMap plain = simulate(phantom, source, options_of(64000));
  const DoseMap map = correlated(phantom, source, kernel, 64000, 1);
  const std::size_t middle = phantom.grid.voxels() / 2;
  EXPECT_LT(map.uncertainty[middle], 0.1f * plain.uncertainty[middle]);
  EXPECT_NEAR(map.dose[middle] / plain.dose[middle], 1.0,
              4.0 * static_cast<double>(plain.uncertainty[middle] / plain.dose[middle]));
  EXPECT_TRUE(map.ledger.balanced());
  EXPECT_EQ(map.ledger.emitted, plain.ledger.emitted);
  EXPECT_EQ(map.ledger.deposited, plain.ledger.deposited);
  EXPECT_EQ(map.ledger.escaped, plain.ledger.escaped);
}

// In gas K A_S over the mass would be a large dose that rare histories have to take off again: 64 batches may not see
// one, and state a small error for a dose that is many times too large.
TEST(Correlated, TakesNothingAsKnownInGasAndKeepsAwayFromIt) {
  Phantom phantom =
      testing::uniform_phantom(built_in_material("soft_tissue_icru44"), 1.05, {15, 9, 9}, {0.3, 0.3, 0.3});
  phantom.materials.push_back(built_in_material("air"));
  for (int z = 0; z < 9; ++z)
    for (int y = 0; y < 9; ++y)
      for (int x = 0; x < 4; ++x) {
        phantom.density[phantom.grid.index(x, y, z)] = 0.0012f;
        phantom.material[phantom.grid.index(x, y, z)] = 1;
      }
  const Source source = active_everywhere(phantom.grid);
  const std::vector<std::uint8_t> mask = coupled_voxels(phantom);
  EXPECT_EQ(mask[phantom.grid.index(6, 4, 4)], 0);  // 3 voxels are 9 mm
  EXPECT_EQ(mask[phantom.grid.index(7, 4, 4)], 1);
  const VoxelKernel kernel = kernel_of(phantom, source, 400'000);
  const DoseMap plain = simulate(phantom, source, options_of(400'000, 3));
  const DoseMap map = correlated(phantom, source, kernel, 100'000, 1);
  ASSERT_TRUE(map.correlated);
  double squares = 0, worst = 0;
  for (std::size_t v = 0; v < map.dose.size(); ++v) {
    if (phantom.material[v] != 1) continue;
    EXPECT_EQ(map.correlated->kernel_error[v], 0.0f);
    const double z = static_cast<double>(map.dose[v] - plain.dose[v]) /
                     std::hypot(static_cast<double>(map.uncertainty[v]), static_cast<double>(plain.uncertainty[v]));
    squares += z * z;
    worst = std::max(worst, std::abs(z));
  }
  EXPECT_LT(squares / (4 * 81),
            1.8);  // 5 standard errors of a mean of 81 squares: a line through gas shares its electrons
  EXPECT_LT(worst, 6.0);
}

TEST(Correlated, GivesHistoriesWhereTheRunsPart) {
  // Liver, and in its upper half the voxels of every other plane of water.
  Phantom phantom = testing::uniform_phantom(built_in_material("liver_icru44"), 1.06, {15, 15, 15}, {0.3, 0.3, 0.3});
  phantom.materials.push_back(built_in_material("water"));
  phantom.materials.push_back(built_in_material("lung_icru44"));
  for (std::size_t v = 0; v < phantom.grid.voxels(); ++v) {
    const std::size_t z = v / 225;
    if (z >= 9 && z % 2 == 1) phantom.material[v] = 1;
    if (v % 15 >= 12) phantom.material[v] = 2, phantom.density[v] = 0.26F;
  }
  const std::vector<std::uint8_t> k = multiplicities(phantom, phantom.materials[0]);
  const auto at = [&](int x, int y, int z) { return int{k[phantom.grid.index(x, y, z)]}; };
  EXPECT_EQ(at(5, 5, 5), 0);
  EXPECT_EQ(at(5, 5, 8), 2);   // a third of the 27 is water
  EXPECT_EQ(at(5, 5, 10), 4);  // two thirds
  EXPECT_EQ(at(5, 5, 0), 2);   // a third is beyond the grid
  EXPECT_EQ(at(0, 0, 0), 4);   // 19 of the 27
  EXPECT_EQ(at(9, 5, 5), 0);
  EXPECT_EQ(at(10, 5, 5), multiplicity_at_edges);
  EXPECT_EQ(at(11, 5, 5), multiplicity_outside);  // beside lung
  // With a goal, far from it.
  Structure goal{"goal", Role::tumour, std::vector<float>(phantom.grid.voxels(), 0.0F)};
  goal.fraction[phantom.grid.index(11, 5, 5)] = 0.1F;
  const std::vector<std::uint8_t> near = multiplicities(phantom, phantom.materials[0], &goal);
  EXPECT_EQ(near[phantom.grid.index(11, 8, 8)], multiplicity_outside);  // 3 voxels are 9 mm
  EXPECT_EQ(near[phantom.grid.index(11, 9, 5)], multiplicity_far);
  EXPECT_EQ(near[phantom.grid.index(5, 5, 8)], 2);
  // What a history stands for: sum(A 2^k) / (2^5 sum(A)).
  const Source source = active_everywhere(phantom.grid);
  double sum = 0;
  for (const std::uint8_t of_voxel : k) sum += std::ldexp(1.0, of_voxel - multiplicity_outside);
  const DoseMap map = correlated(phantom, source, kernel_of(phantom, source, 6'400), 6'400, 1);
  EXPECT_NEAR(quanta_weight(map), sum / static_cast<double>(phantom.grid.voxels()), 1e-12);
}

TEST(Correlated, GainsMostDeepInNoisyTissueAndLosesNothingInLung) {
  const Phantom phantom = lung_under_tissue();
  const Source source = active_everywhere(phantom.grid);
  const VoxelKernel kernel = kernel_of(phantom, source, 400'000);
  const DoseMap plain = simulate(phantom, source, options_of(200'000));
  const DoseMap map = correlated(phantom, source, kernel, 200'000, 1);
  const auto gain = [&](int z) {
    double a = 0, b = 0;
    for (int y = 3; y < 8; ++y)
      for (int x = 3; x < 8; ++x) {
        const std::size_t v = phantom.grid.index(x, y, z);
        a += std::pow(static_cast<double>(plain.uncertainty[v]), 2);
        b += std::pow(static_cast<double>(map.uncertainty[v]), 2);
      }
    return a / b;
  };
  // Deep in tissue sources have one history in sum(2^k) of those that all have: at as many as they had without
  // multiplicities the gain is that much more than what is seen.
  double weights = 0;
  for (const std::uint8_t k : multiplicities(phantom, kernel.medium)) weights += std::ldexp(1.0, k);
  EXPECT_GT(gain(8) * weights / static_cast<double>(phantom.grid.voxels()), 30);
  EXPECT_GT(gain(2), 1.2);  // those in the lung get nearly all
  ASSERT_TRUE(map.correlated);
  EXPECT_NEAR(map.correlated->share, 7.0 / 12, 1e-12);  // the layer beside the lung is not in S
  EXPECT_EQ(map.correlated->coupled[phantom.grid.index(5, 5, 4)], 0);
  EXPECT_EQ(map.correlated->coupled[phantom.grid.index(5, 5, 8)], 1);
}

TEST(Correlated, GivesTheSameBitsOnAnyThreads) {
  const Phantom phantom = lung_under_tissue();
  const Source source = active_everywhere(phantom.grid);
  const VoxelKernel kernel = kernel_of(phantom, source, 64'000);
  const DoseMap one = correlated(phantom, source, kernel, 6400, 1, {}, 1);
  const DoseMap three = correlated(phantom, source, kernel, 6400, 1, {}, 3);
  EXPECT_EQ(one.dose, three.dose);
  for (std::size_t v = 0; v < one.uncertainty.size(); ++v)
    EXPECT_TRUE(one.uncertainty[v] == three.uncertainty[v] || std::isnan(one.uncertainty[v]));
}

TEST(Correlated, OneNoisyVoxelDoesNotTakeItsNeighboursOut) {
  Phantom phantom = testing::uniform_phantom(built_in_material("soft_tissue_icru44"), 1.05, {9, 9, 9}, {0.3, 0.3, 0.3});
  phantom.density[phantom.grid.index(4, 4, 4)] = 1.2f;
  EXPECT_EQ(coupled_voxels(phantom), std::vector<std::uint8_t>(729, 1));
  phantom.density[phantom.grid.index(4, 4, 4)] = 0.3f;  // a vessel of gas is not noise
  const std::vector<std::uint8_t> mask = coupled_voxels(phantom);
  EXPECT_EQ(mask[phantom.grid.index(4, 4, 4)], 0);
  EXPECT_EQ(mask[phantom.grid.index(3, 5, 4)], 1);
  EXPECT_EQ(multiplicities(phantom, phantom.materials[0])[phantom.grid.index(3, 5, 4)], multiplicity_at_edges);
}

TEST(Correlated, KernelHoldsTheEnergyThatElectronsKeep) {
  KernelOptions options;
  options.particles = KernelParticles::electrons;
  options.medium = built_in_material("soft_tissue_icru44");
  options.density = 1.05;
  options.extent = longest_restricted_range / options.density;
  options.histories = 200'000;
  options.run = options_of(1000);
  const VoxelKernel kernel = make_voxel_kernel(options);
  // 0.44 % of the energy is converted to bremsstrahlung in water; photons below the cutoff stay.
  EXPECT_GT(kernel.energy_fraction, 0.9945);
  EXPECT_LT(kernel.energy_fraction, 0.9975);
}

TEST(Correlated, RefusesAKernelWithPhotonsAndOtherCutoffs) {
  const Phantom phantom = lung_under_tissue();
  const Source source = active_everywhere(phantom.grid);
  VoxelKernel kernel = kernel_of(phantom, source, 6400);
  RunOptions options = options_of(6400);
  options.estimator = Estimator::correlated;
  options.reference = &kernel;
  const auto fault = [&] {
    try {
      simulate(phantom, source, options);
    } catch (const Error& error) {
      return error.fault();
    }
    return Fault::internal;
  };
  options.transport.electron_cutoff = 0.02;
  EXPECT_EQ(fault(), Fault::input);
  options.transport.electron_cutoff = 0.01;
  kernel.particles = KernelParticles::all;
  EXPECT_EQ(fault(), Fault::input);
}

}  // namespace
}  // namespace ytterby
