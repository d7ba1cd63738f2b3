// Where image files say that they lie: two affines, mirrored spaces, missing spacing; and 3D Slicer's segments.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "io/images/image_file.h"
#include "tests/io/refusal.h"
#include "tests/io/small_case.h"
#include "tests/io/small_nifti.h"

namespace ytterby::io {
namespace {

using test::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Places : public testing::Test {
 protected:
  std::filesystem::path save(const std::string& name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return folder / name;
  }
  std::string refusal(const std::filesystem::path& path, Affine affine = Affine::agreed) {
    return test::refusal([&] { read_image(path, {}, affine); });
  }
  TemporaryFolder folder;
};

/// 2 x 2 x 2 bytes of 3 mm; the sform has x shifted by that [mm] and turned by that [degree] from the qform's place.
std::string two_affines(float shift, double degrees = 0, std::int16_t qform_code = 1) {
  std::string bytes = test::nifti_header(2, 2, 8) + "abcdefgh";
  test::put_bytes(bytes, 252, qform_code);
  const double turn = degrees * 3.14159265358979 / 180;
  test::put_bytes(bytes, 280, static_cast<float>(3 * std::cos(turn)));  // the first column alone: sheared
  test::put_bytes(bytes, 296, static_cast<float>(3 * std::sin(turn)));
  test::put_bytes(bytes, 292, shift);
  return bytes;
}

TEST_F(Places, OfANiftiWithTwoAffinesAreAskedFor) {
  const auto apart = save("a.nii", two_affines(20));
  EXPECT_THAT(refusal(apart), AllOf(HasSubstr("qform"), HasSubstr("sform"), HasSubstr("20 mm apart"),
                                    HasSubstr("(0, 0, 0)"), HasSubstr("(20, 0, 0)"), HasSubstr("affine = ")));
  EXPECT_NEAR(read_image(apart, {}, Affine::sform).grid.origin[0], -2, 1e-6);  // RAS to LPS, cm
  EXPECT_NEAR(read_image(apart, {}, Affine::qform).grid.origin[0], 0, 1e-6);
  EXPECT_EQ(refusal(save("b.nii", two_affines(0.29F))), "accepted");  // 0.1 voxel is 0.3 mm
  EXPECT_NE(refusal(save("b.nii", two_affines(0.31F))), "accepted");
  EXPECT_EQ(refusal(save("b.nii", two_affines(20, 0, 0))), "accepted");  // no qform is set
  EXPECT_THAT(refusal(folder / "b.nii", Affine::qform), HasSubstr("has no qform"));
}

TEST_F(Places, OfAShearedNiftiAreRefused) {
  EXPECT_THAT(refusal(save("a.nii", two_affines(0, 0.1, 0))), AllOf(HasSubstr("sheared"), HasSubstr("0.1 degrees")));
  EXPECT_EQ(refusal(save("a.nii", two_affines(0, 0.05, 0))), "accepted");  // rounding of headers
  const auto both = save("a.nii", two_affines(0, 0.5));
  EXPECT_THAT(refusal(both, Affine::sform), AllOf(HasSubstr("sheared"), HasSubstr("affine = \"qform\"")));
  EXPECT_EQ(refusal(both, Affine::qform), "accepted");
}

TEST_F(Places, OfAQformFollowItsQuaternion) {
  std::string bytes = two_affines(0);
  test::put_bytes(bytes, 254, std::int16_t{0});
  test::put_bytes(bytes, 264, static_cast<float>(std::sqrt(0.5)));  // a quarter turn about z: x runs along y
  test::put_bytes(bytes, 76, -1.0F);                                // qfac: z the other way
  test::put_bytes(bytes, 268, 40.0F);
  const Grid g = read_image(save("a.nii", bytes)).grid;
  const std::array<double, 9> lps{0, 1, 0, -1, 0, 0, 0, 0, -1};  // RAS: x -> +y, y -> -x, z -> -z
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(g.direction[i], lps[i], 1e-6) << i;
  EXPECT_NEAR(g.origin[0], -4, 1e-6);
}

TEST_F(Places, ValuesOfANiftiAreScaledAsItSays) {
  std::string bytes = two_affines(0);
  test::put_bytes(bytes, 112, 2.0F);
  test::put_bytes(bytes, 116, 5.0F);
  EXPECT_EQ(read_image(save("a.nii", bytes)).values[0], 2 * 'a' + 5);
  test::put_bytes(bytes, 112, 0.0F);  // no scaling at all, whatever the intercept
  EXPECT_EQ(read_image(save("a.nii", bytes)).values[0], 'a');
  test::put_bytes(bytes, 70, std::int16_t{128});  // RGB
  EXPECT_THAT(refusal(save("a.nii", bytes)), HasSubstr("datatype 128"));
  test::put_bytes(bytes, 70, std::int16_t{4});
  EXPECT_THAT(refusal(save("a.nii", bytes)), HasSubstr("8 bits"));
  std::string second(540, '\0');
  test::put_bytes(second, 0, std::int32_t{540});
  EXPECT_THAT(refusal(save("a.nii", second)), HasSubstr("NIfTI-2"));
}

std::string nrrd(const std::string& space, const std::string& rest = "") {
  return "NRRD0004\ntype: uchar\ndimension: 3\nspace: " + space +
         "\nsizes: 2 2 2\nspace directions: (3,0,0) (0,3,0) (0,0,4)\nspace origin: (10,20,30)\nencoding: raw\n" + rest +
         "\nabcdefgh";
}

TEST_F(Places, OfEverySpaceThatNrrdNames) {
  struct Expected {
    const char* space;
    double x, y;
  };
  for (const Expected& e :
       {Expected{"left-posterior-superior", 1, 1}, Expected{"LPS", 1, 1}, Expected{"right-anterior-superior", -1, -1},
        Expected{"RAS", -1, -1}, Expected{"left-anterior-superior", 1, -1}, Expected{"LAS", 1, -1}}) {
    const Grid g = read_image(save("a.nrrd", nrrd(e.space))).grid;
    EXPECT_NEAR(g.origin[0], e.x, 1e-9) << e.space;
    EXPECT_NEAR(g.origin[1], e.y * 2, 1e-9) << e.space;
    EXPECT_NEAR(g.origin[2], 3, 1e-9) << e.space;
    EXPECT_NEAR(g.direction[0], e.x, 1e-9) << e.space;
    EXPECT_NEAR(g.direction[4], e.y, 1e-9) << e.space;
    EXPECT_NEAR(g.spacing[2], 0.4, 1e-9) << e.space;
  }
  for (const char* space : {"scanner-xyz", "3D-right-handed", "3D-left-handed"}) {
    EXPECT_THAT(refusal(save("a.nrrd", nrrd(space))), AllOf(HasSubstr(space), HasSubstr("left-posterior-superior")));
  }
}

TEST_F(Places, OfAMetaImageNeedItsSpacing) {
  const auto meta = [&](const std::string& fields) {
    return save("a.mha", "ObjectType = Image\nNDims = 3\nBinaryData = True\n" + fields +
                             "DimSize = 2 2 2\nElementType = MET_UCHAR\nElementDataFile = LOCAL\nabcdefgh");
  };
  EXPECT_THAT(refusal(meta("Offset = 0 0 0\n")), HasSubstr("ElementSpacing"));
  EXPECT_THAT(refusal(meta("ElementSize = 3 3 3\n")), HasSubstr("ElementSpacing"));
  std::string said;
  const Warn warn = [&](const Warning& w) { said += w.code; };
  read_image(meta("ElementSpacing = 3 3 3\n"), warn);
  EXPECT_EQ(said, "place-unstated");
  said.clear();
  read_image(meta("ElementSpacing = 3 3 3\nOffset = 1 2 3\nTransformMatrix = 1 0 0 0 1 0 0 0 1\n"), warn);
  EXPECT_EQ(said, "");
}

/// 2 x 2 x 2 voxels in two layers: the first is a liver of 1 with a vessel of 2 in it, the second a tumour.
std::string layers() {
  const std::string liver{1, 1, 1, 2, 1, 0, 0, 0}, tumour{0, 1, 0, 0, 0, 0, 0, 0};
  std::string data;
  for (std::size_t i = 0; i < 8; ++i) data += {liver[i], tumour[i]};
  return "NRRD0004\ntype: unsigned char\ndimension: 4\nspace: left-posterior-superior\nsizes: 2 2 2 2\n"
         "space directions: none (3,0,0) (0,3,0) (0,0,3)\nkinds: list domain domain domain\nencoding: raw\n"
         "space origin: (0,0,0)\n"
         "Segment0_ID:=Segment_1\nSegment0_LabelValue:=1\nSegment0_Layer:=0\nSegment0_Name:=Liver\n"
         "Segment1_ID:=Segment_2\nSegment1_LabelValue:=1\nSegment1_Layer:=1\nSegment1_Name:=Tumour: hot\n"
         "Segment2_ID:=Segment_3\nSegment2_LabelValue:=2\nSegment2_Layer:=0\nSegment2_Name:=Vessel\n\n" +
         data;
}

TEST_F(Places, OfSlicersSegmentsAreInTheirLayers) {
  const auto path = save("s.seg.nrrd", layers());
  const auto inside = [&](const std::string& segment) {
    const Image<float> image = read_slicer_segment(path, segment);
    EXPECT_EQ(image.values.size(), 8u);
    float sum = 0;
    for (const float v : image.values) sum += v;
    return sum;
  };
  EXPECT_EQ(inside("Liver"), 4);
  EXPECT_EQ(inside("Tumour: hot"), 1);
  EXPECT_EQ(inside("Segment_3"), 1);  // by its ID
  EXPECT_EQ(inside("2"), 1);          // by its place
  EXPECT_EQ(read_slicer_segment(path, "Vessel").values[3], 1);
  EXPECT_EQ(read_slicer_segment(path, "Tumour: hot").values[1], 1);
  EXPECT_THAT(test::refusal([&] { read_slicer_segment(path, "Spleen"); }),
              AllOf(HasSubstr("\"Liver\""), HasSubstr("\"Vessel\"")));
  EXPECT_THAT(refusal(path), AllOf(HasSubstr("2 components"), HasSubstr("layers")));
}

TEST_F(Places, OfSlicersOlderSegmentsHaveALayerEach) {
  std::string old = layers();
  for (const char* key : {"Layer", "LabelValue"}) {
    for (std::size_t at = old.find(key); at != std::string::npos; at = old.find(key)) {
      const std::size_t from = old.rfind('\n', at) + 1;
      old.erase(from, old.find('\n', at) + 1 - from);
    }
  }
  const auto path = save("s.seg.nrrd", old);
  EXPECT_EQ(read_slicer_segment(path, "Tumour: hot").values[1], 1);
  EXPECT_EQ(read_slicer_segment(path, "Liver").values[3], 0);  // 2 is another's
  EXPECT_THAT(test::refusal([&] { read_slicer_segment(path, "Vessel"); }), HasSubstr("layer 2"));
}

}  // namespace
}  // namespace ytterby::io
