#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/tables/source_tables.h"
#include "kernels/source/emit.h"
#include "kernels/tally/deposit.h"
#include "support/expect_statistics.h"
#include "support/generators.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

/// A water grid and a source, ready to emit.
struct Emission {
  Phantom phantom;
  SourceTables tables;
  std::vector<std::uint32_t> words;
  TransportView view;

  explicit Emission(const Source& source, std::array<int, 3> shape = {4, 3, 2}, Vector3 spacing = {0.1, 0.2, 0.3})
      : phantom(testing::uniform_phantom(testing::test_materials()[0], 1.0, shape, spacing)),
        tables(build_source_tables(source, phantom.grid)),
        words(phantom.grid.voxels(), float_bits(1.0f) & 0xffffff00u) {
    view.physics = testing::test_tables().view();
    for (std::size_t i = 0; i < 3; ++i) {
      view.grid.shape[i] = static_cast<std::uint32_t>(shape[i]);
      view.grid.size[i] = static_cast<float>(spacing[i]);
    }
    view.grid.voxels = {words.data(), static_cast<std::uint32_t>(words.size())};
    view.source = tables.view();
  }
  [[nodiscard]] Electron emit(std::uint64_t history) const {
    ThreadTally tally{nullptr, {}};
    Electron e;
    emit_primary(e, view, stream_of(1, history), tally);
    EXPECT_EQ(tally.totals.emitted, static_cast<std::int64_t>(e.energy));
    return e;
  }
};

Source with_activity(std::vector<double> activity) {
  Source source;
  source.voxels = VoxelSource{std::move(activity)};
  return source;
}

TEST(SampleSpectrum, FollowsTheTable) {
  testing::RandomWords rng;
  const Nuclide& nuclide = yttrium_90();
  const std::vector<float> quantiles = spectrum_quantiles(nuclide, 2048);
  const View<float> view{quantiles.data(), static_cast<std::uint32_t>(quantiles.size())};
  std::vector<double> samples;
  testing::SampleMean mean;
  for (int i = 0; i < 1'000'000; ++i) {
    samples.push_back(static_cast<double>(sample_spectrum(view, rng.word())));
    mean.add(samples.back());
  }
  EXPECT_MEAN(mean, 0.93247);
  std::vector<double> sum{0};
  for (std::size_t i = 1; i < nuclide.energy.size(); ++i)
    sum.push_back(sum.back() +
                  (nuclide.energy[i] - nuclide.energy[i - 1]) * (nuclide.density[i] + nuclide.density[i - 1]) / 2);
  EXPECT_TRUE(testing::samples_follow(samples, [&](double T) {
    const auto above = std::upper_bound(nuclide.energy.begin(), nuclide.energy.end(), T);
    if (above == nuclide.energy.end()) return 1.0;
    const auto i = static_cast<std::size_t>(above - nuclide.energy.begin()) - 1;
    const double h = nuclide.energy[i + 1] - nuclide.energy[i], t = T - nuclide.energy[i];
    return sum[i] + t * (nuclide.density[i] + (nuclide.density[i + 1] - nuclide.density[i]) * t / h / 2);
  }));
}

// No chance in this one: the mean of the quantiles is what histories have on average.
TEST(SampleSpectrum, MeanOfTheQuantilesIsTheMeanEnergy) {
  const std::vector<float> quantiles = spectrum_quantiles(yttrium_90(), 2048);
  double mean = 0;
  for (std::size_t i = 0; i + 1 < quantiles.size(); ++i)
    mean += (static_cast<double>(quantiles[i]) + static_cast<double>(quantiles[i + 1])) / 4096;
  EXPECT_NEAR(mean / 0.93247, 1, 5e-5);
}

TEST(SampleSpectrum, KeepsItsBoundsAtTheExtremes) {
  const std::vector<float> quantiles = spectrum_quantiles(yttrium_90(), 2048);
  const View<float> view{quantiles.data(), static_cast<std::uint32_t>(quantiles.size())};
  EXPECT_GE(sample_spectrum(view, testing::lowest_word), 0.0f);
  EXPECT_LE(sample_spectrum(view, testing::highest_word), 2.2787f);
  EXPECT_GT(sample_spectrum(view, testing::highest_word), 2.2f);
}

TEST(EmitPrimary, ChoosesVoxelsByTheirActivity) {
  std::vector<double> activity(24, 0.0);
  for (std::size_t v = 0; v < 24; ++v) activity[v] = v % 5 == 0 ? 0.0 : 0.1 * static_cast<double>((v * v) % 37);
  activity[7] = 50;
  const Emission emission(with_activity(activity));
  std::vector<std::size_t> counts(24);
  for (std::uint64_t history = 0; history < 300000; ++history) ++counts[emission.emit(history).voxel];
  double total = 0;
  for (const double a : activity) total += a;
  std::vector<double> probability;
  for (std::size_t v = 0; v < 24; ++v) {
    probability.push_back(activity[v] / total);
    EXPECT_TRUE(activity[v] > 0 || counts[v] == 0) << v;
  }
  EXPECT_TRUE(testing::counts_follow(counts, probability));
}

TEST(EmitPrimary, IsUniformInTheVoxelAndIsotropic) {
  std::vector<double> activity(24, 0.0);
  activity[13] = 1;
  const Emission emission(with_activity(activity));
  std::vector<double> samples[6];
  for (std::uint64_t history = 0; history < 100000; ++history) {
    const Electron e = emission.emit(history);
    ASSERT_EQ(e.x + 4 * (e.y + 3 * e.z), 13u);
    samples[0].push_back(static_cast<double>(e.position.x) / 0.1);
    samples[1].push_back(static_cast<double>(e.position.y) / 0.2);
    samples[2].push_back(static_cast<double>(e.position.z) / 0.3);
    samples[3].push_back((static_cast<double>(e.direction.x) + 1) / 2);
    samples[4].push_back((static_cast<double>(e.direction.y) + 1) / 2);
    samples[5].push_back((static_cast<double>(e.direction.z) + 1) / 2);
  }
  for (auto& list : samples)
    EXPECT_TRUE(testing::samples_follow(list, [](double x) { return std::clamp(x, 0.0, 1.0); }));
}

TEST(EmitPrimary, SegmentIsUniformAndFindsItsVoxels) {
  Source source;
  source.segment = SegmentSource{{0.05, 0.1, 0.15}, {0.35, 0.5, 0.45}};
  source.mono_energy = 1.0;
  const Emission emission(source);
  std::vector<double> along;
  for (std::uint64_t history = 0; history < 50000; ++history) {
    const Electron e = emission.emit(history);
    ASSERT_EQ(e.energy, 1u << 30);
    const Vec3 p = position_in_grid(e, emission.view.grid);
    const double u = (static_cast<double>(p.x) - 0.05) / 0.3;
    ASSERT_NEAR(static_cast<double>(p.y), 0.1 + 0.4 * u, 1e-6);
    ASSERT_NEAR(static_cast<double>(p.z), 0.15 + 0.3 * u, 1e-6);
    along.push_back(u);
  }
  EXPECT_TRUE(testing::samples_follow(along, [](double x) { return std::clamp(x, 0.0, 1.0); }));
}

TEST(Isotropic, GivesUnitVectorsAtTheExtremes) {
  for (const std::uint32_t polar : {testing::lowest_word, 0x80000000u, testing::highest_word}) {
    const Vec3 d = isotropic(polar, 0x12345678u);
    EXPECT_NEAR(dot(d, d), 1.0f, 1e-6f);
  }
}

}  // namespace
}  // namespace ytterby
