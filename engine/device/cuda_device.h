#pragma once
// CUDA devices behind the Device interface.

#include <memory>

#include "engine/device/device.h"

namespace ytterby {

/// Opens the CUDA device `index`. Throws Fault::device where it cannot be used, and in a build without CUDA.
std::unique_ptr<Device> open_cuda_device(int index);

}  // namespace ytterby
