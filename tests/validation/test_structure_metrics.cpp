#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <utility>

#include "engine/methods/local_deposition.h"
#include "engine/simulation.h"
#include "validation/agreement.h"
#include "validation/structure_metrics.h"

namespace ytterby::validation {
namespace {

constexpr double half_life = 64.05;

/// Doses of a row of voxels, without errors.
DoseMap row_of(const std::vector<float>& dose) {
  DoseMap map;
  map.method = "local-deposition";
  map.grid.shape = {static_cast<int>(dose.size()), 1, 1};
  map.grid.spacing = {0.1, 0.1, 0.1};
  map.dose = dose;
  return map;
}

StructureMetrics metrics(const DoseMap& map, const Structure& s) {
  return structure_metrics(map, {s.name, 1, 1, 0, std::nan("")}, s, std::vector<float>(map.dose.size(), 1.0F),
                           half_life);
}

TEST(StructureMetrics, of_a_linear_ramp) {
  std::vector<float> dose(1000);
  for (std::size_t i = 0; i < dose.size(); ++i) dose[i] = 0.5F * static_cast<float>(i + 1);  // 0.5 to 500 Gy
  const StructureMetrics m = metrics(row_of(dose), {"t", Role::tumour, std::vector<float>(dose.size(), 1.0F)});
  EXPECT_NEAR(m.dose_to[0].value, 25.5, 1e-6);  // 950 voxels from 25.5 Gy on
  EXPECT_NEAR(m.dose_to[1].value, 150.5, 1e-6);
  EXPECT_NEAR(m.dose_to[2].value, 250.5, 1e-6);
  EXPECT_NEAR(m.dose_to[3].value, 490.5, 1e-6);
  EXPECT_NEAR(m.share_above[0].value, 0.801, 1e-9);  // 100 Gy counts
  EXPECT_NEAR(m.share_above[3].value, 0.201, 1e-9);
  EXPECT_EQ(m.lowest, 0.5);
  EXPECT_EQ(m.highest, 500);
  EXPECT_TRUE(std::isnan(m.dose_to[0].error));
  EXPECT_TRUE(std::isnan(m.bed.error));
  // Mean of D + q D^2 over the ramp: 250.25 + q 0.25 * (n + 1)(2 n + 1) / 6.
  const double q = 1.5 / 65.55 / 10;
  EXPECT_NEAR(m.bed.value, 250.25 + q * 0.25 * 1001 * 2001 / 6, 1e-6);
  EXPECT_NEAR(m.eqd2.value, m.bed.value / 1.2, 1e-9);
}

TEST(StructureMetrics, of_any_D_and_V_that_is_asked_for) {
  std::vector<float> dose(1000);
  for (std::size_t i = 0; i < dose.size(); ++i) dose[i] = 0.5F * static_cast<float>(i + 1);  // 0.5 to 500 Gy
  const std::vector<std::string> asked{"D90", "D98", "V205"};
  const DoseMap map = row_of(dose);
  const StructureMetrics m =
      structure_metrics(map, {"t", 1, 1, 0, std::nan("")}, {"t", Role::tumour, std::vector<float>(1000, 1.0F)},
                        std::vector<float>(1000, 1.0F), half_life, {}, {}, asked);
  ASSERT_EQ(m.asked.size(), 3u);
  EXPECT_NEAR(m.asked[0].second.value, 50.5, 1e-6);   // 900 voxels from 50.5 Gy on
  EXPECT_NEAR(m.asked[1].second.value, 10.5, 1e-6);   // 980 from 10.5 Gy on
  EXPECT_NEAR(m.asked[2].second.value, 0.591, 1e-9);  // 205 Gy counts
  const auto names = named_estimates(m);
  EXPECT_EQ(names[names.size() - 3].name, "D90_Gy");
  EXPECT_EQ(names.back().name, "V205");
}

TEST(StructureMetrics, of_function) {
  // A quarter, one and one half of function at 100, 20 and 50 Gy: (25 + 20 + 25) / 1.75; none at 900 Gy.
  DoseMap map = row_of({100, 20, 50, 900});
  map.uncertainty = {4, 1, 2, 1};
  const auto all = function_metrics(map, {"l", 1, 1, 0, std::nan("")}, {"l", Role::liver, {1, 1, 1, 1}},
                                    std::vector<float>(4, 1.0F), {0.25F, 1, 0.5F, 0}, std::vector<double>{50, 99.5});
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].first, "function_mean_Gy");
  EXPECT_NEAR(all[0].second.value, 40, 1e-9);
  EXPECT_NEAR(all[0].second.error, std::sqrt(1.0 + 1.0 + 1.0) / 1.75, 1e-9);  // 0.25 * 4, 1 * 1, 0.5 * 2
  EXPECT_EQ(all[1].first, "function_V50");
  EXPECT_NEAR(all[1].second.value, 0.75 / 1.75, 1e-9);  // 50 Gy counts
  EXPECT_EQ(all[2].first, "function_V99.5");
  EXPECT_NEAR(all[2].second.value, 0.25 / 1.75, 1e-9);
  EXPECT_TRUE(function_metrics(map, {}, {"l", Role::liver, {1, 1, 1, 1}}, std::vector<float>(4, 1.0F),
                               std::vector<float>(4, 0.0F), std::vector<double>{50})
                  .empty());
}

TEST(StructureMetrics, of_two_levels_by_fraction) {
  // 1/4 of a voxel at 400 Gy and one voxel at 100 Gy: the high level holds a fifth of the volume.
  const StructureMetrics m = metrics(row_of({400, 100, 900}), {"l", Role::liver, {0.25F, 1, 0}});
  EXPECT_EQ(m.dose_to[0].value, 100);
  EXPECT_EQ(m.dose_to[3].value, 400);
  EXPECT_NEAR(m.share_above[1].value, 0.2, 1e-12);
  EXPECT_NEAR(m.geud.value, 160, 1e-9);
  EXPECT_EQ(m.highest, 100);  // voxels at least half inside
}

TEST(StructureMetrics, add_up_the_BED_of_sessions) {
  // Two voxels of 1/4 and 3/4 of the volume; tumour: q = 1.5 / (65.55 * 10) = 0.002288330 /Gy.
  // First session 200 and 100 Gy, second 100 and 40 Gy. BED by voxel and session: 291.5332, 122.8833,
  // 122.8833, 43.6613; 1/4 (291.5332 + 122.8833) + 3/4 (122.8833 + 43.6613) = 228.5126 Gy. Of the sums, 300 and 140 Gy:
  // 505.9497 and 184.8513 give 265.1259 Gy, which is not it.
  DoseMap map = row_of({300, 140});
  map.uncertainty = {5, 2};
  const std::vector<float> first{200, 100}, second{100, 40}, error_1{4, 0}, error_2{3, 2};
  const Structure tumour{"t", Role::tumour, {0.25F, 0.75F}};
  const std::vector<SessionVoxels> sessions{{first, error_1}, {second, error_2}};
  const std::vector<float> water(2, 1.0F);
  const StructureMetrics m =
      structure_metrics(map, {"t", 1, 1, 0, std::nan("")}, tumour, water, half_life, {}, sessions);
  EXPECT_NEAR(m.bed.value, 228.5126, 1e-3);
  EXPECT_NEAR(m.eqd2.value, 228.5126 / 1.2, 1e-3);
  // (1 + 2 q D) s w: 1.915332 * 4 / 4, 1.457666 * 3 / 4 and 1.183066 * 2 * 3 / 4 in quadrature.
  EXPECT_NEAR(m.bed.error, std::sqrt(std::pow(1.915332, 2) + std::pow(1.0932495, 2) + std::pow(1.774600, 2)), 1e-4);
  EXPECT_NEAR(m.eqd2.error, m.bed.error / 1.2, 1e-9);
  EXPECT_NEAR(structure_metrics(map, {"t", 1, 1, 0, std::nan("")}, tumour, water, half_life).bed.value, 265.1259, 1e-3);
  EXPECT_NEAR(m.mean_by_volume.value, 180, 1e-6);
  EXPECT_NEAR(m.mean_by_volume.error, std::hypot(5.0 / 4, 2 * 0.75), 1e-6);
}

TEST(StructureMetrics, agree_with_sorting) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> uniform;
  std::vector<float> dose(500), inside(500);
  for (std::size_t i = 0; i < dose.size(); ++i) {
    dose[i] = 600 * uniform(random);
    inside[i] = uniform(random) < 0.3F ? 0 : uniform(random);
  }
  const StructureMetrics m = metrics(row_of(dose), {"t", Role::tumour, inside});
  double volume = 0, above = 0;
  std::multimap<float, double, std::greater<>> sorted;
  for (std::size_t i = 0; i < dose.size(); ++i) {
    volume += static_cast<double>(inside[i]);
    if (dose[i] >= 300) above += static_cast<double>(inside[i]);
    if (inside[i] > 0) sorted.emplace(dose[i], inside[i]);
  }
  EXPECT_NEAR(m.share_above[2].value, above / volume, 1e-9);
  for (std::size_t k = 0; k < dose_shares.size(); ++k) {
    double sum = 0;
    float expected = 0;
    for (const auto& [d, v] : sorted) {
      sum += v;
      expected = d;
      if (sum >= dose_shares[k] * volume) break;
    }
    EXPECT_EQ(m.dose_to[k].value, static_cast<double>(expected));
  }
}

/// A block of water with activity that rises to one corner, and a ball in it.
struct Block {
  Phantom phantom;
  Source source;
  Structure structure{"s", Role::tumour, {}};
  Block() {
    phantom.grid.shape = {12, 10, 10};
    phantom.grid.spacing = {0.3, 0.3, 0.3};
    phantom.density.assign(phantom.grid.voxels(), 1.0F);
    phantom.material.assign(phantom.grid.voxels(), 0);
    phantom.materials = {built_in_material("water")};
    std::vector<double> activity(phantom.grid.voxels());
    structure.fraction.assign(phantom.grid.voxels(), 0);
    for (int z = 0; z < 10; ++z)
      for (int y = 0; y < 10; ++y)
        for (int x = 0; x < 12; ++x) {
          // Without layers of like dose: no correction gets back steps that are as wide as the noise.
          activity[phantom.grid.index(x, y, z)] = 5e4 * (1 + 0.3 * x + 0.19 * y + 0.12 * z);
          if (std::hypot(x - 5.5, y - 4.5, z - 4.5) < 4.3) structure.fraction[phantom.grid.index(x, y, z)] = 1;
        }
    source.voxels = VoxelSource{std::move(activity)};
  }
};

/// What equal runs together say: their mean dose, with the errors that it has.
DoseMap mean_of(const std::vector<DoseMap>& runs) {
  DoseMap mean = runs.front();
  const double n = static_cast<double>(runs.size());
  for (std::size_t v = 0; v < mean.dose.size(); ++v) {
    double dose = 0, square = 0;
    for (const DoseMap& run : runs) {
      dose += static_cast<double>(run.dose[v]) / n;
      square += std::pow(static_cast<double>(run.uncertainty[v]) / n, 2);
    }
    mean.dose[v] = static_cast<float>(dose);
    mean.uncertainty[v] = static_cast<float>(std::sqrt(square));
  }
  StructureDose& structure = mean.structures.front();
  double dose = 0, square = 0;
  for (const DoseMap& run : runs) {
    dose += run.structures.front().mean / n;
    square += std::pow(run.structures.front().mean_error / n, 2);
  }
  structure.mean = dose;
  structure.mean_error = std::sqrt(square);
  mean.histories *= runs.size();
  return mean;
}

// Against the mean of all runs, whose voxels have 1/80 of the noise's variance: what noise adds to a measure is the
// same in every run, and the spread of runs does not show it.
TEST(StructureMetrics, have_errors_that_repeated_runs_show) {
  const Block block;
  constexpr int runs = 80;
  const std::vector<Structure> structures{block.structure};
  const auto metrics_of = [&](const DoseMap& map) {
    return named_estimates(
        structure_metrics(map, map.structures[0], block.structure, block.phantom.density, half_life));
  };
  std::vector<DoseMap> maps;
  for (int run = 0; run < runs; ++run) {
    RunOptions options;
    options.histories = 64 * 1000;
    options.seed = static_cast<std::uint64_t>(run + 1);
    maps.push_back(simulate(block.phantom, block.source, options, structures));
  }
  std::map<std::string, std::vector<Estimate>> seen;
  for (const DoseMap& map : maps)
    for (const auto& [name, estimate] : metrics_of(map)) seen[name].push_back(estimate);
  std::map<std::string, Estimate> truth;
  for (const auto& [name, estimate] : metrics_of(mean_of(maps))) truth[name] = estimate;
  for (const char* name : {"mean_Gy", "mean_by_volume_Gy", "D95_Gy", "D70_Gy", "D50_Gy", "D2_Gy", "V300", "V400",
                           "gEUD_Gy", "BED_Gy", "EQD2_Gy"}) {
    double square = 0, stated = 0, noise = 0;
    int covered = 0;
    for (const Estimate& e : seen[name]) {
      const double off = e.value - truth[name].value;
      square += off * off / runs;
      stated += e.error * e.error / runs;
      noise += e.noise / runs;
      covered += std::abs(off) < t_95 * e.error ? 1 : 0;
    }
    // 80 runs know a spread to 8 % where it is Gaussian, and to some 15 % where a measure lies on steps of the
    // histogram (four times 40 runs had 1.8 to 2.8 for the D50). Too wide it may be for gEUD, whose cold voxels are
    // fewer than the factor c is taken from, and by half of what was taken off for noise, which the error has by
    // design; never much too narrow.
    EXPECT_GT(std::sqrt(stated), 0.60 * std::sqrt(square)) << name;
    EXPECT_LT(std::sqrt(stated), 2.5 * std::sqrt(square) + 0.5 * std::abs(noise)) << name;
    EXPECT_GE(covered, 64) << name;
    RecordProperty(std::string("stated_over_seen_") + name, std::to_string(std::sqrt(stated / square)));
  }
}

/// 20^3 voxels of 200 Gy with a noise of 20 Gy, as of Monte Carlo.
DoseMap noisy_cube() {
  DoseMap map;
  map.method = "monte-carlo";
  map.grid.shape = {20, 20, 20};
  map.grid.spacing = {0.3, 0.3, 0.3};
  map.histories = 1'000'000;
  std::mt19937 random(4);
  std::normal_distribution<float> noise(200, 20);
  for (std::size_t v = 0; v < map.grid.voxels(); ++v) map.dose.push_back(noise(random));
  map.uncertainty.assign(map.dose.size(), 20);
  return map;
}

// All is 200 Gy: what the histogram reads beside that is noise, and is said.
TEST(StructureMetrics, are_without_the_noise_of_Monte_Carlo) {
  const DoseMap map = noisy_cube();
  const Structure cube{"cube", Role::tumour, std::vector<float>(map.dose.size(), 1.0F)};
  const std::vector<float> density(map.dose.size(), 1.0F);
  const StructureDose dose{"cube", 1, 1, 200, 0.3};
  const StructureMetrics m = structure_metrics(map, dose, cube, density, half_life);
  const auto histogram = [&](std::size_t i) { return m.dose_to[i].value + m.dose_to[i].noise; };
  EXPECT_NEAR(histogram(0), 200 - 1.645 * 20, 1.5);
  EXPECT_NEAR(histogram(3), 200 + 2.054 * 20, 2);
  for (const Estimate& e : {m.dose_to[0], m.dose_to[1], m.dose_to[2], m.dose_to[3], m.geud})
    EXPECT_NEAR(e.value, 200, e.error) << e.noise;
  EXPECT_LT(m.dose_to[0].error, 25);
  EXPECT_GT(m.dose_to[0].wants, 1e6);  // 20 Gy of 10 % are too much for D95 ...
  EXPECT_EQ(m.dose_to[2].wants, 0);    // ... and not for D50
  EXPECT_NEAR(m.bed.noise, 1.5 / 65.55 / 10 * 400, 1e-6);
  EXPECT_NEAR(m.bed.value + m.bed.noise, 200 + 1.5 / 65.55 / 10 * (200 * 200 + 400), 5);
  EXPECT_EQ(m.voxels.voxels, map.dose.size());
  EXPECT_NEAR(m.voxels.median, 0.1, 0.001);

  // The errors of a kernel are not noise.
  DoseMap kernel = map;
  kernel.histories = 0;
  const StructureMetrics raw = structure_metrics(kernel, dose, cube, density, half_life);
  EXPECT_EQ(raw.dose_to[0].noise, 0);
  EXPECT_EQ(raw.dose_to[0].value, histogram(0));
  EXPECT_EQ(raw.voxels.voxels, 0u);
}

TEST(Agreement, states_differences_with_their_interval) {
  StructureMetrics a, b;
  a.name = b.name = "t";
  a.mean = {110, std::nan("")};
  b.mean = {100, 2};
  b.dose_to[0] = {50, 1};  // the other method has no histogram
  const auto all = differences(a, b);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].metric, "mean_Gy");
  EXPECT_DOUBLE_EQ(all[0].value, 10);
  EXPECT_NEAR(all[0].low, 10 - 2 * t_95, 1e-12);
  EXPECT_NEAR(all[0].high, 10 + 2 * t_95, 1e-12);
  EXPECT_NEAR(all[0].relative, 0.1, 1e-12);
  a.mean.error = 1.5;  // a kernel has its own
  EXPECT_NEAR(differences(a, b)[0].high, 10 + 2.5 * t_95, 1e-12);
}

}  // namespace
}  // namespace ytterby::validation
