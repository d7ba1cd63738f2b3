// Files that change while they are read are noticed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "engine/base/error.h"
#include "io/system/unchanged.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

class UnchangedFiles : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "ct");
    for (const char* name : {"a.nii", "b.nii", "ct/1", "ct/2"}) std::ofstream(folder_ / name) << "as it was";
  }
  [[nodiscard]] std::string after(const std::function<void()>& change) const {
    const Unchanged files({{folder_ / "a.nii", "an image"},
                           {folder_ / "ct", "the CT", [](const fs::path& p) { return p.filename() != "notes"; }},
                           {folder_ / "nowhere", "nothing"}});
    change();
    try {
      files.check();
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::input);
      return error.what();
    }
  }
  test::TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path();
};

TEST_F(UnchangedFiles, WhatIsWrittenReplacedGoneOrNewIsNamed) {
  EXPECT_EQ(after([] {}), "");
  EXPECT_EQ(after([this] { std::ofstream(folder_ / "ct/notes") << "counts for nothing"; }), "");
  EXPECT_EQ(after([this] { std::ofstream(folder_ / "b.nii") << "is not read"; }), "");
  EXPECT_THAT(after([this] { std::ofstream(folder_ / "a.nii") << "as it is!"; }),
              testing::HasSubstr("a.nii: was changed"));
  EXPECT_THAT(after([this] {
                std::ofstream(folder_ / "new") << "as it was";
                fs::last_write_time(folder_ / "new", fs::last_write_time(folder_ / "ct/1"));
                fs::rename(folder_ / "new", folder_ / "ct/1");
              }),
              testing::HasSubstr("ct/1: was changed"));
  EXPECT_THAT(after([this] { std::ofstream(folder_ / "ct/3") << "a slice more"; }),
              testing::HasSubstr("ct/3: has come"));
  EXPECT_THAT(after([this] { fs::remove(folder_ / "ct/2"); }), testing::HasSubstr("ct/2: has gone"));
}

}  // namespace
}  // namespace ytterby::io
