#include "engine/device/cuda_device.h"

#include "engine/base/error.h"
#include "engine/base/parallel.h"

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

/// The kernels of that name; empty: the first.
const CudaTransport& transport_named(const std::string& name) {
  const View<CudaTransport> all = cuda_transports();
  for (std::uint32_t i = 0; i < all.size; ++i)
    if (name.empty() || name == all[i].name) return all[i];
  throw Error(Fault::usage, "there is no transport kernel '" + name + "'");
}

class CudaDevice final : public Device {
 public:
  CudaDevice(int index, const CudaVariant& variant)
      : index_(index), one_stream_(variant.one_stream), transport_(transport_named(variant.kernel)) {
    use();
    cudaDeviceProp properties{};
    cuda_check(cudaGetDeviceProperties(&properties, index), "ask for the device's name");
    name_ = std::string("cuda ") + properties.name;
    few_blocks_ = properties.multiProcessorCount;
    int resident = 0;
    cuda_check(transport_.resident_blocks(&resident), "ask for the kernel's occupancy");
    int resident_photons = 0;
    cuda_check(transport_.resident_photon_blocks(&resident_photons), "ask for the photon kernel's occupancy");
    photon_blocks_ = resident_photons * few_blocks_;
    if (resident < 1) throw Error(Fault::device, name_ + " has no room for a block of the electron kernel");
    electron_blocks_ = (variant.room && resident > 1 ? resident - 1 : resident) * few_blocks_;
    int lowest = 0, highest = 0;  // a smaller number goes first
    cuda_check(cudaDeviceGetStreamPriorityRange(&lowest, &highest), "ask for the streams' priorities");
    for (std::size_t i = 0; i < streams_.size(); ++i)
      cuda_check(
          cudaStreamCreateWithPriority(&streams_[i], cudaStreamNonBlocking, i < electron_streams ? lowest : highest),
          "make a stream");
    for (cudaEvent_t& event : events_)
      cuda_check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming | cudaEventBlockingSync), "make an event");
    for (cudaEvent_t& event : timer_) cuda_check(cudaEventCreate(&event), "make an event");
  }
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;
  ~CudaDevice() override {
    cudaSetDevice(index_);
    for (Quad* slab : slabs_) cudaFree(slab);
    for (cudaEvent_t event : events_) cudaEventDestroy(event);
    for (cudaEvent_t event : timer_) cudaEventDestroy(event);
    for (cudaStream_t stream : streams_) cudaStreamDestroy(stream);
  }

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::size_t memory_left() const override {
    use();
    std::size_t left = 0, all = 0;
    cuda_check(cudaMemGetInfo(&left, &all), "ask for the device's memory");
    return left;
  }

  [[nodiscard]] std::size_t memory_of_launches() const override {
    return static_cast<std::size_t>(std::count(slabs_.begin(), slabs_.end(), nullptr)) * slab_bytes();
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
      if (transport_.slab_quads > 0) work.slab = slab_of(stream);
      work.portion = portion_of(launch.count, electron_blocks_);
      timed("electrons", stream, [&] {
        cuda_check(transport_.launch_histories(work, electron_blocks_, at(stream)), "launch the electron kernel");
      });
    } else {
      const int blocks = kernel == DeviceKernel::photons ? photon_blocks_ : few_blocks_;
      timed(kernel == DeviceKernel::photons ? "photons" : "last photons", stream,
            [&] { cuda_check(transport_.launch_photons(work, blocks, at(stream)), "launch the photon kernel"); });
    }
  }
  void launch(DeviceStream stream, DeviceKernel kernel, const WeightedLaunch& launch) override {
    use();
    WeightedLaunch work = launch;
    const CudaCorrelatedBlocks& blocks = correlated_blocks();
    if (kernel == DeviceKernel::histories) {
      check_sides(launch.view.grid);
      work.slab = slab_of(stream);
      timed("weighted electrons", stream, [&] {
        cuda_check(cuda_launch_weighted_histories(work, blocks.histories, at(stream)), "launch the weighted kernel");
      });
    } else {
      const bool all = kernel == DeviceKernel::photons;
      timed(all ? "weighted photons" : "last weighted photons", stream, [&] {
        cuda_check(cuda_launch_weighted_photons(work, all ? blocks.photons : few_blocks_, at(stream)),
                   "launch the weighted photon kernel");
      });
    }
  }
  void launch(DeviceStream stream, const ReferenceLaunch& launch) override {
    use();
    check_sides(launch.view.grid);
    ReferenceLaunch work = launch;
    const int blocks = correlated_blocks().reference;
    work.slab = slab_of(stream);
    timed("reference medium", stream,
          [&] { cuda_check(cuda_launch_reference(work, blocks, at(stream)), "launch the reference kernel"); });
  }
  void launch(DeviceStream stream, const DeviceStructure& structure) override {
    use();
    timed("structure sum", stream,
          [&] { cuda_check(cuda_launch_structure(structure, at(stream)), "launch a structure's sum"); });
  }
  void launch(DeviceStream stream, const DeviceFold& fold) override {
    use();
    timed("fold", stream, [&] { cuda_check(cuda_launch_fold(fold, at(stream)), "launch the fold"); });
  }

  void launch(DeviceStream stream, const DeviceGather& gather) override {
    use();
    timed("gather", stream, [&] { cuda_check(cuda_launch_gather(gather, at(stream)), "gather sums"); });
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
    timed("convolution", stream,
          [&] { cuda_check(cuda_launch_convolution(stage, work, at(stream)), "launch a convolution"); });
  }
  void transform(DeviceStream stream, const DeviceConvolution& work, double* boxes, int batch,
                 FftDirection direction) override {
    use();
    std::array<int, 3> size{};
    for (std::size_t i = 0; i < 3; ++i) size[i] = static_cast<int>(work.size[i]);
    timed("transform", stream, [&] {
      direction == FftDirection::forward ? cufft_forward(at(stream), size, batch, boxes)
                                         : cufft_inverse(at(stream), size, batch, boxes);
    });
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

  void time_kernels(bool on) override {
    timing_ = on;
    times_.clear();
  }
  [[nodiscard]] std::vector<KernelTime> kernel_times() const override { return times_; }

 private:
  /// With timing: the launch alone, between two events.
  template <class Launch>
  void timed(const char* kernel, DeviceStream stream, Launch launch) {
    if (!timing_) return launch();
    cuda_check(cudaDeviceSynchronize(), "run on the device");
    cuda_check(cudaEventRecord(timer_[0], at(stream)), "record an event");
    launch();
    cuda_check(cudaEventRecord(timer_[1], at(stream)), "record an event");
    cuda_check(cudaEventSynchronize(timer_[1]), "run on the device");
    float milliseconds = 0;
    cuda_check(cudaEventElapsedTime(&milliseconds, timer_[0], timer_[1]), "time a kernel");
    auto time = std::find_if(times_.begin(), times_.end(), [&](const KernelTime& t) { return t.kernel == kernel; });
    if (time == times_.end()) time = times_.insert(times_.end(), KernelTime{kernel, 0, 0});
    ++time->launches;
    time->seconds += 1e-3 * static_cast<double>(milliseconds);
  }
  void use() const { cuda_check(cudaSetDevice(index_), "select the device"); }
  [[nodiscard]] cudaStream_t at(DeviceStream stream) const {
    if (one_stream_ && static_cast<std::size_t>(stream) < electron_streams) stream = DeviceStream::electrons;
    return streams_[static_cast<std::size_t>(stream)];
  }
  /// Where a pool's electrons wait: each electron stream's own, made when it is first asked for.
  Quad* slab_of(DeviceStream stream) {
    Quad*& slab = slabs_[static_cast<std::size_t>(stream)];
    if (slab == nullptr) slab = static_cast<Quad*>(allocate(slab_bytes()));
    return slab;
  }
  /// Enough for the pools of a correlated run, too, which may come.
  [[nodiscard]] std::size_t slab_bytes() const {
    const std::size_t blocks = static_cast<std::size_t>(std::max(electron_blocks_, cuda_pool_blocks * few_blocks_));
    return slab_quads_per_block * blocks * sizeof(Quad);
  }
  /// Blocks of the device for each kernel of the correlated estimator; asked for when the first of them is launched.
  const CudaCorrelatedBlocks& correlated_blocks() {
    if (correlated_.histories > 0) return correlated_;
    CudaCorrelatedBlocks resident;
    cuda_check(cuda_correlated_blocks(&resident), "ask for the correlated kernels' occupancy");
    if (resident.histories < 1 || resident.reference < 1)
      throw Error(Fault::device, name_ + " has no room for a block of the correlated kernels");
    // As many as the slab has room for.
    const auto of_device = [&](int blocks) { return std::min(blocks, cuda_pool_blocks) * few_blocks_; };
    correlated_ = {of_device(resident.histories), of_device(resident.reference), resident.photons * few_blocks_};
    return correlated_;
  }
  void check_sides(const GridView& grid) const {
    for (const std::uint32_t side : grid.shape)
      if (side > pool_longest_side)
        throw Error(Fault::device, name_ + ": the correlated estimator follows grids of up to " +
                                       std::to_string(pool_longest_side) + " voxels along an axis, this one has " +
                                       std::to_string(side) + ": --device cpu, or --estimator plain");
  }
  [[nodiscard]] cudaEvent_t at(int event) const { return events_[static_cast<std::size_t>(event)]; }

  int index_;
  bool one_stream_, timing_ = false;
  const CudaTransport& transport_;
  std::string name_;
  int electron_blocks_ = 0, photon_blocks_ = 0, few_blocks_ = 0;
  CudaCorrelatedBlocks correlated_;
  std::array<Quad*, electron_streams> slabs_{};
  std::array<cudaStream_t, device_streams> streams_{};
  std::array<cudaEvent_t, 16> events_{};
  std::array<cudaEvent_t, 2> timer_{};
  std::vector<KernelTime> times_;
};

}  // namespace

void cuda_check(int code, const char* what, std::source_location place) {
  if (code == cudaSuccess) return;
  throw Error(Fault::device, std::string("cannot ") + what + ": " + cudaGetErrorString(static_cast<cudaError_t>(code)) +
                                 " (" + place.file_name() + ":" + std::to_string(place.line()) + ")");
}

std::unique_ptr<Device> open_cuda_device(int index, const CudaVariant& variant) {
  return std::make_unique<CudaDevice>(index, variant);
}

std::vector<std::string> CudaVariant::names() {
  const View<CudaTransport> all = cuda_transports();
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < all.size; ++i)
    for (const char* layout : {"", "+room", "+one-stream"}) names.push_back(all[i].name + std::string(layout));
  return names;
}

}  // namespace ytterby

#else

namespace ytterby {

std::vector<std::string> CudaVariant::names() { return {}; }

std::unique_ptr<Device> open_cuda_device(int, const CudaVariant&) {
  throw Error(Fault::device, "this program was built without CUDA");
}

}  // namespace ytterby

#endif

namespace ytterby {

std::vector<std::unique_ptr<Device>> open_cuda_devices(std::span<const int> indices) {
  std::vector<std::unique_ptr<Device>> devices(indices.size());
  const auto count = static_cast<int>(indices.size());
  const auto open = [&](int i) {
    devices[static_cast<std::size_t>(i)] = open_cuda_device(indices[static_cast<std::size_t>(i)]);
  };
  parallel_for(count, open, count);
  return devices;
}

CudaVariant CudaVariant::named(const std::string& name) {
  std::string list;
  for (const std::string& known : names()) {
    list += (list.empty() ? "" : ", ") + known;
    if (known != name) continue;
    const std::size_t plus = name.find('+');
    return {name.substr(0, plus), name.ends_with("+room"), name.ends_with("+one-stream")};
  }
  throw Error(Fault::usage, "there is no variant '" + name + "'; there are: " + (list.empty() ? "none" : list));
}

}  // namespace ytterby
