// Two dose files against each other.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/methods/local_deposition.h"
#include "io/cli/compare/compare.h"
#include "io/prepare/dose_of_case.h"
#include "tests/io/small_case.h"

namespace ytterby::cli {
namespace {

using test::SmallCase;

io::DoseFile dose_of(const SmallCase& small, const std::string& activity_GBq, const std::string& rest = "") {
  const auto path =
      small.write("quantity = \"relative\"\nadministered_GBq = " + activity_GBq + "\nlung_shunt_fraction = 0.0\n",
                  std::string(SmallCase::structures) + rest);
  return io::dose_by([](const Phantom& phantom, const Source& source, std::span<const Structure> structures,
                        int) { return local_deposition(phantom, source.voxels->activity, source.nuclide, structures); },
                     io::prepare(io::read_case(path)));
}

TEST(Compare, finds_nothing_between_the_same) {
  const SmallCase small;
  const io::DoseFile a = dose_of(small, "1.0");
  const DoseComparison c = compare_doses(a, a, {});
  EXPECT_TRUE(c.same_content);
  EXPECT_FALSE(c.resampled);
  EXPECT_EQ(c.voxels.voxels, 1000u);  // liver and tumour
  EXPECT_EQ(c.voxels.rms, 0);
  EXPECT_EQ(c.gamma.pass_rate(), 1);
  EXPECT_EQ(c.voxels.with_errors, 0u);
}

TEST(Compare, measures_a_scaled_dose) {
  const SmallCase small;
  const io::DoseFile a = dose_of(small, "1.0"), b = dose_of(small, "1.05");
  const DoseComparison c = compare_doses(a, b, {});
  EXPECT_FALSE(c.same_content);
  EXPECT_NEAR(c.voxels.largest, 0.05 * c.largest, 1e-4 * c.largest);
  // 5 % of the dose: above 2 % of the largest in the tumour's inside, below it in the liver, where it is a third.
  EXPECT_NEAR(c.gamma.highest, 2, 1e-6);
  EXPECT_LT(c.gamma.pass_rate(), 1);
  EXPECT_GT(c.gamma.pass_rate(), 0.9);
  ASSERT_EQ(c.a.size(), c.b.size());
  for (std::size_t s = 0; s < c.a.size(); ++s) EXPECT_NEAR(c.b[s].mean.value / c.a[s].mean.value, 1.05, 1e-5);
  const auto json = nlohmann::json::parse(comparison_json(c, 0.99, false));
  EXPECT_EQ(json["passed"], false);
  EXPECT_NEAR(json["structures"][0]["metrics"]["mean_Gy"]["b"], c.b[0].mean.value, 1e-9);
  EXPECT_THAT(comparison_table(c), testing::HasSubstr("not the same medium"));
  EXPECT_THAT(comparison_table(c),
              testing::HasSubstr("the activity differs; medium, grid and structures are the same"));
}

TEST(Compare, has_scores_of_unit_spread_between_equal_runs) {
  const SmallCase small;
  io::DoseFile a = dose_of(small, "1.0");
  a.map.uncertainty.assign(a.map.dose.size(), 2.0F);
  io::DoseFile b = a;
  for (std::size_t i = 0; i < b.map.dose.size(); ++i) b.map.dose[i] += i % 2 == 0 ? 2.0F : -10.0F;
  const DoseComparison c = compare_doses(a, b, {});
  // Errors in quadrature: sqrt(8) Gy; z is 0.707 and 3.54 by turns.
  EXPECT_NEAR(c.voxels.rms_z, std::sqrt((4.0 + 100) / 2 / 8), 0.01);
  EXPECT_NEAR(c.voxels.share_beyond_3, 0.5, 0.01);
}

TEST(Compare, brings_the_second_to_the_firsts_grid) {
  const SmallCase small;
  const io::DoseFile a = dose_of(small, "1.0");
  const io::DoseFile fine = dose_of(small, "1.0", "[grid]\nspacing_mm = [2.5, 2.5, 2.5]\n");
  const DoseComparison c = compare_doses(a, fine, {});
  EXPECT_TRUE(c.resampled);
  EXPECT_NEAR(c.covered, 1, 1e-6);
  EXPECT_LT(c.voxels.rms_relative, 1e-5);  // voxels divide each other, and doses are flat within them
  for (std::size_t s = 0; s < c.a.size(); ++s) EXPECT_NEAR(c.b[s].mean.value / c.a[s].mean.value, 1, 1e-5);
  io::DoseFile far = fine;
  far.map.grid.origin[0] += 1000;
  EXPECT_THROW(compare_doses(a, far, {}), Error);
}

}  // namespace
}  // namespace ytterby::cli
