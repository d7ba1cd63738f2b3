#pragma once
// Which devices there are, and which of them a run gets.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/run/run_options.h"

namespace ytterby {

struct CudaDeviceInfo {
  int index = 0;
  std::string name;
  int major = 0, minor = 0;  // compute capability
  std::size_t memory = 0;    // [bytes]
  int processors = 0;        // multiprocessors
  std::string pci_address{};
};

/// What this build and this machine offer.
struct CudaStatus {
  bool compiled = false;  // built with CUDA
  std::vector<CudaDeviceInfo> devices;
  std::string why_none;                           // one line where `devices` is empty
  std::string driver = "none", runtime = "none";  // CUDA versions, e.g. "13.0"
};

/// Asks the CUDA runtime; never throws.
CudaStatus cuda_status();

/// Devices of compute capability 8.0 or newer, which this build has code for.
std::vector<CudaDeviceInfo> usable_cuda_devices(const CudaStatus& status);

/// What a run gets.
struct BackendChoice {
  std::vector<int> cuda_devices;  // indices; empty: the CPU
  std::string note;               // why the automatic choice is not a GPU; else empty
};

/// What self_check() found about a device: empty where it agrees with the CPU, else one line.
using SelfCheck = std::string (*)(int cuda_device);

/// Devices for a run: with Backend::cuda those `wanted`, or all that can be used; with Backend::automatic the same
/// where each of them passes the self-check, else the CPU with a note. Throws Fault::device where Backend::cuda
/// cannot be had, Fault::usage for a device listed twice.
BackendChoice choose_backend(Backend backend, std::span<const int> wanted, const CudaStatus& status, SelfCheck check);

/// The same on this machine; the self-check runs once per process and device.
BackendChoice choose_backend(Backend backend, std::span<const int> wanted);

}  // namespace ytterby
