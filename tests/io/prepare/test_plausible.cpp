// Numbers that cannot be are refused, those that hardly can be are warned of, and good input passes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "engine/base/error.h"
#include "io/case/case_file.h"
#include "io/prepare/plausible.h"
#include "io/prepare/prepare.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using test::cube;
using test::filled;
using test::SmallCase;
using test::with_box;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

const std::string structures = SmallCase::structures;
constexpr const char* relative = "quantity = \"relative\"\nadministered_GBq = 1\nlung_shunt_fraction = 0.05\n";

std::string refusal(const std::filesystem::path& path) {
  try {
    prepare(read_case(path));
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    return error.what();
  }
  return "accepted";
}

std::vector<std::string> codes(const std::filesystem::path& path) {
  std::vector<std::string> all;
  for (const Warning& w : prepare(read_case(path)).warnings) all.push_back(w.code);
  return all;
}

TEST(Plausible, RefusesActivitiesAndDensitiesThatNobodyGives) {
  const SmallCase small;
  EXPECT_THAT(refusal(small.write("quantity = \"relative\"\nlung_shunt_fraction = 0\nadministered_GBq = 1000\n")),
              AllOf(HasSubstr("administered_GBq is 1000"), HasSubstr("MBq")));
  EXPECT_EQ(refusal(small.write("quantity = \"relative\"\nlung_shunt_fraction = 0\nadministered_GBq = 20\n")),
            "accepted");
  EXPECT_THAT(refusal(small.write(relative, structures + "density_g_cm3 = 10.5\n")),
              AllOf(HasSubstr("density_g_cm3 is 10.5"), HasSubstr("at most 3 in a tumour")));
  EXPECT_EQ(refusal(small.write(relative, structures + "[[structure]]\nname = \"stent\"\nmask = \"tumour.nii.gz\"\n"
                                                       "density_g_cm3 = 10.5\n")),
            "accepted");  // metal is of role other
}

TEST(Plausible, RefusesLiverAndLungsExchanged) {
  const SmallCase small;
  const std::string exchanged =
      "[[structure]]\nname = \"liver\"\nrole = \"liver\"\nmask = \"lungs.nii.gz\"\n"
      "[[structure]]\nname = \"lungs\"\nrole = \"lung\"\nmask = \"liver.nii.gz\"\n";
  EXPECT_THAT(refusal(small.write("quantity = \"Bq\"\n", exchanged)), HasSubstr("liver and lungs are exchanged"));
  EXPECT_EQ(refusal(small.write("quantity = \"Bq\"\n", structures + SmallCase::lungs)), "accepted");
  // One alone may have a reason.
  const std::string dense = "[[structure]]\nname = \"lungs\"\nrole = \"lung\"\nmask = \"liver.nii.gz\"\n";
  EXPECT_THAT(codes(small.write("quantity = \"Bq\"\n", dense)), Contains("lungs-dense"));
  const std::string thin = "[[structure]]\nname = \"liver\"\nrole = \"liver\"\nmask = \"lungs.nii.gz\"\n";
  EXPECT_THAT(codes(small.write("quantity = \"Bq\"\n", thin)), Contains("liver-not-dense"));
}

TEST(Plausible, WarnsOfATumourBesideTheLiverAndOfNoOther) {
  const SmallCase small;
  const Grid grid = cube(20, 5);
  const auto with_tumour = [&](std::array<int, 3> low, std::array<int, 3> high, bool cut_out = false) {
    Image<float> liver = with_box(filled(grid, 0), {5, 5, 5}, {14, 14, 14}, 1);
    if (cut_out) liver = with_box(std::move(liver), low, high, 0);
    write_image(small.folder / "liver.nii.gz", liver);
    write_image(small.folder / "tumour.nii.gz", with_box(filled(grid, 0), low, high, 1));
    return codes(small.write("quantity = \"Bq\"\n"));
  };
  EXPECT_THAT(with_tumour({8, 8, 8}, {11, 11, 11}), Not(Contains("tumour-outside-liver")));
  EXPECT_THAT(with_tumour({8, 8, 8}, {11, 11, 11}, true), Not(Contains("tumour-outside-liver")));  // cut out
  EXPECT_THAT(with_tumour({5, 8, 8}, {8, 11, 11}, true), Not(Contains("tumour-outside-liver")));   // at the capsule
  EXPECT_THAT(with_tumour({3, 8, 8}, {6, 11, 11}), Not(Contains("tumour-outside-liver")));         // half outside
  EXPECT_THAT(with_tumour({15, 15, 15}, {17, 17, 17}), Contains("tumour-outside-liver"));
  EXPECT_THAT(with_tumour({14, 14, 14}, {17, 17, 17}), Contains("tumour-outside-liver"));  // touches a corner
}

TEST(Plausible, RefusesCountsThatAreNegativeInSumWhereTheyAreNormalisedTo) {
  const SmallCase small;
  const Image<float> good = read_image(small.folder / "activity.nii.gz");
  write_image(small.folder / "activity.nii.gz", with_box(good, {8, 8, 8}, {11, 11, 11}, -5));
  EXPECT_THAT(refusal(small.write(relative)), AllOf(HasSubstr("negative in sum (-320)"), HasSubstr("\"tumour\"")));
  EXPECT_THAT(codes(small.write("quantity = \"Bq\"\n")), Contains("negative-in-structure"));
  EXPECT_THAT(codes(small.write(std::string(relative) + "normalise_to = [\"liver\"]\n")),
              Contains("negative-in-structure"));  // 936 in the liver's rest
  write_image(small.folder / "activity.nii.gz", with_box(good, {8, 8, 8}, {8, 8, 8}, -5));
  EXPECT_THAT(codes(small.write("quantity = \"Bq\"\n")), Not(Contains("negative-in-structure")));
}

TEST(Plausible, ChecksAScannersCurve) {
  const SmallCase small;
  const auto with_curve = [&](const std::string& csv) {
    std::ofstream(small.folder / "c.csv") << csv;
    std::ofstream(small.folder / "case.toml")
        << "[medium]\nct = \"ct.nii.gz\"\ncalibration = \"c.csv\"\n[activity]\nimage = \"activity.nii.gz\"\n"
           "quantity = \"Bq\"\n"
        << structures;
    return small.folder / "case.toml";
  };
  EXPECT_THAT(refusal(with_curve("-1000,0.001\n0,1.05\n60,0.2\n3000,2.8\n")),
              AllOf(HasSubstr("c.csv:3"), HasSubstr("falls from 1.05 to 0.2")));
  EXPECT_THAT(codes(with_curve("-1000,0.01\n0,10\n3000,24\n")), Contains("calibration-unlikely"));
  EXPECT_THAT(codes(with_curve("-1000,0.001\n0,1\n100,1.12\n101,1.076\n3000,2.8\n")),
              Not(Contains("calibration-unlikely")));  // Schneider's own step is no fall
}

TEST(Plausible, WarnsOfUnitsByTheirPowersOfTen) {
  EXPECT_THAT(unit_slip(1e-3), HasSubstr("kBq"));
  EXPECT_THAT(unit_slip(1.2e-6), HasSubstr("MBq"));
  EXPECT_NE(unit_slip(10), "");
  EXPECT_EQ(unit_slip(0.5), "");
  EXPECT_EQ(unit_slip(1), "");
  const SmallCase small;  // 1132 Bq
  EXPECT_THAT(codes(small.write("quantity = \"Bq\"\nadministered_GBq = 1.132e-3\n")),
              AllOf(Contains("activity-unit-unlikely"), Contains("activity-below-1-MBq")));
  EXPECT_THAT(codes(small.write(relative)), Not(Contains("activity-below-1-MBq")));
}

TEST(Plausible, TakesAMaskOfAnyOneValue) {
  const SmallCase small;
  const auto volume = [&](float value) {
    write_image(small.folder / "tumour.nii.gz", with_box(filled(cube(20, 5), 0), {8, 8, 8}, {11, 11, 11}, value));
    const PreparedCase p = prepare(read_case(small.write("quantity = \"Bq\"\n")));
    const auto tumour =
        std::find_if(p.structures.begin(), p.structures.end(), [](const Structure& s) { return s.name == "tumour"; });
    double sum = 0;
    for (const float f : tumour->fraction) sum += static_cast<double>(f);
    return sum;
  };
  for (const float value : {1.0F, 0.5F, 255.0F, 0.1F}) EXPECT_NEAR(volume(value), 64, 1e-4) << value;
}

}  // namespace
}  // namespace ytterby::io
