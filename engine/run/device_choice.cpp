#include "engine/run/device_choice.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/run/device_check.h"

#ifdef YTTERBY_HAS_CUDA
#include <cuda_runtime_api.h>
#endif

namespace ytterby {

CudaStatus cuda_status() {
  CudaStatus status;
#ifdef YTTERBY_HAS_CUDA
  status.compiled = true;
  int driver = 0, runtime = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  const auto version = [](int v) { return std::to_string(v / 1000) + "." + std::to_string(v % 1000 / 10); };
  if (driver != 0) status.driver = version(driver);
  status.runtime = version(runtime);
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess) {
    status.why_none = driver == 0        ? "no CUDA driver is installed"
                      : driver < runtime ? "the driver is too old: it offers CUDA " + version(driver) +
                                               ", this program needs " + version(runtime) + " or newer"
                                         : std::string("CUDA says: ") + cudaGetErrorString(error);
    return status;
  }
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties{};
    if (cudaGetDeviceProperties(&properties, i) != cudaSuccess) continue;
    char address[32] = "";
    if (cudaDeviceGetPCIBusId(address, sizeof address, i) != cudaSuccess) address[0] = 0;
    status.devices.push_back({i, properties.name, properties.major, properties.minor, properties.totalGlobalMem,
                              properties.multiProcessorCount, address});
  }
  if (status.devices.empty()) status.why_none = "this machine has no CUDA device";
#else
  status.why_none = "this program was built without CUDA";
#endif
  return status;
}

std::vector<CudaDeviceInfo> usable_cuda_devices(const CudaStatus& status) {
  std::vector<CudaDeviceInfo> usable;
  for (const CudaDeviceInfo& device : status.devices)
    if (device.major >= 8) usable.push_back(device);
  return usable;
}

namespace {

std::string why_unusable(const CudaStatus& status) {
  if (status.devices.empty()) return status.why_none;
  const CudaDeviceInfo& device = status.devices.front();
  return device.name + " has compute capability " + std::to_string(device.major) + "." + std::to_string(device.minor) +
         ", needs 8.0 or newer";
}

std::string list_of(const std::vector<CudaDeviceInfo>& devices) {
  std::string list;
  for (const CudaDeviceInfo& device : devices) list += (list.empty() ? "" : ", ") + std::to_string(device.index);
  return list;
}

/// The devices wanted, all of them usable.
std::vector<int> find_devices(std::span<const int> wanted, const CudaStatus& status) {
  const std::vector<CudaDeviceInfo> usable = usable_cuda_devices(status);
  if (usable.empty())
    throw Error(Fault::device, "no CUDA device can be used: " + why_unusable(status) + "; use --device cpu");
  std::vector<int> indices(wanted.begin(), wanted.end());
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (std::find(indices.begin(), indices.begin() + static_cast<std::ptrdiff_t>(i), indices[i]) !=
        indices.begin() + static_cast<std::ptrdiff_t>(i))
      throw Error(Fault::usage, "CUDA device " + std::to_string(indices[i]) + " is listed twice");
    if (std::none_of(usable.begin(), usable.end(), [&](const CudaDeviceInfo& d) { return d.index == indices[i]; }))
      throw Error(Fault::device,
                  "CUDA device " + std::to_string(indices[i]) + " cannot be used; those that can: " + list_of(usable));
  }
  if (indices.empty())
    for (const CudaDeviceInfo& device : usable) indices.push_back(device.index);
  return indices;
}

/// One check per process and device: it takes a second. Several devices may be checked at once.
std::string remembered_self_check(int device) {
  struct Remembered {
    std::once_flag once;
    std::string found;
  };
  static std::mutex mutex;
  static std::map<int, Remembered> results;
  Remembered* result = nullptr;
  {
    const std::lock_guard lock(mutex);
    result = &results[device];
  }
  std::call_once(result->once, [&] { result->found = self_check(device); });
  return result->found;
}

}  // namespace

BackendChoice choose_backend(Backend backend, std::span<const int> wanted, const CudaStatus& status, SelfCheck check) {
  if (backend == Backend::cpu) return {};
  if (backend == Backend::cuda) return {find_devices(wanted, status), {}};
  if (usable_cuda_devices(status).empty()) return {{}, "running on the CPU: " + why_unusable(status)};
  const std::vector<int> devices = find_devices(wanted, status);
  std::vector<std::string> found(devices.size());
  const auto count = static_cast<int>(devices.size());
  parallel_for(
      count, [&](int i) { found[static_cast<std::size_t>(i)] = check(devices[static_cast<std::size_t>(i)]); }, count);
  for (std::size_t i = 0; i < devices.size(); ++i)
    if (!found[i].empty())
      return {{},
              "running on the CPU: CUDA device " + std::to_string(devices[i]) + " failed its self-check: " + found[i]};
  return {devices, {}};
}

BackendChoice choose_backend(Backend backend, std::span<const int> wanted) {
  if (backend == Backend::cpu) return {};
  return choose_backend(backend, wanted, cuda_status(), &remembered_self_check);
}

}  // namespace ytterby
