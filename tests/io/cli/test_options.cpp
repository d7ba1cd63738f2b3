// Values on the command line.

#include <gtest/gtest.h>

#include <cmath>

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

TEST(Options, RefuseNumbersThatCannotBe) {
  EXPECT_EQ(threads_option("12"), 12);
  EXPECT_EQ(number_option("--density", 1.05, 1e-4, 25), 1.05);
  const auto refused = [](const auto& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.fault() == Fault::usage;
    }
    return false;
  };
  for (const char* wrong : {"4294967297", "0", "-1", "nan", "4097", "1.5"}) {
    EXPECT_TRUE(refused([&] { (void)threads_option(wrong); })) << wrong;
  }
  for (const double wrong : {-5.0, 0.0, 26.0, std::nan(""), HUGE_VAL}) {
    EXPECT_TRUE(refused([&] { (void)number_option("--density", wrong, 1e-4, 25); })) << wrong;
  }
}

}  // namespace
}  // namespace ytterby::cli
