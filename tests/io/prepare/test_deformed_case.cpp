// Cases with a displacement field: what masks and activity hold is accounted for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <functional>
#include <numeric>
#include <string>

#include "engine/patient/structures.h"
#include "io/case/case_file.h"
#include "io/prepare/prepare.h"
#include "tests/io/refusal.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

/// A field on 24 x 24 x 24 voxels of 5 mm about the small case's, by the vector [mm] at each place [mm].
class DeformedCase : public testing::Test {
 protected:
  void save(const std::function<std::array<double, 3>(const std::array<double, 3>&)>& shift) {
    std::string bytes =
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
        "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = -10 -10 -10\nElementSpacing = 5 5 5\nDimSize = 24 24 24\n"
        "ElementNumberOfChannels = 3\nElementType = MET_FLOAT\nElementDataFile = LOCAL\n";
    for (int z = 0; z < 24; ++z) {
      for (int y = 0; y < 24; ++y) {
        for (int x = 0; x < 24; ++x) {
          for (const double v : shift({5.0 * x - 10, 5.0 * y - 10, 5.0 * z - 10})) {
            const auto value = static_cast<float>(v);
            bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
          }
        }
      }
    }
    std::ofstream(small.folder / "field.mha", std::ios::binary) << bytes;
  }
  PreparedCase prepared(const std::string& activity, const std::string& tumour) {
    return prepare(read_case(small.write(
        "quantity = \"Bq\"\n" + activity,
        "[grid]\nlike = \"ct\"\n[[structure]]\nname = \"liver\"\nrole = \"liver\"\nmask = \"liver.nii.gz\"\n"
        "[[structure]]\nname = \"tumour\"\nrole = \"tumour\"\nmask = \"tumour.nii.gz\"\n" +
            tumour)));
  }
  static double volume(const PreparedCase& p, const std::string& name) {
    for (const Structure& s : p.structures) {
      if (s.name == name) return volume_of(s.fraction, p.phantom.grid);
    }
    return -1;
  }
  /// Mean place along x, in voxels.
  static double middle(const PreparedCase& p, const std::vector<double>& values) {
    double sum = 0, moment = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      sum += values[i];
      moment += values[i] * static_cast<double>(i % static_cast<std::size_t>(p.phantom.grid.shape[0]));
    }
    return moment / sum;
  }
  static double total(const PreparedCase& p) {
    return std::accumulate(p.source.voxels->activity.begin(), p.source.voxels->activity.end(), 0.0);
  }
  test::SmallCase small;
};

const std::string by_field = "transform = \"field.mha\"\n";

TEST_F(DeformedCase, KeepsTotalsWhereEverythingMoves) {
  const PreparedCase still = prepared("", "");
  save([](const auto&) { return std::array{10.0, 0.0, 0.0}; });  // what is seen at x lies at x + 10 mm
  const PreparedCase moved = prepared(by_field, by_field);
  EXPECT_NEAR(total(moved), total(still), 1e-3 * total(still));
  EXPECT_NEAR(volume(moved, "tumour"), volume(still, "tumour"), 1e-3 * volume(still, "tumour"));
  EXPECT_NEAR(middle(moved, moved.source.voxels->activity), middle(still, still.source.voxels->activity) - 2, 0.01);
}

TEST_F(DeformedCase, KeepsActivityWhereTheTumourShrinks) {
  const PreparedCase still = prepared("", "");
  // The map leads 1.25 times as far from the tumour's middle: the tumour has 1 / 1.25^3 of its volume, and holds what
  // it held.
  save([](const std::array<double, 3>& p) {
    return std::array{0.25 * (p[0] - 47.5), 0.25 * (p[1] - 47.5), 0.25 * (p[2] - 47.5)};
  });
  const PreparedCase shrunk = prepared(by_field, by_field);
  EXPECT_NEAR(volume(shrunk, "tumour"), volume(still, "tumour") / 1.953125, 0.02 * volume(still, "tumour"));
  EXPECT_NEAR(total(shrunk), total(still), 1e-3 * total(still));
  EXPECT_THAT(shrunk.notes, Contains(AllOf(HasSubstr("structure tumour: 8 mL"), HasSubstr("after field.mha"))));
  EXPECT_THAT(shrunk.notes, Contains(HasSubstr("of its total after field.mha")));
}

TEST_F(DeformedCase, IsRefusedWhereTheFieldFoldsOrMissesTheActivity) {
  save([](const std::array<double, 3>& p) { return std::array{-1.5 * (p[0] - 47.5), 0.0, 0.0}; });
  EXPECT_THAT(test::refusal([&] { prepared(by_field, ""); }), HasSubstr("folds"));
  EXPECT_THAT(test::refusal([&] { prepared("", by_field); }), HasSubstr("folds"));
  save([](const auto&) { return std::array{80.0, 0.0, 0.0}; });
  EXPECT_THAT(test::refusal([&] { prepared(by_field, ""); }), HasSubstr("needs to be within 10 %"));
}

}  // namespace
}  // namespace ytterby::io
