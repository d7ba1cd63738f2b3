#pragma once
// CUDA devices behind the Device interface.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/device/device.h"

namespace ytterby {

/// How transport is laid out on a device; every layout gives the same bits.
struct CudaVariant {
  std::string kernel;       // by name, of cuda_transports(); empty: the first
  bool room = false;        // electrons leave a block's room on each multiprocessor to photons and folds
  bool one_stream = false;  // the batches under way are transported one after the other

  /// KERNEL[+room][+one-stream]. Throws Fault::usage for what is no variant, with the list of them.
  static CudaVariant named(const std::string& name);
  /// Kernels with every layout that is worth a look, the one that runs use first.
  static std::vector<std::string> names();
};

/// Opens the CUDA device `index`. Throws Fault::device where it cannot be used, and in a build without CUDA.
std::unique_ptr<Device> open_cuda_device(int index, const CudaVariant& variant = {});

/// Opens several at once: a context takes some tenths of a second.
std::vector<std::unique_ptr<Device>> open_cuda_devices(std::span<const int> indices);

}  // namespace ytterby
