// Names of the ways in which transport can be laid out on a device.

#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "engine/device/cuda_device.h"

namespace ytterby {
namespace {

TEST(CudaVariants, AreFoundByTheirNames) {
  for (const std::string& name : CudaVariant::names()) {
    const CudaVariant variant = CudaVariant::named(name);
    EXPECT_EQ(variant.kernel + (variant.room ? "+room" : "") + (variant.one_stream ? "+one-stream" : ""), name);
  }
}

TEST(CudaVariants, AreListedWhereOneIsUnknown) {
  try {
    (void)CudaVariant::named("warp");
    FAIL() << "there is one";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    const std::string first = CudaVariant::names().empty() ? "none" : CudaVariant::names().front();
    EXPECT_NE(std::string(error.what()).find("no variant 'warp'; there are: " + first), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace ytterby
