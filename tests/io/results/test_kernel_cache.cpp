// Kernels that are kept for next time.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "engine/physics/material.h"
#include "io/results/kernel_file.h"
#include "tests/io/other_writer.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

KernelOptions water() {
  KernelOptions options;
  options.medium = built_in_material("water");
  options.density = 1.0;
  options.extent = 0.6;
  options.histories = 640;
  options.run.batches = 64;
  return options;
}

// Two runs that want the same kernel make the same one: neither has to be warned of the other.
TEST(KernelCache, IsLeftToAnotherProcessThatKeepsTheSameKernel) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / ("kernel-" + kernel_hash(water()).substr(0, 32) + ".h5");
  test::OtherWriter other(path);
  const CachedKernel meanwhile = cached_kernel(water(), folder.path());
  EXPECT_EQ(meanwhile.remark, "");
  EXPECT_FALSE(meanwhile.from_cache);
  EXPECT_FALSE(std::filesystem::exists(path));
  other.kill();
  const CachedKernel made = cached_kernel(water(), folder.path()), kept = cached_kernel(water(), folder.path());
  EXPECT_EQ(made.remark + kept.remark, "");
  EXPECT_TRUE(kept.from_cache);
  EXPECT_EQ(kept.kernel.dose, meanwhile.kernel.dose);
}

}  // namespace
}  // namespace ytterby::io
