// Whether lungs are cut off: the CT's edge decides for structures that list their planes alone.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "io/case/case_file.h"
#include "io/prepare/prepare.h"
#include "tests/io/small_case.h"
#include "tests/io/small_dicom.h"

namespace ytterby::io {
namespace {

using test::SmallCase;
using test::SmallFrame;

constexpr int side = 48;  // pixels of 2 mm: from -1 to 95 mm, in a CT that goes from -2.5 to 97.5

/// Lungs of a segmentation from that pixel on, 10 pixels wide, on planes 4 mm apart from first_mm on.
std::string lungs_of(const SmallCase& small, int from, int first_mm, int planes) {
  std::vector<SmallFrame> frames;
  std::vector<Uint8> bits(static_cast<std::size_t>(planes * side * side / 8));
  for (int p = 0; p < planes; ++p) {
    frames.push_back({1, static_cast<double>(first_mm + 4 * p)});
    for (int y = 20; y < 30; ++y)
      for (int x = from; x < from + 10; ++x) {
        const auto at = static_cast<std::size_t>((p * side + y) * side + x);
        bits[at / 8] = static_cast<Uint8>(bits[at / 8] | (1U << (at % 8)));
      }
  }
  test::SmallDicom seg = test::small_seg("BINARY", 1, side, side, frames, "4");
  seg.item().putAndInsertUint8Array(DCM_PixelData, bits.data(), bits.size());
  seg.save(small.folder / "lungs.dcm");
  return std::string(SmallCase::structures) +
         "[[structure]]\nname = \"lungs\"\nrole = \"lung\"\nseg = \"lungs.dcm\"\nsegment = \"lobe\"\n";
}

/// These lungs weigh too little to be whole anyway; the warning says which of the two it is.
bool cut_off(const SmallCase& small, const std::string& structures) {
  const auto file =
      small.write("quantity = \"relative\"\nadministered_GBq = 2.0\nlung_shunt_fraction = 0.1\n", structures);
  for (const std::string& text : test::texts_of(prepare(read_case(file)).warnings)) {
    if (text.find("the lungs reach the edge of the image") == 0) return true;
    if (text.find("the lungs weigh under") == 0) return false;
  }
  ADD_FAILURE() << "no word of the lungs";
  return false;
}

TEST(LungEdge, OfASegmentationIsTheCtsNotItsFirstFrame) {
  const SmallCase small;
  EXPECT_FALSE(cut_off(small, lungs_of(small, 30, 20, 6)));
}

TEST(LungEdge, CutsASegmentationThatReachesTheCtsOutermostVoxels) {
  const SmallCase small;
  EXPECT_TRUE(cut_off(small, lungs_of(small, 30, 0, 6)));    // its lowest slice
  EXPECT_TRUE(cut_off(small, lungs_of(small, 30, 75, 5)));   // its highest: 89 to 93 mm, in it from 92.5 on
  EXPECT_FALSE(cut_off(small, lungs_of(small, 30, 74, 5)));  // 88 to 92 mm
  EXPECT_TRUE(cut_off(small, lungs_of(small, 38, 20, 6)));   // its left face: 95 mm
  EXPECT_FALSE(cut_off(small, lungs_of(small, 36, 20, 6)));  // 91 mm
}

TEST(LungEdge, IsTheCtsWhereTheDoseGridGoesOnBeyondIt) {
  const SmallCase small;
  Image<float> activity = test::filled(test::cube(30, 5, {-25, -25, -25}), 0);
  activity = test::with_box(std::move(activity), {10, 10, 10}, {19, 19, 19}, 1);
  write_image(small.folder / "activity.nii.gz", activity);
  const std::string grid = "[grid]\nlike = \"activity\"\n";
  EXPECT_TRUE(cut_off(small, lungs_of(small, 30, 0, 6) + grid));
  EXPECT_TRUE(cut_off(small, lungs_of(small, 38, 20, 6) + grid));
  EXPECT_FALSE(cut_off(small, lungs_of(small, 30, 20, 6) + grid));
}

TEST(LungEdge, OfAMaskIsItsOwnImagesToo) {
  // What cuts a mask out of the CT may have cut lungs.
  const SmallCase small;
  const std::string structures = std::string(SmallCase::structures) + SmallCase::lungs;
  const Grid grid = test::cube(10, 5, {25, 25, 25});
  write_image(small.folder / "lungs.nii.gz", test::with_box(test::filled(grid, 0), {0, 2, 2}, {4, 6, 6}, 1));
  EXPECT_TRUE(cut_off(small, structures));
  write_image(small.folder / "lungs.nii.gz", test::with_box(test::filled(grid, 0), {1, 2, 2}, {4, 6, 6}, 1));
  EXPECT_FALSE(cut_off(small, structures));
}

}  // namespace
}  // namespace ytterby::io
