#pragma once
// A dose kernel over an activity map: linear convolution on a grid, nothing beyond its edges.

#include <cstdint>

namespace ytterby {

/// Volumes are x fastest. The kernel has 2 half + 1 voxels an axis, its centre in the middle.
struct ConvolutionShape {
  std::uint32_t volume[3];
  std::uint32_t half[3];
};

/// Sizes of the padded transform, and how many complex numbers (pairs of doubles) one work array takes.
///
/// The volume is cut in two along z; one half is the real, the other the imaginary part of a single complex transform,
/// and the results are added where they overlap. That costs what a real-to-complex transform of the whole would.
struct FftPlan {
  std::uint32_t size[3];
  std::uint32_t first_half;  // slices of the first half
  std::uint64_t elements;    // size[0] * size[1] * size[2]
};

/// Smallest n' >= n with no prime factor above 5.
std::uint32_t good_fft_size(std::uint32_t n);

FftPlan plan_fft(const ConvolutionShape& shape);

/// out = volume (x) kernel by FFT in double (kissfft), on `threads` host threads. `work_volume` and `work_kernel` hold
/// plan.elements complex numbers each, as pairs of doubles. Rounding: about 1e-15 of the largest result.
void convolve_fft_cpu(const ConvolutionShape& shape, const FftPlan& plan, const double* volume, const double* kernel,
                      double* work_volume, double* work_kernel, double* out, int threads);

/// The two halves of it, for one kernel and many volumes: the kernel's transform, and a volume with it. The transform
/// is read alone and may serve several threads at once.
void transform_kernel_cpu(const ConvolutionShape& shape, const FftPlan& plan, const double* kernel, double* work_kernel,
                          int threads);
void convolve_transformed_cpu(const ConvolutionShape& shape, const FftPlan& plan, const double* volume,
                              double* work_volume, const double* transformed_kernel, double* out, int threads);

/// The same as a plain sum; for small kernels and for tests.
void convolve_direct_cpu(const ConvolutionShape& shape, const double* volume, const double* kernel, double* out,
                         int threads);

}  // namespace ytterby
