// Image files: geometry survives the round trip, and what is wrong is refused in one line.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/error.h"
#include "io/images/image_file.h"
#include "tests/io/small_case.h"
#include "tests/io/small_nifti.h"

namespace ytterby::io {
namespace {

using test::cube;
using test::filled;
using test::TemporaryFolder;
using testing::HasSubstr;

std::string refusal(const std::filesystem::path& path) {
  try {
    read_image(path);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    EXPECT_THAT(error.what(), HasSubstr(path.filename().string()));
    return error.what();
  }
  return "accepted";
}

/// A NIfTI-1 file of 2 x 2 x 2 floats of 1 with 3 mm voxels, byte by byte, to be made wrong.
std::string nifti() {
  std::string bytes = test::nifti_header(2, 16, 32) + std::string(32, '\0');
  for (std::size_t i = 0; i < 8; ++i) test::put_bytes(bytes, 352 + 4 * i, 1.0F);
  return bytes;
}

template <class T>
std::string with(std::string bytes, std::size_t at, T value) {
  test::put_bytes(bytes, at, value);
  return bytes;
}

std::filesystem::path save(const TemporaryFolder& folder, const std::string& name, const std::string& bytes) {
  std::ofstream(folder / name, std::ios::binary) << bytes;
  return folder / name;
}

TEST(ImageFile, keeps_values_and_geometry_in_every_format) {
  const TemporaryFolder folder;
  Image<float> image{cube(3, 2.5, {-10, 20, 30}), {}};
  image.grid.shape = {3, 2, 4};
  image.grid.direction = {0, -1, 0, 1, 0, 0, 0, 0, 1};
  for (int i = 0; i < 24; ++i) image.values.push_back(static_cast<float>(i) - 3.5F);
  for (const char* name : {"a.nii", "a.nii.gz", "a.nrrd", "a.mha"}) {
    write_image(folder / name, image);
    const Image<float> back = read_image(folder / name);
    EXPECT_EQ(back.values, image.values) << name;
    EXPECT_EQ(back.grid.shape, image.grid.shape) << name;
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(back.grid.spacing[i], image.grid.spacing[i], 1e-7) << name;
      EXPECT_NEAR(back.grid.origin[i], image.grid.origin[i], 1e-6) << name;
    }
    for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(back.grid.direction[i], image.grid.direction[i], 1e-7) << name;
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 4) << "a temporary file is left";
}

TEST(ImageFile, turns_ras_of_nifti_into_lps) {
  const TemporaryFolder folder;
  const Image<float> image = read_image(save(folder, "a.nii", with(nifti(), 292, 40.0F)));
  EXPECT_EQ(image.grid.direction[0], -1);
  EXPECT_NEAR(image.grid.origin[0], -4, 1e-6);  // 40 mm to the right is -4 cm to the left
}

TEST(ImageFile, refuses_nifti_headers_that_cannot_be_trusted) {
  const TemporaryFolder folder;
  ASSERT_EQ(refusal(save(folder, "good.nii", nifti())), "accepted");
  EXPECT_THAT(refusal(save(folder, "a.nii", with(nifti(), 80, -3.0F))), HasSubstr("spacing is -3"));
  EXPECT_THAT(refusal(save(folder, "a.nii", with(nifti(), 80, 0.0F))), HasSubstr("above 0"));
  EXPECT_THAT(refusal(save(folder, "a.nii", with(nifti(), 80, std::nanf("")))), HasSubstr("spacing is nan"));
  EXPECT_THAT(refusal(save(folder, "a.nii", with(nifti(), 284, 2.0F))), HasSubstr("sform"));
  EXPECT_THAT(refusal(save(folder, "a.nii", with(nifti(), 123, char{1}))), HasSubstr("metres"));
  EXPECT_THAT(refusal(save(folder, "a.nii", with(nifti(), 254, std::int16_t{0}))), HasSubstr("no orientation"));
  EXPECT_THAT(refusal(save(folder, "a.nii", with(nifti(), 40, std::int16_t{2}))), HasSubstr("2 dimensions"));
  EXPECT_THAT(refusal(save(folder, "a.nii", with(nifti(), 42, std::int16_t{30000}))), HasSubstr("truncated"));
  EXPECT_THAT(refusal(save(folder, "a.nii", with(nifti(), 42, std::int16_t{-2}))), HasSubstr("needs to be above 0"));
  EXPECT_THAT(refusal(save(folder, "a.nii", with(nifti(), 108, 1e9F))), HasSubstr("truncated"));
  EXPECT_THAT(refusal(save(folder, "a.nii", with(nifti(), 112, std::nanf("")))), HasSubstr("scl_slope"));
}

TEST(ImageFile, refuses_values_that_are_no_numbers) {
  const TemporaryFolder folder;
  EXPECT_THAT(refusal(save(folder, "a.nii", with(nifti(), 352 + 12, std::nanf("")))), HasSubstr("voxel (1, 1, 0)"));
  Image<float> image = filled(cube(2, 1), 1);
  image.values[3] = std::numeric_limits<float>::infinity();
  write_image(folder / "a.mha", image);
  EXPECT_THAT(refusal(folder / "a.mha"), HasSubstr("voxel (1, 1, 0) is infinite"));
}

TEST(ImageFile, refuses_files_that_end_too_early) {
  const TemporaryFolder folder;
  EXPECT_THAT(refusal(save(folder, "a.nii", nifti().substr(0, 380))), HasSubstr("truncated"));
  EXPECT_THAT(refusal(save(folder, "a.nii", nifti().substr(0, 100))), HasSubstr("no NIfTI"));
  EXPECT_THAT(refusal(save(folder, "a.nii", "")), HasSubstr("no NIfTI"));
  for (const char* name : {"b.nii.gz", "b.nrrd", "b.mha"}) {
    write_image(folder / name, filled(cube(20, 1), 2));
    std::filesystem::resize_file(folder / name, std::filesystem::file_size(folder / name) - 12);
    EXPECT_NE(refusal(folder / name), "accepted") << name;
  }
}

TEST(ImageFile, refuses_what_is_no_image) {
  const TemporaryFolder folder;
  EXPECT_THAT(refusal(folder / "missing.nii"), HasSubstr("no such file"));
  EXPECT_THAT(refusal(folder.path()), HasSubstr("is a folder"));
  EXPECT_THAT(refusal(save(folder, "a.txt", "x")), HasSubstr("format"));
  for (const char* name : {"a.nii", "a.nrrd", "a.mha"}) EXPECT_NE(refusal(save(folder, name, "junk junk")), "accepted");
  EXPECT_THAT(refusal(save(folder, "b.mha",
                           "ObjectType = Image\nNDims = 3\nBinaryData = True\nElementSpacing = -2 2 2\n"
                           "DimSize = 1 1 1\nElementType = MET_UCHAR\nElementDataFile = LOCAL\nx")),
              HasSubstr("spacing is -2"));
}

TEST(ImageFile, takes_labels_as_whole_numbers_alone) {
  const TemporaryFolder folder;
  write_image(folder / "a.mha", filled(cube(2, 1), 5));
  EXPECT_EQ(read_labels(folder / "a.mha").values[0], 5);
  write_image(folder / "a.mha", filled(cube(2, 1), 5.5F));
  EXPECT_THROW(read_labels(folder / "a.mha"), Error);
}

TEST(ImageFile, TakesLabelsScaledByOneWithinRounding) {
  const TemporaryFolder folder;
  const auto labels = [&](float label, float slope) {
    std::string bytes = with(nifti(), 112, slope);
    for (std::size_t i = 0; i < 8; ++i) test::put_bytes(bytes, 352 + 4 * i, label);
    return save(folder, "l.nii", bytes);
  };
  EXPECT_EQ(read_labels(labels(7, 1.0000001F)).values[3], 7);
  EXPECT_EQ(read_labels(labels(14175, 0.9999999F)).values[3], 14175);
  EXPECT_EQ(read_labels(labels(-2, 1.0000001F)).values[3], -2);
  EXPECT_THROW(read_labels(labels(7, 1.00001F)), Error);
  EXPECT_THROW(read_labels(labels(1, 0.00001F)), Error);  // not 0
  try {
    read_labels(labels(7, 1.5F));
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("is 10.5,"), HasSubstr("integers without scaling")));
  }
}

TEST(ImageFile, SaysHowToMendANiftiHeader) {
  const TemporaryFolder folder;
  EXPECT_THAT(refusal(save(folder, "a.nii", with(nifti(), 112, std::nanf("")))),
              testing::AllOf(HasSubstr("scl_slope is nan"), HasSubstr("scl_slope 0")));
  EXPECT_THAT(refusal(save(folder, "b.nii", with(nifti(), 84, -3.0F))),
              testing::AllOf(HasSubstr("-3 mm (pixdim[2])"), HasSubstr("affine")));
}

TEST(ImageFile, SaysHowToMendAMetaImageThatItkFailsOn) {
  const TemporaryFolder folder;
  const std::string head =
      "NDims = 3\nElementSpacing = 1 1 1\nTransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nDimSize = 2 1 1\n"
      "ElementType = MET_UCHAR\n";
  const std::string local = "ElementDataFile = LOCAL\n";
  const auto meta = [&](const std::string& keys, const std::string& data) {
    return save(folder, "m.mha", head + keys + local + data);
  };
  EXPECT_EQ(read_image(meta("BinaryData = False\n", "1 7\n")).values, (std::vector<float>{1, 7}));
  EXPECT_THAT(refusal(meta("BinaryData = False\n", "1 7")), HasSubstr("line break at its end"));
  EXPECT_THAT(refusal(meta("BinaryData = True\nCompressedData = True\n", "123456789")),
              HasSubstr("CompressedDataSize = 9 before"));
  const std::string scale = "BinaryData = True\nElementToIntensityFunction";
  EXPECT_EQ(read_image(meta(scale + "Slope = 1.0\n", "ab")).values, (std::vector<float>{'a', 'b'}));
  EXPECT_THAT(refusal(meta(scale + "Slope = 2\n", "ab")), HasSubstr("Slope is 2"));
  EXPECT_THAT(refusal(meta(scale + "Offset = -1024\n", "ab")), HasSubstr("Offset is -1024"));
}

}  // namespace
}  // namespace ytterby::io
