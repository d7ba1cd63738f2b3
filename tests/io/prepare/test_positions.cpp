// Several perfused volumes, each with an activity of its own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/physics/nuclide.h"
#include "io/case/case_file.h"
#include "io/prepare/partition_case.h"
#include "tests/io/refusal.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using test::refusal;
using test::SmallCase;
using testing::ElementsAre;
using testing::HasSubstr;

// The liver's lower four layers of ten, and the upper six: 384 voxels of 1 and 16 of the tumour's of 3, and 552 and 48.
// 1.5 GBq are given to the lower and 0.5 to the upper, of which 0.9 stay.
constexpr double lower_counts = 384 + 16 * 3, upper_counts = 552 + 48 * 3, stays = 0.9;
const std::string relative = "quantity = \"relative\"\nlung_shunt_fraction = 0.1\n";
const std::string lobes =
    "[[structure]]\nname = \"lower\"\nrole = \"perfused\"\nmask = \"lower.nii.gz\"\n"
    "[[structure]]\nname = \"upper\"\nrole = \"perfused\"\nmask = \"upper.nii.gz\"\n";
const std::string masks = std::string(SmallCase::structures) + SmallCase::lungs + lobes;
const std::string given =
    "[[perfused]]\nstructure = \"lower\"\nadministered_GBq = 1.5\n"
    "[[perfused]]\nstructure = \"upper\"\nadministered_GBq = 0.5\n";

struct TwoLobes : SmallCase {
  TwoLobes() {
    const Image<float> empty = test::filled(test::cube(20, 5), 0);
    write_image(folder / "lower.nii.gz", test::with_box(empty, {5, 5, 5}, {14, 14, 8}, 1));
    write_image(folder / "upper.nii.gz", test::with_box(empty, {5, 5, 9}, {14, 14, 14}, 1));
  }
  [[nodiscard]] PreparedCase prepared(const std::string& rest = given) const {
    return prepare(read_case(write(relative, masks + rest)));
  }
  [[nodiscard]] std::string refused(const std::string& keys, const std::string& rest) const {
    return refusal([&] { partition_of(prepare(read_case(write(keys, masks + rest)))); });
  }
};

double held(const std::vector<double>& activity, const Grid& grid, int low, int high) {
  double sum = 0;
  for (int z = low; z <= high; ++z)
    for (int y = 5; y < 15; ++y)
      for (int x = 5; x < 15; ++x) sum += activity[grid.index(x, y, z)];
  return sum;
}

TEST(Positions, HoldWhatEachWasGiven) {
  const TwoLobes small;
  const PreparedCase p = small.prepared();
  const Grid& grid = p.phantom.grid;
  const std::vector<double>& activity = p.source.voxels->activity;
  EXPECT_NEAR(held(activity, grid, 5, 8), 1.5e9 * stays, 1e-7 * 2e9);
  EXPECT_NEAR(held(activity, grid, 9, 14), 0.5e9 * stays, 1e-7 * 2e9);
  EXPECT_NEAR(activity[grid.index(9, 9, 8)], 3 * 1.5e9 * stays / lower_counts, 1);  // counts decide within a volume
  EXPECT_NEAR(activity[grid.index(5, 5, 14)], 0.5e9 * stays / upper_counts, 1);
  EXPECT_NEAR(p.account.administered, 2e9, 1);
  EXPECT_NEAR(p.account.in_lungs + p.account.off_image, 0.2e9, 200);
  EXPECT_NEAR(p.account.dropped_share, 4 / (lower_counts + upper_counts + 4), 1e-6);  // the corner's counts
}

// The masks' voxels are half the dose grid's, and cut by them.
TEST(Positions, HoldWhatEachWasGivenOnAnyGrid) {
  const TwoLobes small;
  const PreparedCase p = small.prepared(given + "[grid]\nspacing_mm = [7, 7, 7]\n");
  EXPECT_NEAR(p.account.on_grid + p.account.off_image, 2e9, 200);
  const PartitionCase model = partition_of(p).front();
  EXPECT_NEAR(model.model.lesions[0].tumour_to_normal,
              partition_of(small.prepared()).front().model.lesions[0].tumour_to_normal, 1e-6);
}

// One partition model a volume, by hand: D m = k A_i (1 - L) of its counts' share.
TEST(Positions, GiveTheDosesOfOnePartitionModelEach) {
  const TwoLobes small;
  const PartitionCase p = partition_of(small.prepared()).front();
  EXPECT_NEAR(*p.administered, 2, 1e-9);
  const PartitionDoses doses = partition_doses(p.model, *p.administered);
  const double k = yttrium_90().dose_constant();
  const double tumour = k * stays * (1.5 * 48 / lower_counts + 0.5 * 144 / upper_counts);
  const double normal = k * stays * (1.5 * 384 / lower_counts + 0.5 * 552 / upper_counts);
  EXPECT_NEAR(doses.tumour, tumour / p.model.lesions[0].mass, 1e-6 * doses.tumour);
  EXPECT_NEAR(doses.normal, normal / p.model.normal_mass, 1e-6 * doses.normal);
  EXPECT_NEAR(doses.lung, k * 2 * 0.1 / p.model.lung_mass, 1e-9);
  ASSERT_EQ(p.positions.size(), 2u);
  EXPECT_EQ(p.positions[0].structure, "lower");
  EXPECT_NEAR(p.positions[0].share, 0.75, 1e-12);
}

TEST(Positions, AreTheCasesAndWrittenBack) {
  const TwoLobes small;
  const CaseFile c = read_case(small.write(relative, masks + given));
  EXPECT_NEAR(*c.activity->administered_GBq, 2, 1e-12);
  const auto as_written = [](const std::string& name) { return name; };
  const std::string text = write_case(c, as_written);
  EXPECT_EQ(write_case(parse_case(text, c.file), as_written), text);
  EXPECT_THAT(text, HasSubstr("[[perfused]]\nstructure = \"upper\"\nadministered_GBq = 0.5\n"));
}

TEST(Positions, OfASessionAreItsOwn) {
  const TwoLobes small;
  const std::string second =
      "[[session]]\nname = \"first\"\n[[session]]\nname = \"second\"\n"
      "[[session.perfused]]\nstructure = \"upper\"\nadministered_GBq = 1.0\n";
  const PreparedCase p = small.prepared(given + second);
  ASSERT_EQ(p.sessions.size(), 2u);
  const Grid& grid = p.phantom.grid;
  EXPECT_NEAR(held(p.sessions[0].source.voxels->activity, grid, 5, 8), 1.5e9 * stays, 1e-7 * 2e9);
  EXPECT_NEAR(held(p.sessions[1].source.voxels->activity, grid, 5, 8), 0, 1);
  EXPECT_NEAR(held(p.sessions[1].source.voxels->activity, grid, 9, 14), 1e9 * stays, 1e-7 * 2e9);
  EXPECT_NEAR(partition_of(p)[1].administered.value(), 1, 1e-9);
}

TEST(Positions, RefuseWhatCannotBe) {
  const TwoLobes small;
  const auto one = [](const std::string& keys) { return "[[perfused]]\n" + keys; };
  const std::string lower = one("structure = \"lower\"\nadministered_GBq = 1\n");
  EXPECT_THAT(small.refused("quantity = \"Bq\"\n", lower), HasSubstr("goes with [activity] quantity = \"relative\""));
  EXPECT_THAT(small.refused(relative + "administered_GBq = 3\n", lower),
              HasSubstr("1 GBq in all, [activity] administered_GBq is 3: leave that out"));
  EXPECT_THAT(small.refused(relative, one("structure = \"left\"\nadministered_GBq = 1\n")),
              HasSubstr("\"left\" is no [[structure]] of the case"));
  EXPECT_THAT(small.refused(relative, one("structure = \"liver\"\nadministered_GBq = 1\n")),
              HasSubstr("is of role liver, needs to be of role perfused"));
  EXPECT_THAT(small.refused(relative, lower + lower), HasSubstr("is there twice"));
  EXPECT_THAT(small.refused(relative, one("structure = \"lower\"\nadministered_GBq = 1200\n")), HasSubstr("20"));
  // No session is given more than 20 GBq, by whatever number of catheters.
  const auto both = [&](const char* heading, const char* upper) {
    const std::string of = heading;
    return of + "structure = \"lower\"\nadministered_GBq = 12.5\n" + of +
           "structure = \"upper\"\nadministered_GBq = " + upper + "\n";
  };
  EXPECT_THAT(small.refused(relative, both("[[perfused]]\n", "7.51")),
              HasSubstr("[[perfused]] administered_GBq are 20.01 GBq in all, need to be at most 20 GBq"));
  const std::string session = given + "[[session]]\nname = \"first\"\n";
  EXPECT_THAT(small.refused(relative, session + both("[[session.perfused]]\n", "7.51")),
              HasSubstr("[[session.perfused]] administered_GBq are 20.01 GBq in all, need to be at most 20 GBq"));
  const auto accepted = [&](const std::string& rest) { return read_case(small.write(relative, masks + rest)); };
  EXPECT_DOUBLE_EQ(*accepted(both("[[perfused]]\n", "7.5")).activity->administered_GBq, 20);
  EXPECT_DOUBLE_EQ(*accepted(session + both("[[session.perfused]]\n", "7.5")).sessions[0].activity.administered_GBq,
                   20);
  EXPECT_THAT(small.refused(relative, lower + "[protocol]\ntumour_to_normal = 3\n"),
              HasSubstr("tumour_to_normal does not go with [[perfused]]"));
  const Image<float> empty = test::filled(test::cube(20, 5), 0);
  write_image(small.folder / "upper.nii.gz", test::with_box(empty, {5, 5, 8}, {14, 14, 14}, 1));
  EXPECT_THAT(small.refused(relative, given), HasSubstr("overlap by 25 % of the smaller"));
  write_image(small.folder / "upper.nii.gz", test::with_box(empty, {16, 5, 8}, {18, 14, 14}, 1));
  EXPECT_THAT(small.refused(relative, given), HasSubstr("\"upper\" has nothing of what counts are normalised to"));
}

}  // namespace
}  // namespace ytterby::io
