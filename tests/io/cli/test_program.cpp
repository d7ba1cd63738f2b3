// The program's behaviour when things go wrong: one line on stderr, the exit status, and no output.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "io/results/dose_file.h"
#include "tests/io/small_case.h"

#ifndef YTTERBY_PROGRAM
#define YTTERBY_PROGRAM ""
#endif

namespace ytterby::io {
namespace {

using test::SmallCase;
using testing::HasSubstr;

struct Result {
  int status;
  std::string out, err;
};

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class Program : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string(YTTERBY_PROGRAM).empty()) GTEST_SKIP() << "the program is not built";
  }
  Result run(const std::string& arguments) const {
    const auto out = small_.folder / "stdout", err = small_.folder / "stderr";
    const std::string command = "cd '" + small_.folder.path().string() + "' && '" YTTERBY_PROGRAM "' " + arguments +
                                " >'" + out.string() + "' 2>'" + err.string() + "' </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(out), content(err)};
  }
  /// One line on stderr with `words` in it, exit 3, and nothing left behind.
  void expect_refused(const std::string& words, const std::string& output = "dose.h5") {
    const Result result = run("simulate case.toml -o " + output + " --histories 100");
    EXPECT_EQ(result.status, 3) << result.err;
    EXPECT_THAT(result.err, HasSubstr(words));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_FALSE(std::filesystem::exists(small_.folder / "dose.h5"));
    for (const auto& entry : std::filesystem::directory_iterator(small_.folder.path())) {
      EXPECT_FALSE(entry.path().filename().string().starts_with(".part-")) << entry.path();
    }
  }
  const std::string in_Bq_ = "quantity = \"Bq\"\n";
  const std::string structures_ = SmallCase::structures;
  SmallCase small_;
};

TEST_F(Program, refuses_a_missing_file) {
  small_.write(in_Bq_, structures_ + "[[structure]]\nname = \"x\"\nmask = \"missing.nii\"\n");
  expect_refused("missing.nii: no such file");
}

TEST_F(Program, refuses_a_missing_case) { expect_refused("case.toml: no such case file"); }

TEST_F(Program, refuses_a_wrong_key) {
  small_.write(in_Bq_ + "lung_shunt_fracton = 0.1\n");
  expect_refused(
      "case.toml:6: unknown key \"lung_shunt_fracton\" in [activity], the nearest known is \"lung_shunt_fraction\"");
}

TEST_F(Program, refuses_a_mask_that_misses_the_ct) {
  write_image(small_.folder / "far.nii.gz", test::filled(test::cube(3, 5, {500, 0, 0}), 1));
  small_.write(in_Bq_, "[[structure]]\nname = \"x\"\nmask = \"far.nii.gz\"\n");
  expect_refused("misses the CT");
}

TEST_F(Program, refuses_an_empty_mask) {
  small_.write(in_Bq_, "[[structure]]\nname = \"x\"\nmask = \"empty.nii.gz\"\n");
  expect_refused("empty.nii.gz is empty");
}

TEST_F(Program, refuses_negative_spacing) {
  small_.write(in_Bq_, "[grid]\nspacing_mm = [3, -3, 3]\n");
  expect_refused("[grid] spacing_mm is -3");
}

TEST_F(Program, refuses_negative_spacing_in_an_image) {
  std::ofstream(small_.folder / "ct.mha")
      << "ObjectType = Image\nNDims = 3\nBinaryData = True\nElementSpacing = -2 2 2\n"
         "DimSize = 1 1 1\nElementType = MET_UCHAR\nElementDataFile = LOCAL\nx";
  std::ofstream(small_.folder / "case.toml")
      << "[medium]\nct = \"ct.mha\"\n[activity]\nimage = \"activity.nii.gz\"\nquantity = \"Bq\"\n";
  expect_refused("spacing is -2");
}

TEST_F(Program, refuses_nan_in_the_ct) {
  Image<float> ct = read_image(small_.folder / "ct.nii.gz");
  ct.values[ct.grid.index(3, 2, 1)] = std::nanf("");
  write_image(small_.folder / "ct.nii.gz", ct);
  small_.write(in_Bq_);
  expect_refused("voxel (3, 2, 1) is NaN");
}

TEST_F(Program, refuses_zero_activity) {
  write_image(small_.folder / "activity.nii.gz", test::filled(test::cube(20, 5), 0));
  small_.write(in_Bq_);
  expect_refused("holds no activity");
}

TEST_F(Program, refuses_an_unwritable_output_before_it_works) {
  small_.write(in_Bq_);
  expect_refused("cannot be written", "no/such/folder/dose.h5");
  expect_refused("cannot be the output", "ct.nii.gz");
}

TEST_F(Program, tells_usage_errors_by_their_status) {
  small_.write(in_Bq_);
  EXPECT_EQ(run("").status, 2);
  EXPECT_EQ(run("simulate").status, 2);
  EXPECT_EQ(run("simulate case.toml").status, 2);
  EXPECT_EQ(run("simulate case.toml -o d.h5 --histories many").status, 2);
  EXPECT_EQ(run("simulate case.toml -o d.h5 --histories 640 --resume").status, 0);  // nothing there: afresh
  EXPECT_EQ(run("simulate case.toml -o d.h5 --estimator best").status, 2);
  EXPECT_EQ(run("simulate --help").status, 0);
  EXPECT_EQ(run("info --json").status, 0);
}

TEST_F(Program, prints_a_resolved_case_that_gives_the_same) {
  small_.write(in_Bq_);
  const Result first = run("simulate case.toml --dry-run --histories 400000.0 --seed 3");
  EXPECT_EQ(first.status, 0);
  EXPECT_EQ(first.err, "");
  EXPECT_THAT(first.out, HasSubstr("histories = 400000\n"));
  std::filesystem::create_directory(small_.folder / "elsewhere");
  std::ofstream(small_.folder / "elsewhere/case.toml") << first.out;
  EXPECT_EQ(run("simulate elsewhere/case.toml --dry-run").out, first.out);
}

TEST_F(Program, simulates_a_small_case) {
  small_.write(in_Bq_);
  const Result result = run("simulate case.toml -o dose.h5 --histories 6400 --seed 5 --threads 1");
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("balances as integers"));
  EXPECT_THAT(result.out, HasSubstr("normal-liver"));
  const DoseFile file = read_dose(small_.folder / "dose.h5");
  EXPECT_EQ(file.map.histories, 6400u);
  EXPECT_EQ(file.map.seed, 5u);
  EXPECT_TRUE(file.map.ledger.balanced());
  ASSERT_EQ(run("simulate case.toml -o again.h5 --histories 6400 --seed 5 --threads 2").status, 0);
  EXPECT_EQ(read_dose(small_.folder / "again.h5").map.dose, file.map.dose);
}

}  // namespace
}  // namespace ytterby::io
