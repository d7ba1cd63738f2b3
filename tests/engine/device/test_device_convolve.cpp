// Convolution's device code on host threads, with a transform by its definition in cuFFT's place.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "engine/base/error.h"
#include "engine/device/device_convolve.h"
#include "support/host_device.h"

namespace ytterby {
namespace {

/// Largest difference to the CPU's plain sum over the largest result.
double disagreement(const ConvolutionShape& shape, ConvolutionWay way) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> uniform(-0.2, 1);
  std::size_t voxels = 1, values = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    voxels *= shape.volume[i];
    values *= 2 * shape.half[i] + 1;
  }
  std::vector<double> volume(voxels), kernel(values), expected(voxels);
  for (double& v : volume) v = uniform(random);
  for (double& k : kernel) k = uniform(random);
  convolve_direct_cpu(shape, volume.data(), kernel.data(), expected.data(), 1);
  HostDevice device;
  const std::vector<double> result = convolve_on_device(device, shape, way, volume, kernel);
  double largest = 0, difference = 0;
  for (std::size_t v = 0; v < voxels; ++v) {
    largest = std::max(largest, std::abs(expected[v]));
    difference = std::max(difference, std::abs(expected[v] - result[v]));
  }
  return difference / largest;
}

TEST(DeviceConvolve, EqualsThePlainSum) {
  const ConvolutionShape shapes[] = {
      {{11, 8, 5}, {3, 2, 1}}, {{6, 7, 5}, {5, 5, 5}},  {{3, 4, 2}, {5, 6, 7}},  // kernel wider than the volume
      {{20, 1, 1}, {5, 0, 0}}, {{1, 1, 12}, {0, 0, 4}}, {{1, 1, 1}, {2, 2, 2}}};
  for (const ConvolutionShape& shape : shapes) {
    EXPECT_LT(disagreement(shape, ConvolutionWay::fft), 1e-12) << shape.volume[0] << " " << shape.half[0];
    EXPECT_EQ(disagreement(shape, ConvolutionWay::direct), 0) << shape.volume[0] << " " << shape.half[0];
  }
}

TEST(DeviceConvolve, SaysWhatMemoryItNeeds) {
  HostDevice device("small card", 64u << 20);
  const std::vector<double> volume(1000, 1.0), kernel(27, 1.0);
  try {
    (void)convolve_on_device(device, {{10, 10, 10}, {1, 1, 1}}, ConvolutionWay::fft, volume, kernel);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::device);
    EXPECT_EQ(std::string(error.what()).find("small card: the convolution needs 64 MiB"), 0u) << error.what();
  }
}

}  // namespace
}  // namespace ytterby
