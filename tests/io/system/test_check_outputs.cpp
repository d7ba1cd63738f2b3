// Outputs against what is read and against each other: by name, by link, by place.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "engine/base/error.h"
#include "io/system/check_outputs.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class CheckOutputs : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "ct/deeper");
    for (const char* name : {"ct.raw", "ct/1.dcm", "ct/deeper/2.dcm", "ct/notes.txt", "old.txt"}) {
      std::ofstream(folder_ / name) << name;
    }
  }
  /// The refusal; empty where there is none.
  std::string refusal(const std::vector<WrittenFile>& outputs, const std::vector<ReadFile>& inputs) const {
    try {
      check_outputs(outputs, inputs);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::input);
      return error.what();
    }
  }
  std::string one(const std::string& output, const std::string& input) const {
    return refusal({{folder_ / output, "-o"}}, {{folder_ / input, "the CT"}});
  }
  test::TemporaryFolder folder_;
};

TEST_F(CheckOutputs, an_output_is_no_input_however_it_is_written) {
  EXPECT_THAT(one("ct.raw", "ct.raw"), AllOf(HasSubstr("ct.raw: cannot be the output (-o)"), HasSubstr("the CT")));
  EXPECT_NE(one("ct/../ct.raw", "ct.raw"), "");
  EXPECT_NE(one("not-there", "./not-there"), "") << "inputs that are missing have a place too";
  EXPECT_EQ(one("new.h5", "ct.raw"), "");
  EXPECT_EQ(one("old.txt", "ct.raw"), "");
  EXPECT_EQ(refusal({{"", "--csv"}}, {{folder_ / "ct.raw", "the CT"}}), "");
}

TEST_F(CheckOutputs, links_are_followed) {
  fs::create_symlink("ct.raw", folder_ / "soft");
  fs::create_hard_link(folder_ / "ct.raw", folder_ / "hard");
  fs::create_symlink("not-there", folder_ / "dangling");
  fs::create_directory_symlink("ct", folder_ / "linked");
  for (const char* link : {"soft", "hard"}) {
    EXPECT_THAT(one(link, "ct.raw"), AllOf(HasSubstr(link), HasSubstr("ct.raw"))) << link;
    EXPECT_NE(one("ct.raw", link), "") << link;
  }
  EXPECT_NE(one("dangling", "not-there"), "") << "what is written is what it points to";
  EXPECT_NE(one("linked/new", "ct/new"), "");
}

TEST_F(CheckOutputs, files_of_a_folder_are_inputs_and_new_ones_are_not) {
  EXPECT_THAT(one("ct/1.dcm", "ct"), AllOf(HasSubstr("1.dcm"), HasSubstr("the CT")));
  EXPECT_NE(one("ct/deeper/2.dcm", "ct"), "");
  EXPECT_NE(one("ct", "ct"), "");
  EXPECT_NE(one("ct/", "ct"), "");
  EXPECT_EQ(one("ct/new.h5", "ct"), "");
  fs::create_hard_link(folder_ / "ct/1.dcm", folder_ / "hard");
  EXPECT_THAT(one("hard", "ct"), AllOf(HasSubstr("hard"), HasSubstr("1.dcm")));
  const ReadFile slices{folder_ / "ct", "the CT", [](const fs::path& file) { return file.extension() == ".dcm"; }};
  EXPECT_EQ(refusal({{folder_ / "ct/notes.txt", "-o"}}, {slices}), "");
  EXPECT_NE(refusal({{folder_ / "ct/1.dcm", "-o"}}, {slices}), "");
}

TEST_F(CheckOutputs, nothing_is_put_in_the_place_of_an_input) {
  EXPECT_NE(one("ct.raw/dose.h5", "ct.raw"), "");
  EXPECT_NE(one("ct", "ct/1.dcm"), "");
}

TEST_F(CheckOutputs, outputs_are_not_each_other) {
  const auto two = [&](const std::string& a, const std::string& b) {
    return refusal({{folder_ / a, "-o"}, {folder_ / b, "--csv"}}, {});
  };
  EXPECT_THAT(two("v", "v"), AllOf(HasSubstr("-o"), HasSubstr("--csv")));
  EXPECT_NE(two("v", "./v"), "");
  EXPECT_NE(two("v", "v/w"), "");
  EXPECT_NE(two("v/w", "v"), "");
  fs::create_hard_link(folder_ / "old.txt", folder_ / "hard");
  EXPECT_NE(two("old.txt", "hard"), "");
  EXPECT_EQ(two("v", "w"), "");
}

}  // namespace
}  // namespace ytterby::io
