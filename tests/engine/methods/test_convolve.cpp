// Convolution as the engine offers it: the choice of a way, and what it refuses.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "engine/base/error.h"
#include "engine/methods/convolve.h"
#include "kernels/convolution/convolution.h"

namespace ytterby {
namespace {

Grid cube(int side) { return {{side, side, side}, {0.3, 0.3, 0.3}, {}, {}}; }

std::vector<double> random_values(std::size_t size, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(-0.2, 1);
  std::vector<double> values(size);
  for (double& v : values) v = uniform(random);
  return values;
}

/// Largest difference to the plain sum over the largest result; `how` says what convolve() did.
double disagreement(const Grid& grid, const std::array<int, 3>& half, std::string& how) {
  const auto n = [](int h) { return static_cast<std::size_t>(2 * h + 1); };
  const std::vector<double> volume = random_values(grid.voxels(), 1);
  const std::vector<double> kernel = random_values(n(half[0]) * n(half[1]) * n(half[2]), 2);
  const std::vector<double> result = convolve(grid, volume, kernel, half, Backend::cpu, 2, &how);
  ConvolutionShape shape{};
  for (std::size_t i = 0; i < 3; ++i) {
    shape.volume[i] = static_cast<std::uint32_t>(grid.shape[i]);
    shape.half[i] = static_cast<std::uint32_t>(half[i]);
  }
  std::vector<double> expected(volume.size());
  convolve_direct_cpu(shape, volume.data(), kernel.data(), expected.data(), 1);
  double largest = 0, difference = 0;
  for (std::size_t v = 0; v < expected.size(); ++v) {
    largest = std::max(largest, std::abs(expected[v]));
    difference = std::max(difference, std::abs(expected[v] - result[v]));
  }
  return difference / largest;
}

TEST(Convolve, TakesTheCheaperWay) {
  std::string how;
  EXPECT_EQ(disagreement(cube(20), {1, 0, 1}, how), 0);
  EXPECT_EQ(how, "cpu plain sum, 2 threads");
  EXPECT_LT(disagreement(cube(20), {6, 5, 7}, how), 1e-12);
  EXPECT_EQ(how, "cpu fft, 2 threads");
}

TEST(Convolve, CountsOperations) {
  EXPECT_EQ(convolution_cost(cube(10), {0, 0, 0}).direct, 1000);
  // A half width of 1 meets 3 values in a row, 2 at its ends: 28 of 10.
  EXPECT_DOUBLE_EQ(convolution_cost(cube(10), {1, 0, 0}).direct, 2800);
  EXPECT_GT(convolution_cost(cube(40), {2, 2, 2}).fft, convolution_cost(cube(20), {2, 2, 2}).fft);
}

TEST(Convolve, RefusesSizesThatDoNotMatch) {
  const std::vector<double> volume(1000, 1.0), kernel(27, 1.0);
  const auto fault = [&](const std::array<int, 3>& half, std::span<const double> v, std::span<const double> k) {
    try {
      (void)convolve(cube(10), v, k, half, Backend::cpu, 1);
    } catch (const Error& error) {
      return error.fault() == Fault::input;
    }
    return false;
  };
  EXPECT_FALSE(fault({1, 1, 1}, volume, kernel));
  EXPECT_TRUE(fault({1, 1, 2}, volume, kernel));
  EXPECT_TRUE(fault({1, 1, -1}, volume, kernel));
  EXPECT_TRUE(fault({1, 1, 1}, std::span(volume).first(999), kernel));
}

}  // namespace
}  // namespace ytterby
