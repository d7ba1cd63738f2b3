// What memory there is, by a made /proc and /sys, and what preparing a case takes.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include "io/prepare/memory.h"
#include "io/system/memory.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr double kB = 1024;

class MadeSystem : public ::testing::Test {
 protected:
  MadeSystem() : root_(fs::temp_directory_path() / ("ytterby-memory-" + std::to_string(::getpid()))) {
    write("proc/meminfo", "MemTotal: 16000000 kB\nMemFree: 100 kB\nMemAvailable:    8000000 kB\n");
    write("proc/self/status", "Name:\tx\nVmSize:\t 700 kB\nVmHWM:\t 600 kB\nVmRSS:\t 500 kB\n");
  }
  ~MadeSystem() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  void group(const std::string& folder, const std::string& limit, const std::string& used, int reclaimable) const {
    write("sys/fs/cgroup" + folder + "/memory.max", limit + "\n");
    write("sys/fs/cgroup" + folder + "/memory.current", used + "\n");
    write("sys/fs/cgroup" + folder + "/memory.stat", "anon 5\ninactive_file " + std::to_string(reclaimable) + "\n");
  }
  fs::path root_;
};

TEST_F(MadeSystem, TellsWhatTheProcessHas) {
  const MemoryUse use = memory_use(root_);
  EXPECT_EQ(use.resident, 500 * kB);
  EXPECT_EQ(use.peak, 600 * kB);
  EXPECT_EQ(use.space, 700 * kB);
}

TEST_F(MadeSystem, MachineAloneDecidesWithoutLimits) {
  EXPECT_EQ(memory_available(root_), 8000000 * kB);
  write("proc/self/cgroup", "0::/job\n");
  group("/job", "max", "1000", 0);
  EXPECT_EQ(memory_available(root_), 8000000 * kB);
}

TEST_F(MadeSystem, GroupOrItsParentLimits) {
  write("proc/self/cgroup", "0::/user/job\n");
  group("/user", "100000", "60000", 1000);
  group("/user/job", "90000", "20000", 0);
  EXPECT_EQ(memory_available(root_), 100000 - 60000 + 1000);
  group("/user/job", "50000", "20000", 0);
  EXPECT_EQ(memory_available(root_), 30000);
  group("/user/job", "50000", "51000", 0);
  EXPECT_EQ(memory_available(root_), 0);
}

TEST_F(MadeSystem, LimitOfAContainerIsAtTheRoot) {
  write("proc/self/cgroup", "0::/docker/unknown-here\n");
  group("", "100000", "40000", 0);
  EXPECT_EQ(memory_available(root_), 60000);
}

TEST_F(MadeSystem, FirstVersionOfGroups) {
  write("proc/self/cgroup", "5:cpu:/\n4:hugetlb,memory:/job\n");
  write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "70000\n");
  write("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "60000\n");
  write("sys/fs/cgroup/memory/job/memory.stat", "inactive_file 1\ntotal_inactive_file 500\n");
  EXPECT_EQ(memory_available(root_), 10500);
}

TEST_F(MadeSystem, UnknownIsUnlimited) {
  fs::remove_all(root_ / "proc");
  EXPECT_TRUE(std::isinf(memory_available(root_)));
  EXPECT_EQ(memory_use(root_).resident, 0);
}

CaseFile with_roles(std::initializer_list<Role> roles) {
  CaseFile c;
  for (const Role role : roles) {
    c.structures.emplace_back();
    c.structures.back().role = role;
  }
  return c;
}

TEST(PreparationMemory, CountsDerivedStructures) {
  EXPECT_EQ(structure_count(with_roles({Role::lung, Role::other})), 2U);
  EXPECT_EQ(structure_count(with_roles({Role::tumour, Role::tumour})), 3U);
  EXPECT_EQ(structure_count(with_roles({Role::liver, Role::tumour})), 4U);
  EXPECT_EQ(structure_count(with_roles({Role::liver, Role::tumour, Role::perfused})), 7U);
}

TEST(PreparationMemory, AddsUpWhatIsOnTheDoseGrid) {
  PreparationSize size;
  size.grid.shape = {100, 100, 10};
  size.structures = 4;
  size.medium_bytes = 4e5;
  size.activity_voxels = 1e5;
  const double n = 1e5;
  EXPECT_EQ(prepared_memory(size), (5 + 16 + 8) * n - 4e5 - 8e5);
  EXPECT_EQ(preparation_memory(size), (5 + 4 + 16 + 16) * n - 4e5);
  size.sessions = 2;  // the medium stays, and there are two sources and their sum
  EXPECT_EQ(preparation_memory(size), (5 + 4 + 16 + 16) * n);
  EXPECT_EQ(prepared_memory(size), (5 + 16 + 24) * n - 4e5 - 8e5);
}

}  // namespace
}  // namespace ytterby::io
