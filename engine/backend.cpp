#include "engine/backend.h"

#ifdef YTTERBY_HAS_CUDA
#include <cuda_runtime_api.h>
#endif

namespace ytterby {

CudaStatus cuda_status() {
  CudaStatus status;
#ifdef YTTERBY_HAS_CUDA
  status.compiled = true;
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess) {
    int driver = 0, runtime = 0;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    const auto version = [](int v) { return std::to_string(v / 1000) + "." + std::to_string(v % 1000 / 10); };
    status.why_none =
        std::string("CUDA says: ") + cudaGetErrorString(error) +
        (driver == 0 ? "; no driver is installed"
                     : "; the driver offers CUDA " + version(driver) + ", this program needs " + version(runtime));
    return status;
  }
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties{};
    if (cudaGetDeviceProperties(&properties, i) != cudaSuccess) continue;
    status.devices.push_back({i, properties.name, properties.major, properties.minor, properties.totalGlobalMem,
                              properties.multiProcessorCount});
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

}  // namespace ytterby
