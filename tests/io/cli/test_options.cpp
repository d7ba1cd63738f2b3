// Values on the command line.

#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "io/cli/options.h"

namespace ytterby::cli {
namespace {

TEST(Options, NameDevices) {
  EXPECT_EQ(device_option("auto").backend, Backend::automatic);
  EXPECT_EQ(device_option("cpu").backend, Backend::cpu);
  EXPECT_EQ(device_option("cuda").backend, Backend::cuda);
  EXPECT_TRUE(device_option("cuda").cuda_devices.empty());
  EXPECT_EQ(device_option("cuda:3").cuda_devices, std::vector<int>{3});
  EXPECT_EQ(device_option("cuda:0,12").cuda_devices, (std::vector<int>{0, 12}));
  for (const char* wrong : {"gpu", "", "cuda:", "cuda:,", "cuda:1,", "cuda:-1", "cuda:a", "cuda:99999", "cpu:0"}) {
    try {
      (void)device_option(wrong);
      ADD_FAILURE() << wrong;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage) << wrong;
    }
  }
}

}  // namespace
}  // namespace ytterby::cli
