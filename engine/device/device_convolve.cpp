#include "engine/device/device_convolve.h"

#include <string>

#include "engine/base/error.h"

namespace ytterby {
namespace {

/// Device memory [bytes]: volume, result, kernel, two boxes, and as much again as a work area of the transform.
std::size_t memory_needed(const DeviceConvolution& work, ConvolutionWay way, std::size_t kernel) {
  const std::size_t boxes = way == ConvolutionWay::fft ? 4 * work.box() : 0;
  return sizeof(double) * (2 * work.voxels() + kernel + boxes) + (64u << 20);
}

void check_memory(const Device& device, std::size_t needed) {
  const std::size_t left = device.memory_left();
  if (needed > left)
    throw Error(Fault::device, device.name() + ": the convolution needs " + std::to_string(needed >> 20) +
                                   " MiB on the device, which has " + std::to_string(left >> 20) +
                                   " MiB left: use a coarser grid, a smaller kernel, or --device cpu");
}

}  // namespace

std::vector<double> convolve_on_device(Device& device, const ConvolutionShape& shape, ConvolutionWay way,
                                       std::span<const double> volume, std::span<const double> kernel) {
  constexpr auto stream = DeviceStream::copy;
  DeviceConvolution work = device_convolution(shape);
  check_memory(device, memory_needed(work, way, kernel.size()));
  const DeviceBuffer<double> device_volume(device, volume), device_kernel(device, kernel), out(device, volume.size());
  work.volume = device_volume.data();
  work.kernel = device_kernel.data();
  work.out = out.data();
  if (way == ConvolutionWay::direct) {
    device.launch(stream, ConvolutionStage::direct, work);
    return out.host();
  }
  if (const std::string why = device.why_no_fft(); !why.empty()) throw Error(Fault::device, why);
  const DeviceBuffer<double> boxes(device, 2 * work.box());
  work.boxes = boxes.data();
  device.launch(stream, ConvolutionStage::place, work);
  device.transform(stream, work, boxes.data(), 2, FftDirection::forward);
  device.launch(stream, ConvolutionStage::multiply, work);
  device.transform(stream, work, boxes.data(), 1, FftDirection::inverse);
  device.launch(stream, ConvolutionStage::take, work);
  return out.host();
}

}  // namespace ytterby
