// What the activity image says of tumours and liver, on its own voxels.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/base/error.h"
#include "io/case/case_file.h"
#include "io/prepare/partition_case.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using test::SmallCase;
using testing::HasSubstr;

constexpr const char* relative = "quantity = \"relative\"\nadministered_GBq = 2.0\nlung_shunt_fraction = 0.1\n";
const std::string with_lungs = std::string(SmallCase::structures) + SmallCase::lungs;

PartitionCase model_of(const SmallCase& small, const std::string& rest) {
  return partition_of(prepare(read_case(small.write(relative, with_lungs + rest)))).front();
}

TEST(Uptake, DoesNotDependOnTheDoseGrid) {
  // The activity is 3 in the tumour and 1 beside it, on the masks' voxels of 5 mm.
  const SmallCase small;
  const double mass = model_of(small, "").model.lesions[0].mass;
  for (const char* spacing : {"2.5", "4", "7"}) {
    const PartitionCase p =
        model_of(small, std::string("[grid]\nspacing_mm = [") + spacing + ", " + spacing + ", " + spacing + "]\n");
    EXPECT_NEAR(p.model.lesions[0].tumour_to_normal, 3, 1e-6) << spacing;
    EXPECT_NEAR(p.model.lesions[0].mass, mass, 1e-9) << spacing;
  }
}

/// A tumour of 3 whose blur gives 2 to the voxels around it; 152 of the 936 voxels of normal liver.
void blur(const SmallCase& small) {
  const Grid grid = test::cube(20, 5);
  Image<float> activity = test::with_box(test::filled(grid, 0), {5, 5, 5}, {14, 14, 14}, 1);
  activity = test::with_box(std::move(activity), {7, 7, 7}, {12, 12, 12}, 2);
  write_image(small.folder / "activity.nii.gz", test::with_box(std::move(activity), {8, 8, 8}, {11, 11, 11}, 3));
}

TEST(Uptake, LeavesOutTheGuardRingAndDividesByRecovery) {
  const SmallCase small;
  blur(small);
  // All of the normal liver: (152 * 2 + 784) / 936 = 1.16239.
  EXPECT_NEAR(model_of(small, "").model.lesions[0].tumour_to_normal, 3 * 936.0 / 1088, 1e-6);
  // Beyond 9 mm (a voxel's diagonal has 8.66 mm) there is 1 alone.
  const PartitionCase ring = model_of(small, "[plan]\nguard_ring_mm = 9\n");
  EXPECT_NEAR(ring.model.lesions[0].tumour_to_normal, 3, 1e-6);
  EXPECT_NEAR(ring.model.normal_mass / ring.model.lesions[0].mass, 936.0 / 64, 1e-6);  // masses stay
  EXPECT_THAT(ring.uptake_recipe, HasSubstr("9 mm"));
  EXPECT_NEAR(model_of(small, "[plan]\nguard_ring_mm = 9\nrecovery = 0.75\n").model.lesions[0].tumour_to_normal, 4,
              1e-6);
  try {
    model_of(small, "[plan]\nrecovery = [0.7, 0.8]\n");
    ADD_FAILURE() << "two recoveries were taken for one tumour";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    EXPECT_THAT(error.what(), HasSubstr("2 numbers for 1 tumours"));
  }
}

TEST(Uptake, CountsWhatLiesElsewhere) {
  const SmallCase small;
  // 8 voxels of 0.5 in a corner beside 3 * 64 + 936.
  EXPECT_NEAR(*model_of(small, "").extrahepatic, 4.0 / 1132, 1e-6);
  EXPECT_FALSE(model_of(small, "").spared_activity);
  // Perfused: the lower half of the liver in z, with half of the tumour.
  write_image(small.folder / "lobe.nii.gz",
              test::with_box(test::filled(test::cube(20, 5), 0), {5, 5, 5}, {14, 14, 9}, 1));
  const PartitionCase p =
      model_of(small, "[[structure]]\nname = \"lobe\"\nrole = \"perfused\"\nmask = \"lobe.nii.gz\"\n");
  EXPECT_EQ(p.normal_structure, "perfused-normal");
  EXPECT_NEAR(*p.spared_activity, 0.5, 1e-6);
  EXPECT_NEAR(p.whole_normal_mass / p.model.normal_mass, 2, 1e-6);
}

TEST(Lesions, AreThePartsOfAMask) {
  // Two cubes of 20 mm in one mask, 20 mm apart, and a voxel of 0.125 mL.
  const SmallCase small;
  Image<float> mask = test::with_box(test::filled(test::cube(20, 5), 0), {6, 6, 6}, {9, 9, 9}, 1);
  mask = test::with_box(std::move(mask), {6, 6, 14}, {9, 9, 14}, 1);
  mask = test::with_box(std::move(mask), {13, 6, 6}, {13, 6, 6}, 1);
  write_image(small.folder / "tumour.nii.gz", mask);
  const auto lesions = [&](const std::string& protocol) {
    return prepare(read_case(small.write(relative, with_lungs + protocol)));
  };
  const PreparedCase parts = lesions("");
  ASSERT_EQ(parts.lesions.size(), 2u);
  EXPECT_EQ(parts.lesions[0].name, "tumour #1");
  EXPECT_NEAR(parts.lesions[0].volume, 8, 1e-6);
  EXPECT_NEAR(parts.lesions[1].volume, 2, 1e-6);
  EXPECT_LT(parts.lesions[0].size.full.value, 3.5);
  const auto told = std::find_if(parts.warnings.begin(), parts.warnings.end(), [](const Warning& w) {
    return w.text.find("smallest_lesion_mL") != std::string::npos;
  });
  ASSERT_NE(told, parts.warnings.end());
  EXPECT_THAT(told->text, HasSubstr("1 of its 3 parts"));
  EXPECT_EQ(lesions("[protocol]\nsmallest_lesion_mL = 0.1\n").lesions.size(), 3u);
  EXPECT_EQ(lesions("[protocol]\nsmallest_lesion_mL = 3\n").lesions.size(), 1u);
  const PreparedCase whole = lesions("[protocol]\nlesions = \"masks\"\n");
  ASSERT_EQ(whole.lesions.size(), 1u);
  EXPECT_EQ(whole.lesions[0].name, "tumour");
  EXPECT_GT(whole.lesions[0].size.full.value, 4.5);
}

}  // namespace
}  // namespace ytterby::io
