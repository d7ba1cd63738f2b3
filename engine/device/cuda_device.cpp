#include "engine/device/cuda_device.h"

#include "engine/base/error.h"

#ifdef YTTERBY_HAS_CUDA

#include <cuda_runtime_api.h>

#include <algorithm>
#include <array>

#include "engine/device/cuda_check.h"
#include "engine/device/cufft.h"
#include "kernels/convolution/convolution_cuda.h"
#include "kernels/launch/launch_cuda.h"

namespace ytterby {
namespace {

/// Histories that a thread takes at a time: fewer atomics on one counter, and still many portions for each thread.
std::uint32_t portion_of(std::uint64_t histories, int blocks) {
  const std::uint64_t threads = static_cast<std::uint64_t>(blocks) * cuda_block_threads;
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(histories / (threads * 16), 1, 8));
}

class CudaDevice final : public Device {
 public:
  explicit CudaDevice(int index) : index_(index) {
    use();
    cudaDeviceProp properties{};
    cuda_check(cudaGetDeviceProperties(&properties, index), "ask for the device's name");
    name_ = std::string("cuda ") + properties.name;
    few_blocks_ = properties.multiProcessorCount;
    cuda_check(cuda_resident_blocks(&blocks_), "ask for the kernel's occupancy");
    for (cudaStream_t& stream : streams_)
      cuda_check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "make a stream");
    for (cudaEvent_t& event : events_)
      cuda_check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming | cudaEventBlockingSync), "make an event");
  }
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;
  ~CudaDevice() override {
    cudaSetDevice(index_);
    for (cudaEvent_t event : events_) cudaEventDestroy(event);
    for (cudaStream_t stream : streams_) cudaStreamDestroy(stream);
  }

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::size_t memory_left() const override {
    use();
    std::size_t left = 0, all = 0;
    cuda_check(cudaMemGetInfo(&left, &all), "ask for the device's memory");
    return left;
  }

  void* allocate(std::size_t bytes) override {
    use();
    void* memory = nullptr;
    const cudaError_t error = cudaMalloc(&memory, bytes);
    if (error == cudaErrorMemoryAllocation) {
      cudaGetLastError();  // it would be reported again by the next launch
      throw Error(Fault::device, name_ + " has " + std::to_string(memory_left() >> 20) + " MiB of memory left, needs " +
                                     std::to_string((bytes >> 20) + 1) +
                                     " MiB more: use a coarser grid or --device cpu");
    }
    cuda_check(error, "allocate device memory");
    return memory;
  }
  void release(void* memory) noexcept override {
    cudaSetDevice(index_);
    cudaFree(memory);  // fails where the device is gone, and then it does not matter
  }
  void clear(DeviceStream stream, void* memory, std::size_t bytes) override {
    use();
    cuda_check(cudaMemsetAsync(memory, 0, bytes, at(stream)), "clear device memory");
  }
  void copy_in(DeviceStream stream, void* to, const void* host, std::size_t bytes) override {
    use();
    cuda_check(cudaMemcpyAsync(to, host, bytes, cudaMemcpyHostToDevice, at(stream)), "copy to the device");
  }
  void copy_out(DeviceStream stream, void* host, const void* from, std::size_t bytes) override {
    use();
    cuda_check(cudaMemcpyAsync(host, from, bytes, cudaMemcpyDeviceToHost, at(stream)), "copy from the device");
  }

  void launch(DeviceStream stream, DeviceKernel kernel, const DeviceLaunch& launch) override {
    use();
    DeviceLaunch work = launch;
    if (kernel == DeviceKernel::histories) {
      work.portion = portion_of(launch.count, blocks_);
      cuda_check(cuda_launch_histories(work, blocks_, at(stream)), "launch the electron kernel");
    } else {
      const int blocks = kernel == DeviceKernel::photons ? blocks_ : few_blocks_;
      cuda_check(cuda_launch_photons(work, blocks, at(stream)), "launch the photon kernel");
    }
  }
  void launch(DeviceStream stream, const DeviceStructure& structure) override {
    use();
    cuda_check(cuda_launch_structure(structure, at(stream)), "launch a structure's sum");
  }
  void launch(DeviceStream stream, const DeviceFold& fold) override {
    use();
    cuda_check(cuda_launch_fold(fold, at(stream)), "launch the fold");
  }

  void launch(DeviceStream stream, const ReplayLaunch& replay) override {
    use();
    cuda_check(cuda_launch_replay(replay, at(stream)), "launch a replay");
  }
  void launch(DeviceStream stream, const PathLaunch& paths) override {
    use();
    cuda_check(cuda_launch_paths(paths, at(stream)), "launch the path kernel");
  }

  void launch(DeviceStream stream, ConvolutionStage stage, const DeviceConvolution& work) override {
    use();
    cuda_check(cuda_launch_convolution(stage, work, at(stream)), "launch a convolution");
  }
  void transform(DeviceStream stream, const DeviceConvolution& work, double* boxes, int batch,
                 FftDirection direction) override {
    use();
    std::array<int, 3> size{};
    for (std::size_t i = 0; i < 3; ++i) size[i] = static_cast<int>(work.size[i]);
    direction == FftDirection::forward ? cufft_forward(at(stream), size, batch, boxes)
                                       : cufft_inverse(at(stream), size, batch, boxes);
  }
  [[nodiscard]] std::string why_no_fft() const override { return why_no_cufft(); }

  void record(DeviceStream stream, int event) override {
    use();
    cuda_check(cudaEventRecord(at(event), at(stream)), "record an event");
  }
  void wait(DeviceStream stream, int event) override {
    use();
    cuda_check(cudaStreamWaitEvent(at(stream), at(event), 0), "let a stream wait");
  }
  void wait_on_host(int event) override {
    use();
    cuda_check(cudaEventSynchronize(at(event)), "run on the device");
  }
  void wait_on_host(DeviceStream stream) override {
    use();
    cuda_check(cudaStreamSynchronize(at(stream)), "run on the device");
  }
  void drain() noexcept override {
    cudaSetDevice(index_);
    cudaDeviceSynchronize();
  }

 private:
  void use() const { cuda_check(cudaSetDevice(index_), "select the device"); }
  [[nodiscard]] cudaStream_t at(DeviceStream stream) const { return streams_[static_cast<std::size_t>(stream)]; }
  [[nodiscard]] cudaEvent_t at(int event) const { return events_[static_cast<std::size_t>(event)]; }

  int index_;
  std::string name_;
  int blocks_ = 0, few_blocks_ = 0;
  std::array<cudaStream_t, 3> streams_{};
  std::array<cudaEvent_t, 16> events_{};
};

}  // namespace

void cuda_check(int code, const char* what, std::source_location place) {
  if (code == cudaSuccess) return;
  throw Error(Fault::device, std::string("cannot ") + what + ": " + cudaGetErrorString(static_cast<cudaError_t>(code)) +
                                 " (" + place.file_name() + ":" + std::to_string(place.line()) + ")");
}

std::unique_ptr<Device> open_cuda_device(int index) { return std::make_unique<CudaDevice>(index); }

}  // namespace ytterby

#else

namespace ytterby {

std::unique_ptr<Device> open_cuda_device(int) { throw Error(Fault::device, "this program was built without CUDA"); }

}  // namespace ytterby

#endif
