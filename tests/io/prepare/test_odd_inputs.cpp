// What is easy to get wrong in a case and has to be converted, told or refused; what other files test is not here
// again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "engine/base/error.h"
#include "engine/patient/structures.h"
#include "io/case/case_file.h"
#include "io/dicom/seg.h"
#include "io/dicom/series.h"
#include "io/prepare/prepare.h"
#include "tests/io/small_case.h"
#include "tests/io/small_dicom.h"

namespace ytterby::io {
namespace {

using test::SmallCase;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

const std::string structures = SmallCase::structures;

const Structure& find(const PreparedCase& p, const std::string& name) {
  return *std::find_if(p.structures.begin(), p.structures.end(), [&](const Structure& s) { return s.name == name; });
}

std::string refusal(const std::filesystem::path& path) {
  try {
    prepare(read_case(path));
  } catch (const Error& error) {
    return error.fault() == Fault::input ? error.what() : "another fault";
  }
  return "accepted";
}

/// The same image with its x axis the other way round.
Image<float> flipped(const Image<float>& image) {
  Image<float> result = image;
  Grid& g = result.grid;
  for (std::size_t a = 0; a < 3; ++a) {
    g.origin[a] += g.direction[3 * a] * (g.shape[0] - 1) * g.spacing[0];
    g.direction[3 * a] *= -1;
  }
  for (int z = 0; z < g.shape[2]; ++z)
    for (int y = 0; y < g.shape[1]; ++y)
      for (int x = 0; x < g.shape[0]; ++x)
        result.values[g.index(x, y, z)] = image.values[g.index(g.shape[0] - 1 - x, y, z)];
  return result;
}

TEST(OddInputs, TakesAFlippedMaskAndAFlippedActivityForWhatTheyAre) {
  const SmallCase small;
  const PreparedCase straight = prepare(read_case(small.write("quantity = \"Bq\"\n", structures)));
  for (const char* name : {"tumour.nii.gz", "activity.nii.gz"}) {
    write_image(small.folder / name, flipped(read_image(small.folder / name, [](const Warning&) {})));
  }
  const PreparedCase turned = prepare(read_case(small.write("quantity = \"Bq\"\n[grid]\nlike = \"ct\"\n", structures)));
  EXPECT_EQ(find(turned, "tumour").fraction, find(straight, "tumour").fraction);
  EXPECT_EQ(turned.source.voxels->activity, straight.source.voxels->activity);
  EXPECT_NE(turned.content_hash, straight.content_hash);  // other files
}

TEST(OddInputs, MovesAMaskFromAnotherGrid) {
  const SmallCase small;
  // 15 x 15 x 15 voxels of 2 mm that cover the tumour's 20 mm cube, which begins at the face of voxel 8: 37.5 mm.
  const Image<float> fine =
      test::with_box(test::filled(test::cube(15, 2, {33.5, 33.5, 33.5}), 0), {2, 2, 2}, {11, 11, 11}, 1);
  const double before = volume_of(
      find(prepare(read_case(small.write("quantity = \"Bq\"\n", structures))), "tumour").fraction, test::cube(20, 5));
  write_image(small.folder / "tumour.nii.gz", fine);
  const PreparedCase p = prepare(read_case(small.write("quantity = \"Bq\"\n", structures)));
  EXPECT_NEAR(volume_of(find(p, "tumour").fraction, p.phantom.grid), before, 1e-4);
  EXPECT_NEAR(find(p, "tumour").fraction[p.phantom.grid.index(9, 9, 9)], 1, 1e-5);
}

TEST(OddInputs, WarnsOfATotalThatIsNotTheAdministeredOne) {
  const SmallCase small;
  // The image holds 1132 Bq: 12 % more than stated, then 5 %.
  const auto warnings = [&](const std::string& stated) {
    return test::texts_of(
        prepare(read_case(small.write("quantity = \"Bq\"\nadministered_GBq = " + stated + "\n", structures))).warnings);
  };
  EXPECT_THAT(warnings("1.01e-6"), Contains(AllOf(HasSubstr("1.132e-06"), HasSubstr("1.01e-06"))));
  EXPECT_THAT(warnings("1.08e-6"), Not(Contains(HasSubstr("1.08e-06"))));
}

TEST(OddInputs, TellsWhereTheActivityIs) {
  const SmallCase small;
  const PreparedCase p = prepare(read_case(small.write("quantity = \"Bq\"\n", structures + SmallCase::lungs)));
  EXPECT_THAT(p.notes,
              Contains(AllOf(HasSubstr("in the image"), HasSubstr("in the lungs"), HasSubstr("field of view"))));
}

TEST(OddInputs, RefusesAPetThatTheCaseTakesForSomethingElse) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "ct");
  std::filesystem::create_directory(folder / "pet");
  for (int k = 0; k < 20; ++k) {
    test::ct_slice(-38 + 4 * k).save(folder / ("ct/" + std::to_string(k)));
    test::pet_slice(-38 + 4 * k, "ADMIN").save(folder / ("pet/" + std::to_string(k)));
  }
  std::ofstream(folder / "case.toml") << "[medium]\nct = \"ct\"\n[activity]\nimage = \"pet\"\nquantity = \"Bq\"\n";
  EXPECT_THAT(refusal(folder / "case.toml"), AllOf(HasSubstr("quantity is \"Bq\""), HasSubstr("BQML")));
}

TEST(OddInputs, ReadsASegmentationAsItsNrrd) {
  const std::filesystem::path data = std::filesystem::path(YTTERBY_SOURCE_DIR) / "../shared/data/ct_dicom_liver_seg";
  if (!std::filesystem::exists(data)) GTEST_SKIP() << "no real objects here";
  const Image<float> nrrd = read_image(data / "liver_seg.nrrd", [](const Warning&) {});
  const DicomSegment segment = read_segment(data / "liver_seg.dcm", "1");
  const auto inside = [](const std::vector<float>& values) {
    return std::count_if(values.begin(), values.end(), [](float v) { return v != 0; });
  };
  EXPECT_EQ(inside(nrrd.values), inside(segment.inside.values));
  for (std::size_t a = 0; a < 3; ++a) EXPECT_NEAR(nrrd.grid.spacing[a], segment.inside.grid.spacing[a], 1e-4);
}

TEST(OddInputs, RefusesADoseWhereAnImageIsMeant) {
  const std::filesystem::path data = std::filesystem::path(YTTERBY_SOURCE_DIR) / "../shared/data/dicom_pt_rt_samples";
  if (!std::filesystem::exists(data)) GTEST_SKIP() << "no real objects here";
  for (const char* name : {"rtdose.dcm", "rtdose_1frame.dcm"}) {
    EXPECT_THROW(choose_series(data / name, "", {"CT", "PT", "NM"}), Error) << name;
  }
}

TEST(OddInputs, AreWarnedOfOnceWhereSeveralStructuresUseThem) {
  const SmallCase small;
  std::ofstream mask(small.folder / "m.mha", std::ios::binary);
  mask << "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
          "ElementSpacing = 5 5 5\nDimSize = 20 20 20\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
       << std::string(8000, '\1');
  mask.close();
  const std::string other = "[[structure]]\nmask = \"m.mha\"\nname = ";
  int found = 0;
  for (const Warning& w :
       prepare(read_case(small.write("quantity = \"Bq\"\n", structures + other + "\"a\"\n" + other + "\"b\"\n")))
           .warnings) {
    found += w.code == "place-unstated" ? 1 : 0;
  }
  EXPECT_EQ(found, 1);
}

}  // namespace
}  // namespace ytterby::io
