// FFT convolution against the plain sum.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/convolution/convolution.h"

namespace ytterby {
namespace {

std::size_t volume_of(const std::uint32_t (&n)[3]) { return std::size_t{n[0]} * n[1] * n[2]; }

/// Largest difference between the two ways, over the largest result.
double disagreement(const ConvolutionShape& shape, int threads) {
  const std::uint32_t kernel_size[3] = {2 * shape.half[0] + 1, 2 * shape.half[1] + 1, 2 * shape.half[2] + 1};
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<double> volume(volume_of(shape.volume)), kernel(volume_of(kernel_size));
  for (double& v : volume) v = uniform(random) < 0.5 ? 0 : uniform(random);
  for (double& k : kernel) k = uniform(random) - 0.2;  // neither even nor positive
  std::vector<double> direct(volume.size()), fft(volume.size());
  convolve_direct_cpu(shape, volume.data(), kernel.data(), direct.data(), threads);
  const FftPlan plan = plan_fft(shape);
  std::vector<double> a(2 * plan.elements), b(2 * plan.elements);
  convolve_fft_cpu(shape, plan, volume.data(), kernel.data(), a.data(), b.data(), fft.data(), threads);
  double largest = 0, difference = 0;
  for (std::size_t i = 0; i < direct.size(); ++i) {
    largest = std::max(largest, std::abs(direct[i]));
    difference = std::max(difference, std::abs(direct[i] - fft[i]));
  }
  return difference / largest;
}

TEST(Convolution, FftEqualsThePlainSum) {
  EXPECT_LT(disagreement({{17, 12, 9}, {3, 4, 2}}, 1), 1e-13);
  EXPECT_LT(disagreement({{8, 8, 8}, {7, 7, 7}}, 2), 1e-13);
  EXPECT_LT(disagreement({{5, 6, 7}, {9, 8, 10}}, 2), 1e-13);  // kernel wider than the volume
  EXPECT_LT(disagreement({{20, 1, 1}, {5, 0, 0}}, 3), 1e-13);
  EXPECT_LT(disagreement({{1, 1, 30}, {0, 0, 4}}, 2), 1e-13);
  EXPECT_LT(disagreement({{1, 1, 1}, {2, 2, 2}}, 1), 1e-13);
}

TEST(Convolution, PlainSumOfAPointIsTheKernel) {
  const ConvolutionShape shape{{5, 5, 5}, {1, 1, 1}};
  std::vector<double> volume(125, 0.0), kernel(27), out(125);
  for (std::size_t i = 0; i < kernel.size(); ++i) kernel[i] = static_cast<double>(i) + 1;
  volume[2 + 5 * (2 + 5 * 2)] = 2;
  convolve_direct_cpu(shape, volume.data(), kernel.data(), out.data(), 1);
  EXPECT_EQ(out[2 + 5 * (2 + 5 * 2)], 2 * kernel[13]);
  EXPECT_EQ(out[1 + 5 * (2 + 5 * 3)], 2 * kernel[0 + 3 * (1 + 3 * 2)]);  // one left, one up
  EXPECT_EQ(out[0], 0);
}

TEST(Convolution, PadsToSmallPrimeFactors) {
  EXPECT_EQ(good_fft_size(1), 1u);
  EXPECT_EQ(good_fft_size(7), 8u);
  EXPECT_EQ(good_fft_size(121), 125u);
  EXPECT_EQ(good_fft_size(180), 180u);
}

}  // namespace
}  // namespace ytterby
