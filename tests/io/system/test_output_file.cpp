// Outputs that appear whole or not at all, as private as before, from one writer at a time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/error.h"
#include "io/system/output_file.h"
#include "tests/io/other_writer.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;
using test::OtherWriter;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string text_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    return error.what();
  }
}

class OutputFiles : public testing::Test {
 protected:
  void SetUp() override { write_file(file_, "old"); }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder_)) all.push_back(entry.path().filename());
    return all;
  }
  test::TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path(), file_ = folder_ / "dose.h5";
};

TEST_F(OutputFiles, ASecondWriterIsToldOfTheFirstUntilThatEnds) {
  OtherWriter other(file_);
  EXPECT_THROW(WriterLock{file_}, WrittenByAnother);
  EXPECT_THAT(refusal([&] { write_file(file_, "new"); }),
              AllOf(HasSubstr("dose.h5: another run is writing it"), HasSubstr("process " + std::to_string(other.id())),
                    HasSubstr(" on "), HasSubstr(", since 2")));
  EXPECT_EQ(text_of(file_), "old");
  const fs::path link = folder_ / "link.h5";
  fs::create_symlink("dose.h5", link);
  EXPECT_THAT(refusal([&] { write_file(link, "new"); }), HasSubstr("another run is writing it"));
  write_file(folder_ / "other.h5", "another file is not locked");
  other.kill();
  write_file(file_, "new");
  EXPECT_EQ(text_of(file_), "new");
  EXPECT_FALSE(fs::exists(folder_ / ".lock-dose.h5"));
}

TEST_F(OutputFiles, OneProcessMayHoldAPlaceAndWriteThere) {
  const OutputFile held(file_);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int n = 0; n < 20; ++n) write_file(folder_ / "checkpoint", std::string(100'000, 'c'));
    });
  }
  for (std::thread& thread : threads) thread.join();
  write_file(file_, "new");
  EXPECT_EQ(text_of(file_), "new");
  EXPECT_THAT(names(), testing::UnorderedElementsAre("dose.h5", ".lock-dose.h5", "checkpoint"));
}

TEST_F(OutputFiles, ModesAreKeptAndPrivateFilesArePrivateFromTheBeginning) {
  for (const mode_t mode : {0600, 0640, 0400, 0664}) {
    ::chmod(file_.c_str(), mode);
    OutputFile(file_).write(
        [&](const fs::path& path) {
          EXPECT_EQ(mode_of(path), mode | 0600);
          std::ofstream(path, std::ios::trunc) << "new";
        },
        [](const fs::path&) { return true; });
    EXPECT_EQ(mode_of(file_), mode);
  }
  const mode_t mask = ::umask(027);
  write_file(folder_ / "fresh", "new");
  ::umask(mask);
  EXPECT_EQ(mode_of(folder_ / "fresh"), 0640U);
}

TEST_F(OutputFiles, NewFilesTakeTheModeOfTheOneTheyAreLike) {
  ::chmod(file_.c_str(), 0600);
  const auto written_like = [&](const fs::path& path, const fs::path& like) {
    OutputFile(path, like)
        .write([](const fs::path& part) { std::ofstream(part, std::ios::trunc) << "new"; },
               [](const fs::path&) { return true; });
    return mode_of(path);
  };
  const mode_t mask = ::umask(022);
  EXPECT_EQ(written_like(folder_ / "dose.h5.checkpoint", file_), 0600U);
  EXPECT_EQ(written_like(folder_ / "other", folder_ / "none"), 0644U);
  ::chmod(file_.c_str(), 0644);
  EXPECT_EQ(written_like(folder_ / "dose.h5.checkpoint", file_), 0600U);  // its own comes first
  ::umask(mask);
}

TEST_F(OutputFiles, WhatFailsOrIsNotWholeLeavesTheOlderFileAlone) {
  const auto whole = [](const fs::path&) { return true; };
  EXPECT_THAT(
      refusal([&] { OutputFile(file_).write([](const fs::path&) { throw Error(Fault::input, "no"); }, whole); }), "no");
  EXPECT_THAT(refusal([&] { OutputFile(file_).write([](const fs::path& path) { fs::remove(path); }, whole); }),
              HasSubstr("dose.h5: cannot be written"));
  const auto fill = [](const fs::path& path) { std::ofstream(path) << "half"; };
  EXPECT_THAT(refusal([&] { OutputFile(file_).write(fill, [](const fs::path&) { return false; }); }),
              HasSubstr("is the disk full?"));
  EXPECT_EQ(text_of(file_), "old");
  EXPECT_THAT(names(), ElementsAre("dose.h5"));
}

}  // namespace
}  // namespace ytterby::io
