// [uncertainty]: every key is read and written back, everything else is refused with its line.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "io/case/case_file.h"
#include "tests/io/refusal.h"

namespace ytterby::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string minimal =
    "[medium]\nct = \"ct.nii\"\n[activity]\nimage = \"a.nii\"\nquantity = \"Bq\"\n[uncertainty]\n";

CaseFile parse(const std::string& text) { return parse_case(text, "folder/case.toml"); }

std::string refused(const std::string& keys) {
  return test::refusal([&] { parse(minimal + keys); });
}

TEST(UncertaintySection, has_the_defaults_of_the_formats_page) {
  const UncertaintySection u = parse(minimal).uncertainty.value();
  EXPECT_DOUBLE_EQ(u.activity_relative, 0.05);
  EXPECT_DOUBLE_EQ(u.shunt_relative, 0.2);
  EXPECT_DOUBLE_EQ(u.lung_mass_relative, 0.1);
  EXPECT_THAT(u.registration_mm, ElementsAre(3, 3, 5));
  EXPECT_DOUBLE_EQ(u.contour_mm, 1.5);
  EXPECT_THAT(u.psf_fwhm_mm, ElementsAre(5, 7));
  EXPECT_FALSE(u.yang);
  EXPECT_DOUBLE_EQ(u.noise_relative, 0);
  EXPECT_DOUBLE_EQ(u.density_relative, 0.01);
  EXPECT_DOUBLE_EQ(u.respiration_mm, 0);
  EXPECT_DOUBLE_EQ(u.tumour_to_normal_relative, 0);
  EXPECT_EQ(u.line, 6);
}

TEST(UncertaintySection, is_written_as_it_was_read) {
  const std::string keys =
      "activity_relative = 0.1\nshunt_relative = 0.3\nlung_mass_relative = 0.15\nregistration_mm = [1, 2, 4]\n"
      "contour_mm = 2.5\npsf_fwhm_mm = [4, 9]\npartial_volume = \"yang\"\nnoise_relative = 0.25\n"
      "density_relative = 0.02\nrespiration_mm = 6\ntumour_to_normal_relative = 0.35\n";
  const CaseFile c = parse(minimal + keys);
  const std::string text = write_case(c, [](const std::string& name) { return name; });
  const UncertaintySection u = parse_case(text, "folder/case.toml").uncertainty.value();
  EXPECT_DOUBLE_EQ(u.activity_relative, 0.1);
  EXPECT_DOUBLE_EQ(u.shunt_relative, 0.3);
  EXPECT_DOUBLE_EQ(u.lung_mass_relative, 0.15);
  EXPECT_THAT(u.registration_mm, ElementsAre(1, 2, 4));
  EXPECT_DOUBLE_EQ(u.contour_mm, 2.5);
  EXPECT_THAT(u.psf_fwhm_mm, ElementsAre(4, 9));
  EXPECT_TRUE(u.yang);
  EXPECT_DOUBLE_EQ(u.noise_relative, 0.25);
  EXPECT_DOUBLE_EQ(u.density_relative, 0.02);
  EXPECT_DOUBLE_EQ(u.respiration_mm, 6);
  EXPECT_DOUBLE_EQ(u.tumour_to_normal_relative, 0.35);
}

TEST(UncertaintySection, takes_one_number_for_all_axes_and_one_resolution) {
  const UncertaintySection u = parse(minimal + "registration_mm = 2\npsf_fwhm_mm = 6\n").uncertainty.value();
  EXPECT_THAT(u.registration_mm, ElementsAre(2, 2, 2));
  EXPECT_THAT(u.psf_fwhm_mm, ElementsAre(6, 6));
}

TEST(UncertaintySection, changes_no_dose) {
  const auto content = [](const std::string& text) {
    return write_case_content(parse(text), [](const std::string& name) { return name; });
  };
  EXPECT_EQ(content(minimal), content(minimal + "contour_mm = 9\n"));
  EXPECT_EQ(content(minimal), content(minimal + "replicates = [\"a\", \"b\"]\n"));
}

TEST(UncertaintySection, takes_replicates_of_the_image) {
  const std::string list = "replicates = [\"b/1.nii\", \"b/2.nii\", \"b/3.nii\"]\n";
  const CaseFile c = parse(minimal + list + "replicates_are = \"parts\"\n");
  const std::vector<Replicates> expected{{"", {"b/1.nii", "b/2.nii", "b/3.nii"}}};
  EXPECT_EQ(c.uncertainty->replicates, expected);
  EXPECT_TRUE(c.uncertainty->replicates_are_parts);
  const std::string text = write_case(c, absolute_paths(c));
  EXPECT_THAT(text, HasSubstr("folder/b/2.nii\""));  // from any folder
  const UncertaintySection back =
      parse_case(write_case(c, [](const std::string& name) { return name; }), "folder/case.toml").uncertainty.value();
  EXPECT_EQ(back.replicates, expected);
  EXPECT_TRUE(back.replicates_are_parts);
  EXPECT_FALSE(parse(minimal + list).uncertainty->replicates_are_parts);
}

TEST(UncertaintySection, takes_replicates_of_each_session) {
  const std::string sessions =
      "[[session]]\nname = \"one\"\n[[session]]\nname = \"two\"\n[session.activity]\nimage = \"c.nii\"\n";
  const CaseFile c = parse(minimal + "replicates = { two = [\"b1.nii\", \"b2.nii\"] }\n" + sessions);
  const std::vector<Replicates> expected{{"two", {"b1.nii", "b2.nii"}}};
  EXPECT_EQ(c.uncertainty->replicates, expected);
  EXPECT_EQ(parse_case(write_case(c, [](const std::string& name) { return name; }), "folder/case.toml")
                .uncertainty->replicates,
            expected);
  EXPECT_THAT(refused("replicates = [\"b1.nii\", \"b2.nii\"]\n" + sessions),
              HasSubstr("needs a list for each session"));
  EXPECT_THAT(refused("replicates = { tow = [\"b1.nii\", \"b2.nii\"] }\n" + sessions), HasSubstr("\"two\"?"));
  EXPECT_THAT(refused("replicates = { two = [\"b1.nii\", \"b2.nii\"] }\n"), HasSubstr("no [[session]]"));
}

TEST(UncertaintySection, refuses_replicates_that_say_nothing) {
  EXPECT_THAT(refused("replicates = [\"b1.nii\"]\n"),
              HasSubstr("folder/case.toml:6: [uncertainty] replicates has 1 image, needs 2 to 200"));
  EXPECT_THAT(refused("replicates = []\n"), HasSubstr("has 0 images"));
  EXPECT_THAT(refused("replicates = [\"b1.nii\", \"b1.nii\"]\n"), HasSubstr("\"b1.nii\" twice"));
  EXPECT_THAT(refused("replicates = [\"b1.nii\", \"b2.nii\"]\nnoise_relative = 0.1\n"),
              HasSubstr("one of noise_relative and replicates"));
  EXPECT_THAT(refused("replicates_are = \"parts\"\n"), HasSubstr("needs replicates"));
  EXPECT_THAT(refused("replicates = [\"b1.nii\", \"b2.nii\"]\nreplicates_are = \"frames\"\n"), HasSubstr("parts"));
}

TEST(UncertaintySection, refuses_what_cannot_be) {
  EXPECT_THAT(refused("activity_relative = -0.1\n"), HasSubstr("folder/case.toml:7: "));
  EXPECT_THAT(refused("activity_relative = 5\n"), HasSubstr("activity_relative"));
  EXPECT_THAT(refused("registration_mm = [3, 3]\n"), HasSubstr("needs one number or three"));
  EXPECT_THAT(refused("registration_mm = [3, 3, 500]\n"), HasSubstr("registration_mm"));
  EXPECT_THAT(refused("psf_fwhm_mm = [7, 5]\n"), HasSubstr("the smallest and the largest"));
  EXPECT_THAT(refused("psf_fwhm_mm = 0\n"), HasSubstr("psf_fwhm_mm"));
  EXPECT_THAT(refused("partial_volume = \"gtm\"\n"), HasSubstr("yang"));
  EXPECT_THAT(refused("contour = 2\n"), HasSubstr("contour_mm"));
}

}  // namespace
}  // namespace ytterby::io
