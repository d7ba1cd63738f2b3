// What is told of contours, by code, class and number. Right values are squares times planes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/patient/structures.h"
#include "io/case/case_file.h"
#include "io/prepare/prepare.h"
#include "tests/io/small_case.h"
#include "tests/io/small_dicom.h"

namespace ytterby::io {
namespace {

using test::SmallContour;
using test::square_data;
using testing::AllOf;
using testing::HasSubstr;

/// A case of a liver of the region "Liver" on CT slices of 4 mm, all objects in `dicom` below the folder.
PreparedCase liver_of(const test::TemporaryFolder& folder, const std::vector<SmallContour>& contours,
                      const std::string& rtstruct) {
  std::filesystem::create_directory(folder / "dicom");
  for (int k = 0; k < 20; ++k) {
    test::ct_slice(-38 + 4 * k, k < 4 ? -900 : 60).save(folder / ("dicom/ct" + std::to_string(k)));
    test::pet_slice(-38 + 4 * k, "ADMIN").save(folder / ("dicom/pet" + std::to_string(k)));
  }
  test::SmallStructures().add("1", "Liver", contours).save(folder / "dicom/rt");
  std::ofstream(folder / "case.toml") << "[medium]\nct = \"dicom\"\n[activity]\nimage = \"dicom\"\n"
                                         "quantity = \"Bq/mL\"\n[[structure]]\nname = \"liver\"\n"
                                         "role = \"liver\"\nroi = \"Liver\"\nrtstruct = \""
                                      << rtstruct << "\"\n";
  return prepare(read_case(folder / "case.toml"));
}

/// Warnings of a code, where a liver of 32 x 32 mm is drawn by these contours on CT slices of 4 mm.
Warnings told_of(const std::string& code, const std::vector<SmallContour>& contours) {
  const test::TemporaryFolder folder;
  Warnings found;
  for (const Warning& w : liver_of(folder, contours, "dicom/rt").warnings) {
    if (w.code == code) found.push_back(w);
  }
  return found;
}

TEST(ContoursTold, OfEverySecondSliceAndOfIslands) {
  const Warnings far =
      told_of("planes-far-apart", {{square_data(16, -6)}, {square_data(16, 2)}, {square_data(16, 10)}});
  ASSERT_EQ(far.size(), 1u);
  EXPECT_EQ(far[0].kind, WarningClass::note);
  EXPECT_THAT(far[0].text, AllOf(HasSubstr("every 2 slices of the CT"), HasSubstr("8 mm apart")));
  const Warnings alone = told_of("planes-alone", {{square_data(8, -6, -10)}, {square_data(8, 2, 10)}});
  ASSERT_EQ(alone.size(), 1u);
  EXPECT_THAT(alone[0].text, AllOf(HasSubstr("2 planes"), HasSubstr("4 mm")));
  EXPECT_TRUE(told_of("planes-far-apart", {{square_data(16, 2)}, {square_data(16, 6)}}).empty());
}

TEST(ContoursTold, OfAHoleThatSticksOut) {
  // In each of two slices of 4 mm 32 x 32 mm with a hole of 16 x 16 mm, of which 1.6 x 16 mm lie outside: united
  // 1024 + 25.6 mm2, by exclusive-or 1024 - 230.4 + 25.6 mm2.
  std::vector<SmallContour> contours;
  for (const double z : {2.0, 6.0}) {
    contours.push_back({square_data(16, z)});
    contours.push_back({square_data(8, z, 9.6)});
  }
  const Warnings hole = told_of("contours-overlap", contours);
  ASSERT_EQ(hole.size(), 1u);
  EXPECT_EQ(hole[0].kind, WarningClass::wrong_dose);
  EXPECT_THAT(hole[0].text, AllOf(HasSubstr("8.397 mL"), HasSubstr("6.554 mL")));
  // Two that share 1.6 x 8 mm: 12.8 of some 1072 mm2.
  const Warnings little = told_of("contours-overlap", {{square_data(16, 2)}, {square_data(4, 2, 18.4)}});
  ASSERT_EQ(little.size(), 1u);
  EXPECT_EQ(little[0].kind, WarningClass::note);
}

TEST(ContoursTold, FromAFolderAreThoseOfItsOneStructureSet) {
  const test::TemporaryFolder folder;
  const std::vector<SmallContour> contours{{square_data(16, 2)}, {square_data(16, 6)}};
  const PreparedCase by_folder = liver_of(folder, contours, "dicom"), by_file = liver_of(folder, contours, "dicom/rt");
  EXPECT_NEAR(volume_of(by_folder.structures.at(0).fraction, by_folder.phantom.grid), 8.192, 1e-3);
  EXPECT_EQ(by_folder.inputs.back().sha256, by_file.inputs.back().sha256);
}

}  // namespace
}  // namespace ytterby::io
