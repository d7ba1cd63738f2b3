// The partition model from a case's images.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "engine/physics/nuclide.h"
#include "io/case/case_file.h"
#include "io/prepare/partition_case.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using test::SmallCase;
using testing::HasSubstr;

constexpr const char* relative = "quantity = \"relative\"\nadministered_GBq = 2.0\nlung_shunt_fraction = 0.1\n";
const std::string with_lungs = std::string(SmallCase::structures) + SmallCase::lungs;

std::string refusal(const std::filesystem::path& path) {
  try {
    partition_of(prepare(read_case(path)));
  } catch (const Error& error) {
    return error.fault() == Fault::input ? error.what() : "another fault";
  }
  return "accepted";
}

TEST(PartitionCase, TakesMassesAndUptakeFromTheImages) {
  const SmallCase small;
  const auto sessions = partition_of(prepare(read_case(small.write(relative, with_lungs))));
  ASSERT_EQ(sessions.size(), 1u);
  const PartitionCase& p = sessions.front();
  ASSERT_EQ(p.model.lesions.size(), 1u);
  // Voxels of 0.125 mL: 64 in the tumour, 936 of normal liver; the same density, and three times the activity.
  EXPECT_NEAR(p.model.normal_mass / p.model.lesions[0].mass, 936.0 / 64, 1e-6);
  EXPECT_NEAR(p.model.lesions[0].mass, 64 * 0.125 * 1.02 / 1000, 3e-4);
  EXPECT_NEAR(p.model.lesions[0].tumour_to_normal, 3, 1e-6);
  EXPECT_EQ(p.normal_structure, "normal-liver");
  EXPECT_DOUBLE_EQ(*p.administered, 2.0);
  EXPECT_DOUBLE_EQ(p.model.lung_shunt_fraction, 0.1);
  EXPECT_DOUBLE_EQ(p.model.lung_mass, 1.0);
  EXPECT_EQ(p.lung_mass_source, "convention");
  EXPECT_FALSE(p.lung_mass_ct);  // cut off
  EXPECT_DOUBLE_EQ(p.model.dose_constant, yttrium_90().dose_constant());
}

TEST(PartitionCase, TakesTheActivityOfAQuantitativeImage) {
  const SmallCase small;
  // 3 in 64 voxels, 1 in 936, 0.5 in 8 beside the liver [Bq]: all of it outside the lungs.
  const auto p =
      partition_of(prepare(read_case(small.write("quantity = \"Bq\"\nlung_shunt_fraction = 0.2\n", with_lungs))))
          .front();
  EXPECT_NEAR(*p.administered, (3 * 64 + 936 + 0.5 * 8) / 0.8 / 1e9, 1e-15);
}

TEST(PartitionCase, TakesGivenNumbersOverTheImages) {
  const SmallCase small;
  const auto p = partition_of(prepare(read_case(small.write(
                                  relative, with_lungs + "[protocol]\ntumour_to_normal = 5.0\nlung_mass_kg = 0.8\n"))))
                     .front();
  EXPECT_DOUBLE_EQ(p.model.lesions[0].tumour_to_normal, 5);
  EXPECT_EQ(p.uptake_recipe, "given");
  EXPECT_DOUBLE_EQ(p.model.lung_mass, 0.8);
  EXPECT_EQ(p.lung_mass_source, "given");
}

TEST(PartitionCase, HasAModelForEachSession) {
  const SmallCase small;
  const auto sessions = partition_of(prepare(read_case(
      small.write(relative, with_lungs + "[[session]]\nname = \"a\"\n[[session]]\nname = \"b\"\n"
                                         "activity = { administered_GBq = 0.5, lung_shunt_fraction = 0.2 }\n"))));
  ASSERT_EQ(sessions.size(), 2u);
  EXPECT_EQ(sessions[1].session, "b");
  EXPECT_DOUBLE_EQ(*sessions[1].administered, 0.5);
  EXPECT_DOUBLE_EQ(sessions[1].model.lung_shunt_fraction, 0.2);
}

TEST(PartitionCase, RefusesWhatIsMissing) {
  const SmallCase small;
  EXPECT_THAT(refusal(small.write("quantity = \"Bq\"\n")), HasSubstr("lung_shunt_fraction has to be given"));
  EXPECT_THAT(
      refusal(small.write(relative, "[[structure]]\nname = \"tumour\"\nrole = \"tumour\"\nmask = \"tumour.nii.gz\"\n")),
      HasSubstr("role liver"));
  EXPECT_THAT(
      refusal(small.write(relative, "[[structure]]\nname = \"liver\"\nrole = \"liver\"\nmask = \"liver.nii.gz\"\n")),
      HasSubstr("role tumour"));
  EXPECT_THAT(refusal(small.write("quantity = \"Bq\"\nlung_shunt_fraction = 0.1\n",
                                  with_lungs + "[protocol]\nlung_mass_kg = \"ct\"\n")),
              HasSubstr("lungs that are whole"));
}

}  // namespace
}  // namespace ytterby::io
