// What goes where a process ends at any moment: its own temporary files and locks, and nobody else's.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/system/leftovers.h"
#include "io/system/output_file.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

/// Runs it in a process of its own, which ends as a signal's handler would end it.
void end_suddenly(const std::function<void()>& work) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    work();
    remove_leftovers();
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  return names;
}

TEST(Leftovers, OfAnOutputGoWithItsProcess) {
  const test::TemporaryFolder folder;
  const auto write_half = [&](const fs::path& path) {
    OutputFile output(path);
    output.write(
        [](const fs::path& temporary) {
          std::ofstream(temporary) << "half";
          remove_leftovers();
          ::_exit(0);
        },
        [](const fs::path&) { return true; });
  };
  end_suddenly([&] { write_half(folder / "new.txt"); });
  EXPECT_EQ(names_in(folder / "."), std::vector<std::string>{});
  std::ofstream(folder / "old.txt") << "older";
  end_suddenly([&] { write_half(folder / "old.txt"); });
  EXPECT_EQ(names_in(folder / "."), std::vector<std::string>{"old.txt"});
  std::string text;
  std::ifstream(folder / "old.txt") >> text;
  EXPECT_EQ(text, "older");
}

TEST(Leftovers, OfAParentStay) {
  const test::TemporaryFolder folder;
  const OutputFile output(folder / "a.txt");
  end_suddenly([] {});
  EXPECT_EQ(names_in(folder / "."), std::vector<std::string>{".lock-a.txt"});
}

TEST(Leftovers, AreNoneAfterTheirTime) {
  const test::TemporaryFolder folder;
  const fs::path file = folder / "a.txt";
  std::ofstream(file) << "a";
  std::optional<Leftover> leftover(file);
  leftover.reset();
  remove_leftovers();
  EXPECT_TRUE(fs::exists(file));
  // Beyond what it holds, and a path that is too long.
  std::vector<std::unique_ptr<Leftover>> many;
  for (int i = 0; i < 100; ++i) many.push_back(std::make_unique<Leftover>(folder / ("x" + std::to_string(i))));
  const Leftover long_one(std::string(10'000, 'x'));
  many.clear();
  const Leftover again(file);
  remove_leftovers();
  EXPECT_FALSE(fs::exists(file));
}

}  // namespace
}  // namespace ytterby::io
