// The correlated estimator has the mean of the plain one in every layer of voxels beside lung, bone, gas and fat, at
// the grid's edges, and beside sources of 1 % of the activity.

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/base/units.h"
#include "engine/correlated.h"
#include "engine/dose/statistics.h"
#include "engine/kernel_simulation.h"
#include "engine/run_batches.h"
#include "kernels/launch/launch.h"
#include "tests/support/expect_statistics.h"
#include "tests/support/physics_fixture.h"

namespace ytterby {
namespace {

constexpr std::size_t plane = 121;

struct Neighbour {
  std::string material;
  float density;
  std::size_t layers;  // of 12, below noisy soft tissue
  double activity;     // of each voxel, tissue has 1
};

Phantom under_tissue(const Neighbour& below) {
  Grid grid;
  grid.shape = {11, 11, 12};
  grid.spacing = {0.3, 0.3, 0.3};
  Phantom phantom{grid, {}, {}, {built_in_material("soft_tissue_icru44"), built_in_material(below.material)}};
  for (std::size_t v = 0; v < grid.voxels(); ++v) {
    const bool other = v < below.layers * plane;
    const float noise = static_cast<float>(v * 2654435761u % 1000) / 1000.0f - 0.5f;  // +-5 %
    phantom.density.push_back(other ? below.density : 1.05f * (1.0f + 0.1f * noise));
    phantom.material.push_back(other ? 1 : 0);
  }
  return phantom;
}

Source source_of(const Phantom& phantom, const Neighbour& below) {
  Source source;
  source.voxels = VoxelSource{std::vector<double>(phantom.grid.voxels(), 1e6)};
  for (std::size_t v = 0; v < below.layers * plane; ++v) source.voxels->activity[v] *= below.activity;
  return source;
}

/// Every layer, and the voxel in the last corner.
std::vector<Structure> layers_of(const Phantom& phantom) {
  std::vector<Structure> layers;
  for (std::size_t z = 0; z < 12; ++z) {
    layers.push_back({"layer-" + std::to_string(z), Role::other, std::vector<float>(phantom.grid.voxels(), 0.0f)});
    for (std::size_t i = 0; i < plane; ++i) layers.back().fraction[z * plane + i] = 1.0f;
  }
  layers.push_back({"corner", Role::other, std::vector<float>(phantom.grid.voxels(), 0.0f)});
  layers.back().fraction.back() = 1.0f;
  return layers;
}

void expect_unbiased(const Neighbour& below, std::uint64_t seeds) {
  const Phantom phantom = under_tissue(below);
  const Source source = source_of(phantom, below);
  RunOptions options = testing::run_options(1000, 1, 2);
  options.backend = Backend::cpu;
  KernelOptions of_kernel = reference_kernel_options(phantom, source, options);
  of_kernel.histories = 2'000'000;
  const VoxelKernel kernel = make_voxel_kernel(of_kernel);
  const std::vector<Structure> layers = layers_of(phantom);
  std::vector<SparseStructure> sparse;
  for (const Structure& s : layers) sparse.emplace_back(s, phantom);

  constexpr std::uint64_t per_batch = 100;
  options.histories = 64 * 4 * per_batch;
  const TransportTables plain_tables(phantom, source, options.transport);
  const TransportTables tables(phantom, source, options.transport, &kernel.medium,
                               multiplicities(phantom, kernel.medium));
  const TransportView plain_view = plain_tables.view(), view = tables.view();
  const double weight = tables.emission.weighted_decays / tables.emission.decays;
  const CorrelatedRun coupled = prepare_correlated(phantom, source, tables, kernel, options, layers);
  ASSERT_GT(coupled.part.share, 0.2);
  std::vector<double> known;
  for (const StructureDose& s : coupled.known.structures)
    known.push_back(s.mean * s.mass * static_cast<double>(per_batch) /
                    (tables.emission.weighted_decays * std::ldexp(1.0, -30) * gray_per_MeV_per_g));
  const CpuLauncher launcher = best_cpu_launcher();
  std::vector<testing::SampleMean> difference(layers.size()), stated(layers.size());
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto energies = [&](bool plain) {
      options.seed = (plain ? 10 : 100'000) + seed;
      const std::uint64_t size = plain ? 4 * per_batch : per_batch;  // plain histories say less
      const PortionRunner runner{[&](std::uint64_t first, std::uint64_t count, std::int64_t* tally) {
                                   return plain ? launcher.run(plain_view, options.seed, first, count, tally)
                                                : launcher.run_correlated(view, coupled.view(), options.seed, first,
                                                                          count, tally);
                                 },
                                 phantom.grid.voxels(), launcher.level, plain ? std::vector<double>{} : known};
      return run_batches(runner, options, size, sparse).structure_energy;
    };
    const auto a = energies(true), b = energies(false);
    for (std::size_t s = 0; s < layers.size(); ++s) {
      const BatchSums::Estimate plain = mean_and_error(a[s]), other = mean_and_error(b[s]);
      difference[s].add(other.mean * weight - plain.mean / 4);
      stated[s].add(plain.error * plain.error / 16 + other.error * other.error * weight * weight);
    }
  }
  for (std::size_t s = 0; s < layers.size(); ++s) {
    EXPECT_MEAN(difference[s], 0.0) << below.material << ", " << layers[s].name;
    // 5 standard errors of a standard deviation from so many seeds.
    const double spread = 5 / std::sqrt(2.0 * static_cast<double>(seeds - 1));
    EXPECT_NEAR(std::sqrt(stated[s].mean() / difference[s].variance()), 1.0, spread)
        << below.material << ", " << layers[s].name;
  }
}

const Neighbour lung{"lung_icru44", 0.26f, 4, 1}, bone{"cortical_bone_icru44", 1.92f, 4, 1};
const Neighbour gas{"air", 0.0012f, 2, 1}, fat{"adipose_icru44", 0.95f, 4, 1};
const Neighbour faint_lung{"lung_icru44", 0.26f, 4, 0.01};

TEST(CorrelatedMeans, AreThePlainOnesAtLungAndGridEdges) { expect_unbiased(lung, 60); }
TEST(CorrelatedMeans, AreThePlainOnesAtBone) { expect_unbiased(bone, 20); }
TEST(CorrelatedMeans, AreThePlainOnesAtGas) { expect_unbiased(gas, 20); }
TEST(CorrelatedMeans, AreThePlainOnesAtFat) { expect_unbiased(fat, 20); }
TEST(CorrelatedMeans, AreThePlainOnesAtFaintSources) { expect_unbiased(faint_lung, 20); }
TEST(CorrelatedMeans, LongAreThePlainOnesEverywhere) {
  for (const Neighbour& below : {lung, bone, gas, fat, faint_lung}) expect_unbiased(below, 400);
}

}  // namespace
}  // namespace ytterby
