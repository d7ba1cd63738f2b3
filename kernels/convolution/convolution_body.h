#pragma once
// What one device thread does for a convolution, written like launch/device_body.h so that the host can run it too.
// In double: the bremsstrahlung tail is 1e-5 of a kernel's maximum, which an FFT in float would lose.

#include <cstdint>

#include "kernels/convolution/convolution.h"
#include "kernels/portability.h"

namespace ytterby {

/// Boxes of a real-to-complex transform in place: rows of size[0] doubles are padded to row doubles.
struct DeviceConvolution {
  ConvolutionShape shape;
  std::uint32_t size[3] = {0, 0, 0};  // of the transform
  std::uint32_t row = 0;              // 2 (size[0] / 2 + 1)
  const double* volume = nullptr;
  const double* kernel = nullptr;
  double* boxes = nullptr;  // the volume's, then the kernel's: row * size[1] * size[2] each
  double* out = nullptr;

  [[nodiscard]] YTTERBY_HD std::uint64_t box() const { return static_cast<std::uint64_t>(row) * size[1] * size[2]; }
  [[nodiscard]] YTTERBY_HD std::uint64_t voxels() const {
    return static_cast<std::uint64_t>(shape.volume[0]) * shape.volume[1] * shape.volume[2];
  }
};

/// place: volume and kernel into their boxes; multiply: the transforms, scaled; take: the result out of the volume's
/// box; direct: the plain sum, which needs no boxes.
enum class ConvolutionStage { place, multiply, take, direct };

/// Sizes of the boxes: what wraps round stays out of the volume.
inline DeviceConvolution device_convolution(const ConvolutionShape& shape) {
  DeviceConvolution c;
  c.shape = shape;
  for (int i = 0; i < 3; ++i) {
    const std::uint32_t n = shape.volume[i] + shape.half[i], k = 2 * shape.half[i] + 1;
    c.size[i] = good_fft_size(n > k ? n : k);
  }
  c.row = 2 * (c.size[0] / 2 + 1);
  return c;
}

}  // namespace ytterby

namespace ytterby::inline YTTERBY_LEVEL {

/// Index along an axis of the kernel whose centre lies at 0, wrapped round; -1 outside it.
YTTERBY_HD std::int64_t kernel_index(std::uint32_t i, std::uint32_t half, std::uint32_t size) {
  if (i <= half) return static_cast<std::int64_t>(i) + half;
  if (i + half >= size) return static_cast<std::int64_t>(i) + half - size;
  return -1;
}

YTTERBY_HD double kernel_at(const DeviceConvolution& c, std::uint32_t x, std::uint32_t y, std::uint32_t z) {
  const std::int64_t kx = kernel_index(x, c.shape.half[0], c.size[0]);
  const std::int64_t ky = kernel_index(y, c.shape.half[1], c.size[1]);
  const std::int64_t kz = kernel_index(z, c.shape.half[2], c.size[2]);
  if (kx < 0 || ky < 0 || kz < 0) return 0;
  return c.kernel[kx + (2 * c.shape.half[0] + 1) * (ky + (2 * c.shape.half[1] + 1) * kz)];
}

YTTERBY_HD double volume_at(const DeviceConvolution& c, std::uint32_t x, std::uint32_t y, std::uint32_t z) {
  if (x >= c.shape.volume[0] || y >= c.shape.volume[1] || z >= c.shape.volume[2]) return 0;
  return c.volume[x + c.shape.volume[0] * (y + static_cast<std::uint64_t>(c.shape.volume[1]) * z)];
}

template <class Device>
YTTERBY_HD void place_boxes(const DeviceConvolution& c, Device device) {
  const std::uint64_t box = c.box();
  for (std::uint64_t i = device.thread(); i < box; i += device.threads()) {
    const std::uint32_t x = static_cast<std::uint32_t>(i % c.row);
    const std::uint32_t y = static_cast<std::uint32_t>(i / c.row % c.size[1]);
    const std::uint32_t z = static_cast<std::uint32_t>(i / c.row / c.size[1]);
    c.boxes[i] = x < c.size[0] ? volume_at(c, x, y, z) : 0.0;
    c.boxes[box + i] = x < c.size[0] ? kernel_at(c, x, y, z) : 0.0;
  }
}

/// The volume's transform times the kernel's, over the number of points: transforms come unscaled.
template <class Device>
YTTERBY_HD void multiply_boxes(const DeviceConvolution& c, Device device) {
  const std::uint64_t pairs = c.box() / 2;
  const double* kernel = c.boxes + c.box();
  const double scale = 1.0 / (static_cast<double>(c.size[0]) * c.size[1] * c.size[2]);
  for (std::uint64_t i = device.thread(); i < pairs; i += device.threads()) {
    const double a = c.boxes[2 * i], b = c.boxes[2 * i + 1], p = kernel[2 * i] * scale, q = kernel[2 * i + 1] * scale;
    c.boxes[2 * i] = a * p - b * q;
    c.boxes[2 * i + 1] = a * q + b * p;
  }
}

template <class Device>
YTTERBY_HD void take_result(const DeviceConvolution& c, Device device) {
  for (std::uint64_t v = device.thread(); v < c.voxels(); v += device.threads()) {
    const std::uint64_t x = v % c.shape.volume[0], y = v / c.shape.volume[0] % c.shape.volume[1];
    const std::uint64_t z = v / c.shape.volume[0] / c.shape.volume[1];
    c.out[v] = c.boxes[x + c.row * (y + c.size[1] * z)];
  }
}

/// First and last offset d for which both i - d and the kernel exist along an axis.
struct OffsetRange {
  std::int64_t first, last;
};
YTTERBY_HD OffsetRange offsets(std::int64_t i, std::int64_t half, std::int64_t n) {
  return {i - n + 1 > -half ? i - n + 1 : -half, i < half ? i : half};
}

/// The plain sum, a voxel a thread, in the order of convolve_direct_cpu().
template <class Device>
YTTERBY_HD void sum_directly(const DeviceConvolution& c, Device device) {
  const std::int64_t nx = c.shape.volume[0], ny = c.shape.volume[1], nz = c.shape.volume[2];
  const std::int64_t hx = c.shape.half[0], hy = c.shape.half[1], hz = c.shape.half[2];
  for (std::uint64_t v = device.thread(); v < c.voxels(); v += device.threads()) {
    const std::int64_t i = static_cast<std::int64_t>(v);
    const std::int64_t x = i % nx, y = i / nx % ny, z = i / nx / ny;
    const OffsetRange rx = offsets(x, hx, nx), ry = offsets(y, hy, ny), rz = offsets(z, hz, nz);
    double sum = 0;
    for (std::int64_t dz = rz.first; dz <= rz.last; ++dz)
      for (std::int64_t dy = ry.first; dy <= ry.last; ++dy)
        for (std::int64_t dx = rx.first; dx <= rx.last; ++dx)
          sum += c.volume[(x - dx) + nx * ((y - dy) + ny * (z - dz))] *
                 c.kernel[(dx + hx) + (2 * hx + 1) * ((dy + hy) + (2 * hy + 1) * (dz + hz))];
    c.out[v] = sum;
  }
}

}  // namespace ytterby::inline YTTERBY_LEVEL
