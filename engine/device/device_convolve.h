#pragma once
// A convolution on a device.

#include <span>
#include <vector>

#include "engine/device/device.h"

namespace ytterby {

enum class ConvolutionWay { direct, fft };

/// As convolve(), on a device, in the way given. Throws Fault::device where the memory does not suffice, or for `fft`
/// where the device has none.
std::vector<double> convolve_on_device(Device& device, const ConvolutionShape& shape, ConvolutionWay way,
                                       std::span<const double> volume, std::span<const double> kernel);

}  // namespace ytterby
