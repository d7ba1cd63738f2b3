#pragma once
// Which devices there are.

#include <cstddef>
#include <string>
#include <vector>

namespace ytterby {

struct CudaDeviceInfo {
  int index = 0;
  std::string name;
  int major = 0, minor = 0;  // compute capability
  std::size_t memory = 0;    // [bytes]
  int processors = 0;        // multiprocessors
};

/// What this build and this machine offer.
struct CudaStatus {
  bool compiled = false;  // built with CUDA
  std::vector<CudaDeviceInfo> devices;
  std::string why_none;  // one line where `devices` is empty
};

/// Asks the CUDA runtime; never throws.
CudaStatus cuda_status();

/// Devices of compute capability 8.0 or newer, which this build has code for.
std::vector<CudaDeviceInfo> usable_cuda_devices(const CudaStatus& status);

}  // namespace ytterby
