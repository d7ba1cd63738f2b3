#include "support/host_device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <complex>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numbers>
#include <vector>

#include "engine/base/error.h"
#include "support/host_threads.h"

namespace ytterby {
namespace {

using test::HostThread;
using test::run_threads;

/// A transform of `count` numbers `stride` apart, by its definition.
void transform_line(std::complex<double>* line, std::size_t count, std::size_t stride, double sign) {
  std::vector<std::complex<double>> in(count), turn(count);
  for (std::size_t i = 0; i < count; ++i) {
    in[i] = line[i * stride];
    turn[i] = std::polar(1.0, sign * 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(count));
  }
  for (std::size_t k = 0; k < count; ++k) {
    std::complex<double> sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += in[i] * turn[i * k % count];
    line[k * stride] = sum;
  }
}

/// A box, real to complex or back in place, by complex lines: what cuFFT's layout means.
void transform_box(const DeviceConvolution& c, double* box, bool forward) {
  const std::size_t nx = c.size[0], ny = c.size[1], nz = c.size[2], pairs = c.row / 2;
  std::vector<std::complex<double>> full(nx * ny * nz);
  for (std::size_t z = 0; z < nz; ++z)
    for (std::size_t y = 0; y < ny; ++y)
      for (std::size_t x = 0; x < nx; ++x) {
        std::complex<double>& to = full[x + nx * (y + ny * z)];
        const std::size_t row = c.row * (y + ny * z), mirrored = c.row * ((ny - y) % ny + ny * ((nz - z) % nz));
        if (forward) {
          to = box[row + x];
        } else if (x < pairs) {
          to = {box[row + 2 * x], box[row + 2 * x + 1]};
        } else {  // of a real array
          to = {box[mirrored + 2 * (nx - x)], -box[mirrored + 2 * (nx - x) + 1]};
        }
      }
  const double sign = forward ? -1 : 1;
  for (std::size_t i = 0; i < ny * nz; ++i) transform_line(&full[i * nx], nx, 1, sign);
  for (std::size_t z = 0; z < nz; ++z)
    for (std::size_t x = 0; x < nx; ++x) transform_line(&full[z * ny * nx + x], ny, nx, sign);
  for (std::size_t i = 0; i < ny * nx; ++i) transform_line(&full[i], nz, nx * ny, sign);
  for (std::size_t i = 0; i < ny * nz; ++i)
    for (std::size_t x = 0; x < (forward ? pairs : nx); ++x) {
      const std::complex<double> value = full[i * nx + x];
      if (forward) {
        box[c.row * i + 2 * x] = value.real();
        box[c.row * i + 2 * x + 1] = value.imag();
      } else {
        box[c.row * i + x] = value.real();
      }
    }
}

/// Runs a kernel that follows pools with a slab for all its blocks.
template <class Launch, class Body>
void run_pools(Launch launch, Body body) {
  std::vector<Quad> slab(std::size_t{2} * test::block_threads * slab_quads_per_block);
  launch.slab = slab.data();
  run_threads(2, [&](HostThread thread) { body(launch, thread); });
}

}  // namespace

HostDevice::HostDevice(std::string name, std::size_t memory) : name_(std::move(name)), capacity_(memory) {}

HostDevice::~HostDevice() {
  drain();
  EXPECT_EQ(memory_.size(), 0u) << "device memory is leaked";
}

void HostDevice::Lane::put(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  work_.push_back(std::move(work));
  changed_.notify_all();
}

void HostDevice::Lane::wait_until_empty() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return work_.empty() && !busy_; });
}

void HostDevice::Lane::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !work_.empty(); })) {
    const std::function<void()> work = std::move(work_.front());
    work_.pop_front();
    busy_ = true;
    lock.unlock();
    work();
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

void* HostDevice::allocate(std::size_t bytes) {
  if (bytes > memory_left()) throw Error(Fault::device, name_ + ": out of memory");
  void* memory = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
  std::memset(memory, 0xa5, bytes);
  memory_[memory] = bytes;
  used_ += bytes;
  return memory;
}

void HostDevice::release(void* memory) noexcept {
  used_ -= memory_.at(memory);
  memory_.erase(memory);
  std::free(memory);
}

void HostDevice::clear(DeviceStream stream, void* memory, std::size_t bytes) {
  at(stream).put([=] { std::memset(memory, 0, bytes); });
}

void HostDevice::copy_in(DeviceStream stream, void* to, const void* host, std::size_t bytes) {
  at(stream).put([=] { std::memcpy(to, host, bytes); });
}

void HostDevice::copy_out(DeviceStream stream, void* host, const void* from, std::size_t bytes) {
  at(stream).put([=] { std::memcpy(host, from, bytes); });
}

void HostDevice::count_launch() {
  if (launches_left_ > 0 && --launches_left_ == 0) throw Error(Fault::device, name_ + ": launch failed as asked for");
}

void HostDevice::time_kernels(bool on) {
  timing_ = on;
  times_.clear();
}

void HostDevice::put(DeviceStream stream, const char* kernel, std::function<void()> work) {
  count_launch();
  if (!timing_) return at(stream).put(std::move(work));
  drain();
  const auto start = std::chrono::steady_clock::now();
  at(stream).put(std::move(work));
  drain();
  auto time = std::find_if(times_.begin(), times_.end(), [&](const KernelTime& t) { return t.kernel == kernel; });
  if (time == times_.end()) time = times_.insert(times_.end(), KernelTime{kernel, 0, 0});
  ++time->launches;
  time->seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void HostDevice::launch(DeviceStream stream, DeviceKernel kernel, const DeviceLaunch& launch) {
  const char* names[] = {"electrons", "photons", "last photons"};
  put(stream, names[static_cast<std::size_t>(kernel)], [=] {
    if (kernel == DeviceKernel::histories) {
      run_pools(launch, [](const DeviceLaunch& work, HostThread thread) { follow_pooled_histories(work, thread); });
    } else if (*launch.queued > 0) {  // a launch without photons does nothing, and threads cost
      run_threads(kernel == DeviceKernel::photons ? 2 : 1,
                  [&](HostThread thread) { follow_queued_photons(launch, thread); });
    }
  });
}

void HostDevice::launch(DeviceStream stream, DeviceKernel kernel, const WeightedLaunch& launch) {
  const char* names[] = {"weighted electrons", "weighted photons", "last weighted photons"};
  put(stream, names[static_cast<std::size_t>(kernel)], [=] {
    if (kernel == DeviceKernel::histories) {
      run_pools(launch, [](const WeightedLaunch& work, HostThread thread) { follow_weighted_histories(work, thread); });
    } else if (*launch.queued > 0) {
      run_threads(kernel == DeviceKernel::photons ? 2 : 1,
                  [&](HostThread thread) { follow_weighted_photons(launch, thread); });
    }
  });
}

void HostDevice::launch(DeviceStream stream, const ReferenceLaunch& launch) {
  put(stream, "reference medium", [=] {
    run_pools(launch, [](const ReferenceLaunch& work, HostThread thread) { follow_reference_histories(work, thread); });
  });
}

void HostDevice::launch(DeviceStream stream, const DeviceStructure& structure) {
  put(stream, "structure sum", [=] { run_threads(2, [&](HostThread thread) { sum_structure(structure, thread); }); });
}

void HostDevice::launch(DeviceStream stream, const DeviceFold& fold) {
  put(stream, "fold", [=] { run_threads(2, [&](HostThread thread) { fold_voxels(fold, thread); }); });
}

void HostDevice::launch(DeviceStream stream, const DeviceGather& gather) {
  put(stream, "gather", [=] { run_threads(2, [&](HostThread thread) { gather_sums(gather, thread); }); });
}

void HostDevice::launch(DeviceStream stream, const ReplayLaunch& replay) {
  put(stream, "replay", [=] { run_threads(1, [&](HostThread thread) { list_events(replay, thread); }); });
}

void HostDevice::launch(DeviceStream stream, const PathLaunch& paths) {
  put(stream, "paths", [=, this] {
    run_threads(1, [&](HostThread thread) { hash_paths(paths, thread); });
    for (std::uint32_t i = 0; spoil_ > 0 && i < paths.count; i += spoil_) paths.path[i] ^= 1;
  });
}

void HostDevice::launch(DeviceStream stream, ConvolutionStage stage, const DeviceConvolution& work) {
  put(stream, "convolution", [=] {
    run_threads(2, [&](HostThread thread) {
      switch (stage) {
        case ConvolutionStage::place:
          return place_boxes(work, thread);
        case ConvolutionStage::multiply:
          return multiply_boxes(work, thread);
        case ConvolutionStage::take:
          return take_result(work, thread);
        case ConvolutionStage::direct:
          return sum_directly(work, thread);
      }
    });
  });
}

void HostDevice::transform(DeviceStream stream, const DeviceConvolution& work, double* boxes, int batch,
                           FftDirection direction) {
  at(stream).put([=] {
    for (int b = 0; b < batch; ++b)
      transform_box(work, boxes + static_cast<std::size_t>(b) * work.box(), direction == FftDirection::forward);
  });
}

void HostDevice::record(DeviceStream stream, int event) {
  const auto e = static_cast<std::size_t>(event);
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++recorded_[e];
  }
  at(stream).put([=, this] {
    const std::lock_guard lock(mutex_);
    happened_[e] = number;
    changed_.notify_all();
  });
}

std::uint64_t HostDevice::latest(int event) {
  const std::lock_guard lock(mutex_);
  return recorded_[static_cast<std::size_t>(event)];
}

void HostDevice::wait_for(int event, std::uint64_t record) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return happened_[static_cast<std::size_t>(event)] >= record; });
}

void HostDevice::wait(DeviceStream stream, int event) {
  const std::uint64_t record = latest(event);
  at(stream).put([=, this] { wait_for(event, record); });
}

void HostDevice::wait_on_host(int event) { wait_for(event, latest(event)); }

void HostDevice::wait_on_host(DeviceStream stream) { at(stream).wait_until_empty(); }

void HostDevice::drain() noexcept {
  for (Lane& lane : lanes_) lane.wait_until_empty();
}

}  // namespace ytterby
