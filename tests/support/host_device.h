#pragma once
// A device made of host threads: streams that really run side by side, memory that is poisoned, kernels that are the
// GPU's own bodies. What forgets to wait for an event is a data race here, and the thread sanitizer sees it.

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "engine/device/device.h"

namespace ytterby {

class HostDevice final : public Device {
 public:
  explicit HostDevice(std::string name = "host shim", std::size_t memory = std::size_t{1} << 33);
  HostDevice(const HostDevice&) = delete;
  HostDevice& operator=(const HostDevice&) = delete;
  ~HostDevice() override;

  /// Buffers that nobody has freed.
  [[nodiscard]] std::size_t allocations() const { return memory_.size(); }
  /// The n-th launch from now on throws Fault::device.
  void fail_at_launch(int n) { launches_left_ = n; }
  /// Every n-th path comes out as if the history had taken another; 0 none.
  void spoil_paths(std::uint32_t every) { spoil_ = every; }

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::size_t memory_left() const override { return capacity_ - used_; }
  [[nodiscard]] std::size_t memory_of_launches() const override { return 0; }
  void* allocate(std::size_t bytes) override;
  void release(void* memory) noexcept override;
  void clear(DeviceStream stream, void* memory, std::size_t bytes) override;
  void copy_in(DeviceStream stream, void* to, const void* host, std::size_t bytes) override;
  void copy_out(DeviceStream stream, void* host, const void* from, std::size_t bytes) override;
  void launch(DeviceStream stream, DeviceKernel kernel, const DeviceLaunch& launch) override;
  void launch(DeviceStream stream, DeviceKernel kernel, const WeightedLaunch& launch) override;
  void launch(DeviceStream stream, const ReferenceLaunch& launch) override;
  void launch(DeviceStream stream, const DeviceStructure& structure) override;
  void launch(DeviceStream stream, const DeviceFold& fold) override;
  void launch(DeviceStream stream, const DeviceGather& gather) override;
  void launch(DeviceStream stream, const ReplayLaunch& replay) override;
  void launch(DeviceStream stream, const PathLaunch& paths) override;
  void launch(DeviceStream stream, ConvolutionStage stage, const DeviceConvolution& work) override;
  void transform(DeviceStream stream, const DeviceConvolution& work, double* boxes, int batch,
                 FftDirection direction) override;
  [[nodiscard]] std::string why_no_fft() const override { return {}; }
  void record(DeviceStream stream, int event) override;
  void wait(DeviceStream stream, int event) override;
  void wait_on_host(int event) override;
  void wait_on_host(DeviceStream stream) override;
  void drain() noexcept override;
  void time_kernels(bool on) override;
  [[nodiscard]] std::vector<KernelTime> kernel_times() const override { return times_; }

 private:
  /// Work done in order by a thread.
  class Lane {
   public:
    void put(std::function<void()> work);
    void wait_until_empty();

   private:
    void run(const std::stop_token& stop);
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<std::function<void()>> work_;
    bool busy_ = false;
    std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
  };

  Lane& at(DeviceStream stream) { return lanes_[static_cast<std::size_t>(stream)]; }
  void count_launch();
  /// Puts a launch into a stream; with timing it runs alone.
  void put(DeviceStream stream, const char* kernel, std::function<void()> work);
  std::uint64_t latest(int event);
  void wait_for(int event, std::uint64_t record);

  std::string name_;
  std::size_t capacity_, used_ = 0;
  std::map<void*, std::size_t> memory_;
  int launches_left_ = -1;
  std::uint32_t spoil_ = 0;
  bool timing_ = false;
  std::vector<KernelTime> times_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<std::uint64_t, 16> recorded_{}, happened_{};  // numbers of records put into streams, and done
  std::array<Lane, device_streams> lanes_;                 // last: their threads use all the rest
};

}  // namespace ytterby
