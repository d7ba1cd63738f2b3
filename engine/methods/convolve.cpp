#include "engine/methods/convolve.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <thread>

#include "engine/base/error.h"
#include "engine/device/cuda_device.h"
#include "engine/device/device_convolve.h"
#include "engine/run/device_choice.h"
#include "kernels/convolution/convolution.h"

namespace ytterby {
namespace {

ConvolutionShape shape_of(const Grid& grid, const std::array<int, 3>& half) {
  ConvolutionShape shape{};
  for (std::size_t i = 0; i < 3; ++i) {
    if (grid.shape[i] < 1 || half[i] < 0 || half[i] > (1 << 20))
      throw Error(Fault::input, "convolution along axis " + std::to_string(i) + " has " +
                                    std::to_string(grid.shape[i]) + " voxels and a kernel of half width " +
                                    std::to_string(half[i]) + ", need to be at least 1 and 0");
    shape.volume[i] = static_cast<std::uint32_t>(grid.shape[i]);
    shape.half[i] = static_cast<std::uint32_t>(half[i]);
  }
  return shape;
}

std::size_t kernel_size(const ConvolutionShape& shape) {
  std::size_t size = 1;
  for (const std::uint32_t h : shape.half) size *= 2 * std::size_t{h} + 1;
  return size;
}

void check_sizes(const ConvolutionShape& shape, std::size_t volume, std::size_t kernel) {
  const std::size_t voxels = std::size_t{shape.volume[0]} * shape.volume[1] * shape.volume[2];
  if (volume != voxels)
    throw Error(Fault::input, "the volume to convolve has " + std::to_string(volume) + " voxels, the grid has " +
                                  std::to_string(voxels));
  if (kernel != kernel_size(shape))
    throw Error(Fault::input, "the kernel has " + std::to_string(kernel) + " values, its half widths need " +
                                  std::to_string(kernel_size(shape)));
}

/// Kernel values that meet a voxel of the volume, on average along one axis.
double met(std::uint32_t n, std::uint32_t h) {
  double sum = 0;
  for (std::uint32_t x = 0; x < n; ++x) sum += 1 + std::min(h, x) + std::min(h, n - 1 - x);
  return sum / n;
}

std::vector<double> convolve_on_cpu(const ConvolutionShape& shape, bool by_fft, std::span<const double> volume,
                                    std::span<const double> kernel, int threads) {
  std::vector<double> out(volume.size());
  if (!by_fft) {
    convolve_direct_cpu(shape, volume.data(), kernel.data(), out.data(), threads);
    return out;
  }
  const FftPlan plan = plan_fft(shape);
  std::vector<double> a(2 * plan.elements), b(2 * plan.elements);
  convolve_fft_cpu(shape, plan, volume.data(), kernel.data(), a.data(), b.data(), out.data(), threads);
  return out;
}

}  // namespace

ConvolutionCost convolution_cost(const Grid& grid, const std::array<int, 3>& half) {
  const ConvolutionShape shape = shape_of(grid, half);
  double direct = static_cast<double>(grid.voxels());
  for (std::size_t i = 0; i < 3; ++i) direct *= met(shape.volume[i], shape.half[i]);
  // Three complex transforms of 5 n log2 n floating-point operations, half as many pairs of them, and three passes
  // for placing and multiplying. 0.55 is measured: a kissfft operation against one of the plain sum (0.46 to 0.60, 40
  // to 96 voxels a side, half widths 2 to 20).
  constexpr double fft_operation = 0.55;
  const auto elements = static_cast<double>(plan_fft(shape).elements);
  return {direct, fft_operation * elements * (3 * 2.5 * std::log2(elements + 1) + 12)};
}

double convolution_memory(const Grid& grid, const std::array<int, 3>& half) {
  const ConvolutionCost cost = convolution_cost(grid, half);
  if (!(cost.fft < cost.direct)) return 0;
  constexpr double two_work_arrays = 2 * 2 * sizeof(double);
  return two_work_arrays * static_cast<double>(plan_fft(shape_of(grid, half)).elements);
}

namespace {

/// On the first device chosen.
std::vector<double> convolve_on_gpu(int index, const ConvolutionShape& shape, const ConvolutionCost& cost,
                                    std::span<const double> volume, std::span<const double> kernel, std::string* how) {
  const std::unique_ptr<Device> device = open_cuda_device(index);
  // Without cuFFT the sum is what remains: on a device it is worth it up to some 100 times the transform's operations.
  const bool by_fft = cost.fft < cost.direct && device->why_no_fft().empty();
  if (!by_fft && cost.direct > 100 * cost.fft) throw Error(Fault::device, device->why_no_fft());
  if (how) *how = device->name() + (by_fft ? " fft" : " plain sum");
  return convolve_on_device(*device, shape, by_fft ? ConvolutionWay::fft : ConvolutionWay::direct, volume, kernel);
}

}  // namespace

std::vector<double> convolve(const Grid& grid, std::span<const double> volume, std::span<const double> kernel,
                             const std::array<int, 3>& half, Backend backend, int threads, std::string* how) {
  constexpr double worth_a_copy = 1e7;  // operations; a few milliseconds on the host
  const ConvolutionShape shape = shape_of(grid, half);
  check_sizes(shape, volume.size(), kernel.size());
  const ConvolutionCost cost = convolution_cost(grid, half);
  const bool by_fft = cost.fft < cost.direct;
  const bool small = std::min(cost.direct, cost.fft) < worth_a_copy;
  std::string note;
  if (backend == Backend::cuda || (backend == Backend::automatic && !small)) {
    BackendChoice choice = choose_backend(backend, {});
    note = choice.note;
    if (!choice.cuda_devices.empty()) {
      try {
        return convolve_on_gpu(choice.cuda_devices.front(), shape, cost, volume, kernel, how);
      } catch (const Error& error) {
        if (backend == Backend::cuda || error.fault() != Fault::device) throw;
        note = std::string("running on the CPU: ") + error.what();
      }
    }
  }
  if (threads <= 0) threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  if (how)
    *how = std::string("cpu ") + (by_fft ? "fft, " : "plain sum, ") + std::to_string(threads) +
           (threads == 1 ? " thread" : " threads") + (note.empty() ? "" : " (" + note + ")");
  return convolve_on_cpu(shape, by_fft, volume, kernel, threads);
}

KernelConvolver::KernelConvolver(const Grid& grid, std::span<const double> kernel, const std::array<int, 3>& half)
    : grid_(grid), half_(half), kernel_(kernel.begin(), kernel.end()) {
  const ConvolutionShape shape = shape_of(grid, half);
  check_sizes(shape, grid.voxels(), kernel.size());
  const ConvolutionCost cost = convolution_cost(grid, half);
  by_fft_ = cost.fft < cost.direct;
  if (!by_fft_) return;
  const FftPlan plan = plan_fft(shape);
  kernel_.assign(2 * plan.elements, 0);
  transform_kernel_cpu(shape, plan, kernel.data(), kernel_.data(), 1);
}

std::vector<double> KernelConvolver::operator()(std::span<const double> volume) const {
  const ConvolutionShape shape = shape_of(grid_, half_);
  if (volume.size() != grid_.voxels()) {
    throw Error(Fault::input, "the volume to convolve has " + std::to_string(volume.size()) + " voxels, the grid has " +
                                  std::to_string(grid_.voxels()));
  }
  std::vector<double> out(volume.size());
  if (!by_fft_) {
    convolve_direct_cpu(shape, volume.data(), kernel_.data(), out.data(), 1);
    return out;
  }
  const FftPlan plan = plan_fft(shape);
  std::vector<double> work(2 * plan.elements);
  convolve_transformed_cpu(shape, plan, volume.data(), work.data(), kernel_.data(), out.data(), 1);
  return out;
}

}  // namespace ytterby
