// Convolution on the host: kissfft lines in three passes, spread over threads.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <complex>
#include <kissfft.hh>
#include <thread>
#include <vector>

#include "kernels/convolution/convolution.h"

namespace ytterby {
namespace {

using Complex = std::complex<double>;

/// Calls work(item) for all items; `make` gives each thread its own worker.
template <class Make>
void for_all(std::uint64_t items, int threads, Make make) {
  std::atomic<std::uint64_t> next{0};
  const auto loop = [&] {
    auto work = make();
    for (std::uint64_t i = next.fetch_add(1); i < items; i = next.fetch_add(1)) work(i);
  };
  std::vector<std::jthread> others;
  for (int t = 1; t < threads; ++t) others.emplace_back(loop);
  loop();
}

/// Transforms all lines along one axis in place; lines of zeros are left alone.
void transform_axis(Complex* data, const FftPlan& plan, int axis, bool inverse, int threads) {
  const std::uint64_t n = plan.size[axis];
  if (n == 1) return;
  std::uint64_t stride = 1;
  for (int a = 0; a < axis; ++a) stride *= plan.size[a];
  const std::uint64_t outer = plan.elements / (stride * n);
  // One item is a run of neighbouring lines, so that strided passes use whole cache lines.
  const std::uint64_t run = axis == 0 ? 1 : std::min<std::uint64_t>(stride, 8);
  const std::uint64_t runs = (stride + run - 1) / run;
  for_all(outer * runs, threads, [&] {
    return [&, fft = kissfft<double>(n, inverse), in = std::vector<Complex>(n * run),
            out = std::vector<Complex>(n)](std::uint64_t item) mutable {
      const std::uint64_t first = (item % runs) * run, lines = std::min(run, stride - first);
      Complex* base = data + (item / runs) * stride * n + first;
      for (std::uint64_t i = 0; i < n; ++i)
        for (std::uint64_t line = 0; line < lines; ++line) in[line * n + i] = base[i * stride + line];
      for (std::uint64_t line = 0; line < lines; ++line) {
        const auto* begin = in.data() + line * n;
        if (std::all_of(begin, begin + n, [](const Complex& c) { return c == Complex(0, 0); })) continue;
        fft.transform(begin, out.data());
        for (std::uint64_t i = 0; i < n; ++i) base[i * stride + line] = out[i];
      }
    };
  });
}

/// Kernel with its centre at the origin, wrapped round.
void place_kernel(const ConvolutionShape& shape, const FftPlan& plan, const double* kernel, Complex* work) {
  std::fill(work, work + plan.elements, Complex(0, 0));
  std::uint64_t from = 0;
  const auto wrapped = [&](std::uint32_t i, int axis) {
    return i >= shape.half[axis] ? i - shape.half[axis] : i + plan.size[axis] - shape.half[axis];
  };
  for (std::uint32_t z = 0; z < 2 * shape.half[2] + 1; ++z)
    for (std::uint32_t y = 0; y < 2 * shape.half[1] + 1; ++y)
      for (std::uint32_t x = 0; x < 2 * shape.half[0] + 1; ++x)
        work[wrapped(x, 0) + plan.size[0] * (wrapped(y, 1) + static_cast<std::uint64_t>(plan.size[1]) *
                                                                 wrapped(z, 2))] = kernel[from++];
}

/// First half of the slices as real part, second half as imaginary part.
void place_volume(const ConvolutionShape& shape, const FftPlan& plan, const double* volume, Complex* work) {
  std::fill(work, work + plan.elements, Complex(0, 0));
  for (std::uint32_t z = 0; z < shape.volume[2]; ++z) {
    const bool second = z >= plan.first_half;
    const std::uint64_t slice = second ? z - plan.first_half : z;
    for (std::uint32_t y = 0; y < shape.volume[1]; ++y) {
      const double* from =
          volume + static_cast<std::uint64_t>(shape.volume[0]) * (y + static_cast<std::uint64_t>(shape.volume[1]) * z);
      Complex* to = work + static_cast<std::uint64_t>(plan.size[0]) * (y + plan.size[1] * slice);
      for (std::uint32_t x = 0; x < shape.volume[0]; ++x)
        to[x] = second ? Complex(to[x].real(), from[x]) : Complex(from[x], to[x].imag());
    }
  }
}

void transform(Complex* data, const FftPlan& plan, bool inverse, int threads) {
  for (int pass = 0; pass < 3; ++pass) transform_axis(data, plan, inverse ? 2 - pass : pass, inverse, threads);
}

}  // namespace

std::uint32_t good_fft_size(std::uint32_t n) {
  for (std::uint32_t size = std::max(n, 1u);; ++size) {
    std::uint32_t rest = size;
    for (const std::uint32_t p : {2u, 3u, 5u})
      while (rest % p == 0) rest /= p;
    if (rest == 1) return size;
  }
}

FftPlan plan_fft(const ConvolutionShape& shape) {
  FftPlan plan{};
  plan.first_half = (shape.volume[2] + 1) / 2;
  // Wrapped results have to stay out of the volume (x, y) or out of both halves' reach (z).
  plan.size[0] = good_fft_size(std::max(shape.volume[0] + shape.half[0], 2 * shape.half[0] + 1));
  plan.size[1] = good_fft_size(std::max(shape.volume[1] + shape.half[1], 2 * shape.half[1] + 1));
  plan.size[2] = good_fft_size(plan.first_half + 2 * shape.half[2]);
  plan.elements = static_cast<std::uint64_t>(plan.size[0]) * plan.size[1] * plan.size[2];
  return plan;
}

void transform_kernel_cpu(const ConvolutionShape& shape, const FftPlan& plan, const double* kernel, double* work_kernel,
                          int threads) {
  auto* k = reinterpret_cast<Complex*>(work_kernel);
  place_kernel(shape, plan, kernel, k);
  transform(k, plan, false, threads);
}

void convolve_fft_cpu(const ConvolutionShape& shape, const FftPlan& plan, const double* volume, const double* kernel,
                      double* work_volume, double* work_kernel, double* out, int threads) {
  transform_kernel_cpu(shape, plan, kernel, work_kernel, threads);
  convolve_transformed_cpu(shape, plan, volume, work_volume, work_kernel, out, threads);
}

void convolve_transformed_cpu(const ConvolutionShape& shape, const FftPlan& plan, const double* volume,
                              double* work_volume, const double* transformed_kernel, double* out, int threads) {
  auto* v = reinterpret_cast<Complex*>(work_volume);
  const auto* k = reinterpret_cast<const Complex*>(transformed_kernel);
  place_volume(shape, plan, volume, v);
  transform(v, plan, false, threads);
  const double scale = 1.0 / static_cast<double>(plan.elements);
  for (std::uint64_t i = 0; i < plan.elements; ++i) {
    // Written out: the library's product checks for infinities.
    const double a = v[i].real(), b = v[i].imag(), c = k[i].real() * scale, d = k[i].imag() * scale;
    v[i] = Complex(a * c - b * d, a * d + b * c);
  }
  transform(v, plan, true, threads);
  for (std::uint32_t z = 0; z < shape.volume[2]; ++z) {
    const bool from_first = z < plan.first_half + shape.half[2];
    const bool from_second = z + shape.half[2] >= plan.first_half;
    const std::uint64_t second =
        z >= plan.first_half ? z - plan.first_half : z + plan.size[2] - plan.first_half;  // wrapped below its start
    for (std::uint32_t y = 0; y < shape.volume[1]; ++y) {
      double* to =
          out + static_cast<std::uint64_t>(shape.volume[0]) * (y + static_cast<std::uint64_t>(shape.volume[1]) * z);
      const Complex* first =
          v + static_cast<std::uint64_t>(plan.size[0]) * (y + static_cast<std::uint64_t>(plan.size[1]) * z);
      const Complex* other = v + static_cast<std::uint64_t>(plan.size[0]) * (y + plan.size[1] * second);
      for (std::uint32_t x = 0; x < shape.volume[0]; ++x)
        to[x] = (from_first ? first[x].real() : 0.0) + (from_second ? other[x].imag() : 0.0);
    }
  }
}

void convolve_direct_cpu(const ConvolutionShape& shape, const double* volume, const double* kernel, double* out,
                         int threads) {
  const std::int64_t nx = shape.volume[0], ny = shape.volume[1], nz = shape.volume[2];
  const std::int64_t hx = shape.half[0], hy = shape.half[1], hz = shape.half[2];
  for_all(static_cast<std::uint64_t>(ny * nz), threads, [&] {
    return [&](std::uint64_t row) {
      const std::int64_t y = static_cast<std::int64_t>(row) % ny, z = static_cast<std::int64_t>(row) / ny;
      for (std::int64_t x = 0; x < nx; ++x) {
        double sum = 0;
        for (std::int64_t dz = std::max(-hz, z - nz + 1); dz <= std::min(hz, z); ++dz)
          for (std::int64_t dy = std::max(-hy, y - ny + 1); dy <= std::min(hy, y); ++dy)
            for (std::int64_t dx = std::max(-hx, x - nx + 1); dx <= std::min(hx, x); ++dx)
              sum += volume[(x - dx) + nx * ((y - dy) + ny * (z - dz))] *
                     kernel[(dx + hx) + (2 * hx + 1) * ((dy + hy) + (2 * hy + 1) * (dz + hz))];
        out[x + nx * (y + ny * z)] = sum;
      }
    };
  });
}

}  // namespace ytterby
