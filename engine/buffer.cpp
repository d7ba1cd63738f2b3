#include "engine/buffer.h"

#ifdef YTTERBY_HAS_CUDA

#include <cuda_runtime_api.h>

#include <string>
#include <utility>

#include "engine/cuda_check.h"
#include "engine/error.h"

namespace ytterby {

void cuda_check(int code, const char* what, std::source_location place) {
  if (code == cudaSuccess) return;
  throw Error(Fault::device, std::string("cannot ") + what + ": " + cudaGetErrorString(static_cast<cudaError_t>(code)) +
                                 " (" + place.file_name() + ":" + std::to_string(place.line()) + ")");
}

DeviceMemory::DeviceMemory(std::size_t bytes) {
  if (bytes == 0) return;
  const cudaError_t error = cudaMalloc(&data_, bytes);
  if (error == cudaErrorMemoryAllocation) {
    std::size_t left = 0, all = 0;
    cudaMemGetInfo(&left, &all);
    throw Error(Fault::device, "the device has " + std::to_string(left >> 20) + " MiB of memory left, needs " +
                                   std::to_string((bytes >> 20) + 1) + " MiB more: use a coarser grid or --device cpu");
  }
  cuda_check(error, "allocate device memory");
}

DeviceMemory::DeviceMemory(DeviceMemory&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}

DeviceMemory& DeviceMemory::operator=(DeviceMemory&& other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}

DeviceMemory::~DeviceMemory() {
  if (data_ != nullptr) cudaFree(data_);
}

void DeviceMemory::copy_from(const void* host, std::size_t bytes) {
  if (bytes > 0) cuda_check(cudaMemcpy(data_, host, bytes, cudaMemcpyHostToDevice), "copy to the device");
}

void DeviceMemory::copy_to(void* host, std::size_t bytes) const {
  if (bytes > 0) cuda_check(cudaMemcpy(host, data_, bytes, cudaMemcpyDeviceToHost), "copy from the device");
}

void DeviceMemory::clear(std::size_t bytes) {
  if (bytes > 0) cuda_check(cudaMemset(data_, 0, bytes), "clear device memory");
}

}  // namespace ytterby

#endif
