// CT numbers to density and material; times of day.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "engine/patient/schneider.h"
#include "io/prepare/hu_calibration.h"
#include "io/text/iso_time.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using testing::HasSubstr;

std::string refusal(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
  try {
    read_calibration(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(HuCalibration, follows_schneider_between_its_ends) {
  const HuCalibration curve = schneider();
  for (const float hu : {-1000.0F, -741.5F, -98.0F, 0.0F, 55.25F, 100.0F, 101.0F, 1600.0F, 2999.0F}) {
    EXPECT_NEAR(static_cast<double>(curve(hu).density), schneider_density(static_cast<double>(hu)), 1e-5) << hu;
    EXPECT_EQ(curve(hu).material, schneider_bin(static_cast<double>(hu))) << hu;
  }
  EXPECT_EQ(curve(-3024.0F).material, 0);
  EXPECT_EQ(curve(-3024.0F).density, curve(-1050.0F).density);
  EXPECT_EQ(curve(32767.0F).material, 25);
}

TEST(HuCalibration, reads_a_scanners_curve) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "c.csv") << "# scanner\nHU,density\n-1000, 0.001\n0, 1.0\n1000, 1.6\n";
  const HuCalibration curve = read_calibration(folder / "c.csv");
  EXPECT_FLOAT_EQ(curve(500).density, 1.3F);
  EXPECT_FLOAT_EQ(curve(-1024).density, 0.001F);
  EXPECT_EQ(curve(500).material, schneider_bin(500));
  const Image<float> ct = test::with_box(test::filled(test::cube(3, 1), 0), {1, 2, 0}, {1, 2, 0}, 1200);
  try {
    check_hu(ct, curve, "ct.nii");
    FAIL() << "beyond the curve";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("voxel (1, 2, 0) has 1200 HU"));
  }
}

TEST(HuCalibration, refuses_curves_with_their_line) {
  const test::TemporaryFolder folder;
  const auto path = folder / "c.csv";
  EXPECT_THAT(refusal(path, "0,1\n0,2\n"), HasSubstr("c.csv:2: HU 0 does not ascend"));
  EXPECT_THAT(refusal(path, "0,1\n10,-2\n"), HasSubstr("c.csv:2: density is -2"));
  EXPECT_THAT(refusal(path, "0,1\n10;x\n"), HasSubstr("c.csv:2: needs two numbers"));
  EXPECT_THAT(refusal(path, "0,1\n"), HasSubstr("at least 2"));
}

TEST(HuCalibration, counts_padding_and_metal) {
  const Image<float> ct{test::cube(2, 1), {-2000, -1051, -1050, 0, 2999, 3000, 3071, 5}};
  const HuCounts counts = check_hu(ct, schneider(), "ct.nii");
  EXPECT_EQ(counts.padding, 2u);
  EXPECT_EQ(counts.metal, 2u);
}

TEST(IsoTime, reads_dates_with_and_without_zone) {
  EXPECT_EQ(parse_time("1970-01-02T00:00:01")->seconds, 86401);
  EXPECT_EQ(parse_time("2026-01-05T10:00:00+01:00")->seconds, parse_time("2026-01-05T09:00Z")->seconds);
  EXPECT_FALSE(parse_time("2026-01-05T10:00:00")->has_zone);
  for (const char* wrong : {"", "2026-01-05", "2026-13-05T10:00", "2026-02-30T10:00", "10:00", "2026-01-05T10:61",
                            "2026-01-05T10:00:00+1", "2026-01-05T10:00:00x"}) {
    EXPECT_FALSE(parse_time(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace ytterby::io
