#pragma once
// What a run asks of a device. CUDA devices have one implementation (cuda_device.cpp); the tests have one on host
// threads, so that everything around the kernels is tested without a GPU.

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kernels/convolution/convolution_body.h"
#include "kernels/launch/device_correlated.h"
#include "kernels/launch/replay_body.h"

namespace ytterby {

/// Work in one stream is done in order; different streams run side by side, and record()/wait() order them. Each of the
/// batches that are under way has a stream for its electrons and one for its photons, sums and fold. What is in a
/// finish or copy stream goes before electrons where both wait for room on the device.
enum class DeviceStream { electrons, electrons_two, electrons_three, finish, finish_two, finish_three, copy };
inline constexpr std::size_t device_streams = 7;
inline constexpr std::size_t electron_streams = 3;

/// The stream of the electrons, and of all that follows them, of the batch in that slot.
constexpr DeviceStream electrons_of(int slot) { return static_cast<DeviceStream>(slot); }
constexpr DeviceStream finish_of(int slot) {
  return static_cast<DeviceStream>(slot + static_cast<int>(electron_streams));
}

/// Which kernel follows particles, and with how many threads: all that the device holds at once, or few where little
/// is left to do.
enum class DeviceKernel { histories, photons, last_photons };

enum class FftDirection { forward, inverse };

/// What launches of one kind took, each by itself.
struct KernelTime {
  std::string kernel;
  int launches = 0;
  double seconds = 0;
};

/// A device and its memory. All but allocate(), record() and the waits on the host may return before the work is done.
/// Everything throws Fault::device.
class Device {
 public:
  virtual ~Device() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual std::size_t memory_left() const = 0;  // [bytes]
  /// What launches will still allocate for themselves [bytes].
  [[nodiscard]] virtual std::size_t memory_of_launches() const = 0;

  virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* memory) noexcept = 0;
  virtual void clear(DeviceStream stream, void* memory, std::size_t bytes) = 0;
  virtual void copy_in(DeviceStream stream, void* to, const void* host,
                       std::size_t bytes) = 0;  // host memory stays put
  virtual void copy_out(DeviceStream stream, void* host, const void* from, std::size_t bytes) = 0;

  virtual void launch(DeviceStream stream, DeviceKernel kernel, const DeviceLaunch& launch) = 0;
  /// Histories with weights, and their photons.
  virtual void launch(DeviceStream stream, DeviceKernel kernel, const WeightedLaunch& launch) = 0;
  /// Histories in the reference medium.
  virtual void launch(DeviceStream stream, const ReferenceLaunch& launch) = 0;
  virtual void launch(DeviceStream stream, const DeviceStructure& structure) = 0;
  virtual void launch(DeviceStream stream, const DeviceFold& fold) = 0;
  virtual void launch(DeviceStream stream, const DeviceGather& gather) = 0;

  virtual void launch(DeviceStream stream, const ReplayLaunch& replay) = 0;
  virtual void launch(DeviceStream stream, const PathLaunch& paths) = 0;

  virtual void launch(DeviceStream stream, ConvolutionStage stage, const DeviceConvolution& work) = 0;
  /// Real to complex and back, in place, of `batch` boxes one behind the other; no scaling.
  virtual void transform(DeviceStream stream, const DeviceConvolution& work, double* boxes, int batch,
                         FftDirection direction) = 0;
  /// Empty where transform() can be used, else one line.
  [[nodiscard]] virtual std::string why_no_fft() const = 0;

  /// An event: what has been put into `stream` so far. Events are numbered 0 .. 15 by the caller and used again.
  virtual void record(DeviceStream stream, int event) = 0;
  /// `stream` goes on when the event has happened; an event that was never recorded counts as happened.
  virtual void wait(DeviceStream stream, int event) = 0;
  virtual void wait_on_host(int event) = 0;
  virtual void wait_on_host(DeviceStream stream) = 0;
  /// All streams are empty afterwards; for destructors.
  virtual void drain() noexcept = 0;

  /// From now on every launch waits until the device is empty and is timed by itself; forgets earlier times.
  virtual void time_kernels(bool on) = 0;
  [[nodiscard]] virtual std::vector<KernelTime> kernel_times() const = 0;
};

/// `size` elements of T on a device, freed at the end.
template <class T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  /// Zeroed.
  DeviceBuffer(Device& device, std::size_t size) : device_(&device), size_(size) {
    if (size == 0) return;
    data_ = static_cast<T*>(device.allocate(size * sizeof(T)));
    device.clear(DeviceStream::copy, data_, size * sizeof(T));
    device.wait_on_host(DeviceStream::copy);
  }
  DeviceBuffer(Device& device, std::span<const T> host) : device_(&device), size_(host.size()) {
    if (host.empty()) return;
    data_ = static_cast<T*>(device.allocate(host.size_bytes()));
    device.copy_in(DeviceStream::copy, data_, host.data(), host.size_bytes());
    device.wait_on_host(DeviceStream::copy);
  }
  DeviceBuffer(DeviceBuffer&& other) noexcept { *this = std::move(other); }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;
  ~DeviceBuffer() {
    if (data_ != nullptr) device_->release(data_);
  }

  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Elements [first, first + count) on the host; waits for the copy, and for nothing else.
  [[nodiscard]] std::vector<T> host(std::size_t first, std::size_t count) const {
    std::vector<T> result(count);
    if (count == 0) return result;
    device_->copy_out(DeviceStream::copy, result.data(), data_ + first, count * sizeof(T));
    device_->wait_on_host(DeviceStream::copy);
    return result;
  }
  [[nodiscard]] std::vector<T> host() const { return host(0, size_); }

 private:
  Device* device_ = nullptr;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace ytterby
