// The real objects beside the repository; expected numbers are pydicom's and nibabel's.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "engine/base/error.h"
#include "engine/grid/contour_mask.h"
#include "io/dicom/decay.h"
#include "io/dicom/image.h"
#include "io/dicom/rtstruct.h"
#include "io/dicom/seg.h"
#include "io/images/image_file.h"

namespace ytterby::io {
namespace {

using testing::HasSubstr;

class RealDicom : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(data_)) GTEST_SKIP() << "no ../shared/data beside the repository";
  }
  const std::filesystem::path data_ = YTTERBY_SOURCE_DIR "/../shared/data";
};

template <class Values>
double sum_of(const Values& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST_F(RealDicom, ReadsJpeg2000SlicesInPlace) {
  const DicomImage ct = read_series(choose_series(data_ / "ct_dicom_jpeg2000/ct", "", {"CT"}));
  EXPECT_EQ(ct.image.grid.shape, (std::array<int, 3>{512, 512, 20}));
  EXPECT_NEAR(ct.image.grid.spacing[2], 0.2, 1e-9);
  EXPECT_NEAR(ct.image.grid.origin[2], -80.45, 1e-9);
  EXPECT_EQ(*std::min_element(ct.image.values.begin(), ct.image.values.end()), -1024);
  EXPECT_EQ(*std::max_element(ct.image.values.begin(), ct.image.values.end()), 1839);
  // The labels are stored in another order of axes: the liver's mean of 89 HU needs both geometries right.
  const Image<std::int32_t> labels = read_labels(data_ / "ct_dicom_jpeg2000/example_seg_dicom.nii.gz");
  double sum = 0, count = 0;
  for (int z = 0; z < 20; ++z) {
    for (int y = 0; y < 512; ++y) {
      for (int x = 0; x < 512; ++x) {
        if (labels.values[labels.grid.index(x, 511 - y, z)] != 5) continue;
        sum += ct.image.values[ct.image.grid.index(x, y, z)];
        ++count;
      }
    }
  }
  EXPECT_NEAR(labels.grid.origin[1] + 511 * labels.grid.spacing[1] * labels.grid.direction[4], ct.image.grid.origin[1],
              1e-4);
  EXPECT_NEAR(sum / count, 89, 0.5);
}

TEST_F(RealDicom, ReadsImplicitSlicesAndSegments) {
  const DicomImage ct = read_series(choose_series(data_ / "ct_dicom_liver_seg/ct", "", {"CT"}));
  EXPECT_NEAR(ct.image.grid.spacing[2], 0.1, 1e-9);
  EXPECT_EQ(sum_of(ct.image.values), -750951030.0);
  const DicomSegment liver = read_segment(data_ / "ct_dicom_liver_seg/liver_seg.dcm", "Liver");
  EXPECT_EQ(liver.frame_of_reference, ct.origin.frame_of_reference);
  EXPECT_EQ(sum_of(liver.inside.values), 36233 + 35645 + 35220);
  EXPECT_EQ(std::accumulate(liver.inside.values.begin(), liver.inside.values.begin() + 512 * 512, 0.0), 36233);
  EXPECT_NEAR(liver.inside.grid.origin[2], -12.869, 1e-6);
  try {
    read_segment(data_ / "ct_dicom_liver_seg/liver_seg.dcm", "9");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("1 \"Liver\""));
  }
}

TEST_F(RealDicom, ReadsQuantitativeSpectAndLesions) {
  const DicomImage pt = read_series(choose_series(data_ / "spect_lu177_liver_scan1/spect", "", {"PT"}));
  EXPECT_EQ(pt.image.grid.shape, (std::array<int, 3>{256, 256, 52}));
  EXPECT_NEAR(sum_of(pt.image.values), 62830865800.0, 1);
  const auto highest = std::max_element(pt.image.values.begin(), pt.image.values.end());
  EXPECT_NEAR(*highest, 2281200.0, 1e-6);
  EXPECT_EQ(static_cast<std::size_t>(highest - pt.image.values.begin()), pt.image.grid.index(101, 76, 11));
  const std::filesystem::path rt = data_ / "spect_lu177_liver_scan1/lesions_rtstruct.dcm";
  const DicomContours lesion = read_contours(rt, "lesion1 liver R lobe");
  EXPECT_EQ(lesion.contours.size(), 35u);
  EXPECT_EQ(lesion.frame_of_reference, pt.origin.frame_of_reference);
  const double voxel = pt.image.grid.voxel_volume();
  const ContourMask mask = rasterise(lesion.contours, pt.image.grid);
  EXPECT_NEAR(sum_of(mask.inside.values) * voxel, 107, 0.5);
  EXPECT_NEAR(
      sum_of(rasterise(read_contours(rt, "lesion2 liver L lateral").contours, pt.image.grid).inside.values) * voxel,
      2.9, 0.15);
  double activity = 0;
  for (int z = mask.box.low[2]; z <= mask.box.high[2]; ++z) {
    for (int y = mask.box.low[1]; y <= mask.box.high[1]; ++y) {
      for (int x = mask.box.low[0]; x <= mask.box.high[0]; ++x) {
        const float inside =
            mask.inside.values[mask.inside.grid.index(x - mask.box.low[0], y - mask.box.low[1], z - mask.box.low[2])];
        activity += static_cast<double>(inside) * pt.image.values[pt.image.grid.index(x, y, z)] * voxel;
      }
    }
  }
  EXPECT_NEAR(activity, 122e6, 1e6);
  EXPECT_THROW(decay_to_administration(pt.origin, {64.05, false, "", false}), Error);
  EXPECT_EQ(pt.origin.timing.front().isotope, "177 Lutetium");
}

TEST_F(RealDicom, ReadsSingleObjects) {
  const std::filesystem::path samples = data_ / "dicom_pt_rt_samples";
  const double expected[] = {2497810.82936, 4569657.9582};
  for (int i = 0; i < 2; ++i) {
    const DicomImage pt =
        read_series(choose_series(samples / ("pt_flt_breast_" + std::to_string(i + 1) + ".dcm"), "", {"PT"}));
    EXPECT_NEAR(sum_of(pt.image.values), expected[i], 1e-3);
    EXPECT_NEAR(pt.image.grid.spacing[2], i == 0 ? 0.5 : 0.3, 1e-9);
    EXPECT_THROW(decay_to_administration(pt.origin, {64.05, false, "", false}), Error);
  }
  EXPECT_EQ(read_contours(samples / "rtstruct.dcm", "patient").contours.size(), 3u);  // no preamble, no meta header
  try {
    read_contours(samples / "rtstruct.dcm", "liver");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("\"patient\", \"Isocenter 1\", \"Isocenter 2\""));
  }
  EXPECT_THROW(choose_series(samples / "rtdose.dcm", "", {"CT", "PT", "NM"}), Error);
}

}  // namespace
}  // namespace ytterby::io
