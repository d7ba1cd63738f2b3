#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/error.h"
#include "engine/base/units.h"
#include "engine/kernel_simulation.h"
#include "engine/methods/kernel_dose.h"
#include "engine/methods/local_deposition.h"
#include "engine/methods/voxel_kernel.h"
#include "engine/simulation.h"

namespace ytterby {
namespace {

KernelOptions water_kernel(std::uint64_t histories, Vector3 spacing = {0.3, 0.3, 0.3}, double extent = 2.4) {
  KernelOptions options;
  options.medium = built_in_material("water");
  options.density = 1.0;
  options.spacing = spacing;
  options.extent = extent;
  options.histories = histories;
  options.run.threads = 2;
  return options;
}

Phantom uniform(int side, double density = 1.0) {
  Phantom phantom;
  phantom.grid.shape = {side, side, side};
  phantom.grid.spacing = {0.3, 0.3, 0.3};
  phantom.density.assign(phantom.grid.voxels(), static_cast<float>(density));
  phantom.material.assign(phantom.grid.voxels(), 0);
  phantom.materials = {built_in_material("water")};
  return phantom;
}

TEST(VoxelKernel, HasTheSymmetriesOfItsVoxels) {
  const VoxelKernel cubic = make_voxel_kernel(water_kernel(64'000));
  EXPECT_EQ(cubic.half, (std::array{8, 8, 8}));
  const auto at = [](const VoxelKernel& k, int x, int y, int z) {
    return k.dose[static_cast<std::size_t>(((z + k.half[2]) * k.size(1) + y + k.half[1]) * k.size(0) + x + k.half[0])];
  };
  EXPECT_GT(at(cubic, 1, 2, 3), 0);
  EXPECT_EQ(at(cubic, 1, 2, 3), at(cubic, -3, 2, -1));
  const VoxelKernel flat = make_voxel_kernel(water_kernel(64'000, {0.3, 0.3, 0.5}));
  EXPECT_EQ(flat.half, (std::array{8, 8, 5}));
  EXPECT_EQ(at(flat, 1, 2, 1), at(flat, 2, -1, -1));
  EXPECT_NE(at(flat, 1, 2, 1), at(flat, 1, 1, 2));
}

TEST(VoxelKernel, HoldsTheEnergyAndKnowsItsError) {
  const VoxelKernel kernel = make_voxel_kernel(water_kernel(200'000));
  const double voxel_mass = 0.027;
  const double energy = std::accumulate(kernel.dose.begin(), kernel.dose.end(), 0.0) * voxel_mass / gray_per_MeV_per_g;
  EXPECT_NEAR(energy / yttrium_90().mean_energy, kernel.energy_fraction, 1e-6);
  EXPECT_GT(kernel.energy_fraction, 0.985);  // 24 mm hold all but bremsstrahlung, which carries 0.4 %
  EXPECT_LT(kernel.energy_fraction, 1.005);
  EXPECT_GT(kernel.relative_error, 0);
  EXPECT_LT(kernel.relative_error, 0.005);
}

/// Convolution against transport of the same activity, both in 3 standard errors of the voxel; in a uniform medium.
TEST(VoxelKernel, AgreesWithTransportInAUniformMedium) {
  const VoxelKernel kernel = make_voxel_kernel(water_kernel(2'000'000));
  const Phantom phantom = uniform(25);
  std::vector<double> activity(phantom.grid.voxels());
  for (int z = 9; z < 14; ++z)
    for (int y = 9; y < 15; ++y)
      for (int x = 10; x < 15; ++x) activity[phantom.grid.index(x, y, z)] = 1e6 * (1 + 0.2 * x);
  RunOptions run;
  run.threads = 2;
  const KernelDose convolved = kernel_dose(phantom, activity, kernel, DensityScaling::none, {}, run);
  Source source;
  source.voxels = VoxelSource{activity};
  run.histories = 2'000'000;
  run.seed = 7;
  const DoseMap transported = simulate(phantom, source, run);
  const float most = *std::max_element(transported.dose.begin(), transported.dose.end());
  int judged = 0;
  for (std::size_t v = 0; v < activity.size(); ++v) {
    if (transported.dose[v] < 0.05F * most) continue;
    ++judged;
    const double difference = static_cast<double>(convolved.map.dose[v]) - static_cast<double>(transported.dose[v]);
    const double error =
        std::hypot(static_cast<double>(convolved.map.uncertainty[v]), static_cast<double>(transported.uncertainty[v]));
    // 1 % or 3 standard errors; of some 330 voxels near 1 % precision a few would leave 3 standard errors alone.
    EXPECT_LT(std::abs(difference), std::max(0.01 * static_cast<double>(transported.dose[v]), 4.5 * error)) << v;
  }
  EXPECT_GT(judged, 300);
  // Mean over the active region: within 5 standard errors and half a percent.
  double sum = 0, expected = 0;
  for (std::size_t v = 0; v < activity.size(); ++v) {
    if (activity[v] > 0) {
      sum += static_cast<double>(convolved.map.dose[v]);
      expected += static_cast<double>(transported.dose[v]);
    }
  }
  EXPECT_NEAR(sum / expected, 1, 0.005);
  EXPECT_NEAR(convolved.validity[phantom.grid.index(12, 12, 12)], 0, 1e-6);
}

TEST(VoxelKernel, SaysWhereItDoesNotFit) {
  const VoxelKernel kernel = make_voxel_kernel(water_kernel(64'000));
  Phantom phantom = uniform(31);
  for (int z = 0; z < 31; ++z)
    for (int y = 0; y < 31; ++y)
      for (int x = 0; x < 10; ++x) phantom.density[phantom.grid.index(x, y, z)] = 0.26F;
  std::vector<double> activity(phantom.grid.voxels(), 1e3);
  const KernelDose dose = kernel_dose(phantom, activity, kernel, DensityScaling::local, {}, {});
  EXPECT_NEAR(dose.validity[phantom.grid.index(5, 15, 15)], 0.74, 0.01);  // deep in lung
  EXPECT_NEAR(dose.validity[phantom.grid.index(17, 15, 15)], 0, 1e-6);    // beyond the electrons' reach of it
  const double at_face = static_cast<double>(dose.validity[phantom.grid.index(10, 15, 15)]);
  EXPECT_GT(at_face, 0.05);
  EXPECT_LT(at_face, 0.37);
  EXPECT_EQ(dose.map.method, "voxel-kernel-scaled");
  const KernelDose plain = kernel_dose(phantom, activity, kernel, DensityScaling::none, {}, {});
  const std::size_t lung = phantom.grid.index(5, 15, 15);
  EXPECT_NEAR(dose.map.dose[lung] / plain.map.dose[lung], 1 / 0.26, 1e-4);
}

/// The variance that is stated, against the spread of kernels of other seeds.
TEST(VoxelKernel, StatesTheSpreadOfItsDose) {
  const Phantom phantom = uniform(17);
  std::vector<double> activity(phantom.grid.voxels(), 1e6);
  const std::size_t centre = phantom.grid.index(8, 8, 8);
  constexpr int runs = 25;
  double sum = 0, squares = 0, stated = 0;
  for (int i = 0; i < runs; ++i) {
    KernelOptions options = water_kernel(6'400);
    options.run.seed = static_cast<std::uint64_t>(100 + i);
    const KernelDose dose = kernel_dose(phantom, activity, make_voxel_kernel(options), DensityScaling::none, {}, {});
    const auto d = static_cast<double>(dose.map.dose[centre]);
    sum += d;
    squares += d * d;
    stated += std::pow(static_cast<double>(dose.map.uncertainty[centre]), 2) / runs;
  }
  const double variance = (squares - sum * sum / runs) / (runs - 1);
  // Energy conservation ties voxels together, and a batch shares its emission out: the stated error, made of
  // independent voxels, is far above the dose's here, where all of a kernel is added up.
  EXPECT_LT(variance, 1.6 * stated);
  EXPECT_GT(variance, 0);
}

TEST(VoxelKernel, TakesTheMeanMediumOfAStructure) {
  Phantom phantom = uniform(4);
  phantom.materials.push_back(built_in_material("cortical_bone_icru44"));
  std::vector<float> fraction(phantom.grid.voxels(), 0.0F);
  fraction[0] = fraction[1] = 1;
  phantom.density[1] = 1.1F;
  MeanMedium mean = mean_medium(phantom, fraction);
  EXPECT_DOUBLE_EQ(mean.density, 1.05);
  ASSERT_EQ(mean.material.composition.size(), 2u);
  EXPECT_NEAR(mean.material.composition[0].mass_fraction, 0.1119, 1e-4);
  phantom.material[1] = 1;
  mean = mean_medium(phantom, fraction);
  EXPECT_GT(mean.material.composition.size(), 4u);
  fraction[0] = fraction[1] = 0;
  EXPECT_THROW(mean_medium(phantom, fraction), Error);
}

TEST(VoxelKernel, RefusesWhatDoesNotFit) {
  KernelOptions options = water_kernel(64);
  options.density = 0;
  EXPECT_THROW(make_voxel_kernel(options), Error);
  options = water_kernel(64, {0.001, 0.001, 0.001});
  EXPECT_THROW(make_voxel_kernel(options), Error);
  const VoxelKernel kernel = make_voxel_kernel(water_kernel(64, {0.4, 0.4, 0.4}));
  EXPECT_THROW(kernel_dose(uniform(5), std::vector<double>(125, 1.0), kernel, DensityScaling::none, {}, {}), Error);
}

TEST(LocalDeposition, KeepsTheEnergyInTheVoxel) {
  Phantom phantom = uniform(3, 1.05);
  std::vector<double> activity(27);
  activity[13] = 1e9;
  Structure half{"half", Role::other, std::vector<float>(27)};
  half.fraction[13] = 0.5F;
  half.fraction[12] = 0.5F;
  const DoseMap map = local_deposition(phantom, activity, yttrium_90(), {&half, 1});
  const double mass_kg = 0.027 * 1.05 / 1000;
  EXPECT_NEAR(map.dose[13], yttrium_90().dose_constant() / mass_kg, 1e-3 * map.dose[13]);
  EXPECT_EQ(map.dose[12], 0.0F);
  EXPECT_NEAR(map.structures[0].mean, 0.5 * static_cast<double>(map.dose[13]), 1e-3 * map.dose[13]);
  EXPECT_TRUE(map.uncertainty.empty());
  EXPECT_THROW(local_deposition(phantom, std::vector<double>(27), yttrium_90()), Error);
}

}  // namespace
}  // namespace ytterby
