// CTs that cannot be in HU: stored values, shifted twice, and what looks odd and is one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "io/prepare/ct_numbers.h"
#include "io/prepare/prepare.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// A patient in air: 60 % air at -1000, 8 % lung at -750, 30 % tissue at 40, 2 % bone at 900 HU, moved by `shift`.
Image<float> patient(float shift, bool with_air = true) {
  Image<float> ct{test::cube(10, 5), std::vector<float>(1000, 40 + shift)};
  for (std::size_t i = 0; i < 20; ++i) ct.values[i] = 900 + shift;
  if (!with_air) return ct;
  for (std::size_t i = 20; i < 620; ++i) ct.values[i] = -1000 + shift;
  for (std::size_t i = 620; i < 700; ++i) ct.values[i] = -750 + shift;
  return ct;
}

TEST(CtNumbers, AreToldFromStoredValues) {
  EXPECT_THAT(no_ct_numbers(patient(0)), IsEmpty());
  EXPECT_THAT(no_ct_numbers(patient(0, false)), IsEmpty());  // cut out of a patient
  for (const float shift : {1000.0F, 1024.0F}) {
    EXPECT_THAT(no_ct_numbers(patient(shift)), HasSubstr("HU + 1024"));
    EXPECT_THAT(no_ct_numbers(patient(shift, false)), HasSubstr("HU + 1024"));
  }
  EXPECT_THAT(no_ct_numbers(patient(-1024)), HasSubstr("HU - 1024"));
  for (const float wrap : {4096.0F, 8192.0F, 65536.0F}) {  // of 12, 13 and 16 bits
    Image<float> unsigned_values = patient(0);
    for (float& v : unsigned_values.values) v = v < 0 ? v + wrap : v;
    EXPECT_THAT(no_ct_numbers(unsigned_values), HasSubstr("without their sign"));
  }
  Image<float> metal = patient(0, false);
  for (std::size_t i = 0; i < 50; ++i) metal.values[i] = 8000;
  EXPECT_THAT(no_ct_numbers(metal), IsEmpty());
  Image<float> densities = patient(0);  // g/cm3 x 1000 or an electron density map
  for (float& v : densities.values) v = 1 + v / 1000;
  for (float& v : densities.values) v *= 500;
  EXPECT_THAT(no_ct_numbers(densities), IsEmpty());  // a median of 0 passes: the liver tells
  const std::vector<float> whole(8, 1);
  EXPECT_THAT(no_ct_numbers_in_liver(std::vector<float>(8, 520), whole, true), HasSubstr("without air"));
  EXPECT_THAT(no_ct_numbers_in_liver(std::vector<float>(8, 1080), whole, false), HasSubstr("HU + 1024"));
  EXPECT_THAT(no_ct_numbers_in_liver(std::vector<float>(8, -970), whole, false), HasSubstr("HU - 1024"));
  EXPECT_THAT(no_ct_numbers_in_liver(std::vector<float>(8, 180), whole, false), IsEmpty());  // contrast medium
}

TEST(CtNumbers, AreInsistedOn) {
  const test::SmallCase small;
  const Grid grid = test::cube(20, 5);
  write_image(small.folder / "ct.nii.gz", test::with_box(test::filled(grid, 1064), {0, 0, 0}, {3, 3, 9}, 274));
  const std::string keys = "quantity = \"relative\"\nadministered_GBq = 1\nlung_shunt_fraction = 0\n";
  try {
    prepare(read_case(small.write(keys)));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    EXPECT_THAT(error.what(), HasSubstr("accept_CT_numbers"));
  }
  const auto path = small.write(keys);
  std::ofstream(path)
      << "[medium]\nct = \"ct.nii.gz\"\naccept_CT_numbers = true\n[activity]\nimage = \"activity.nii.gz\"\n"
      << keys << test::SmallCase::structures;
  EXPECT_NO_THROW(prepare(read_case(path)));
}

}  // namespace
}  // namespace ytterby::io
