// Which device a run gets, for machines that we do not have.

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "engine/base/error.h"
#include "engine/run/device_choice.h"

namespace ytterby {
namespace {

CudaStatus machine(std::vector<int> majors) {
  CudaStatus status{true, {}, "this machine has no CUDA device"};
  for (const int major : majors)
    status.devices.push_back({static_cast<int>(status.devices.size()), "card", major, 0, std::size_t{1} << 33, 80});
  if (!status.devices.empty()) status.why_none.clear();
  return status;
}

std::string fine(int) { return {}; }
std::string second_is_broken(int device) { return device == 1 ? "RMS z is 3" : ""; }

std::string message(Backend backend, std::vector<int> wanted, const CudaStatus& status, Fault expected) {
  try {
    (void)choose_backend(backend, wanted, status, &fine);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), expected);
    return error.what();
  }
  return "nothing is wrong";
}

using Devices = std::vector<int>;

TEST(Backend, TakesAllDevicesOrThoseWanted) {
  EXPECT_EQ(choose_backend(Backend::cuda, {}, machine({9, 7, 8}), &fine).cuda_devices, (Devices{0, 2}));
  EXPECT_EQ(choose_backend(Backend::cuda, Devices{2}, machine({9, 7, 8}), &fine).cuda_devices, Devices{2});
  EXPECT_EQ(choose_backend(Backend::automatic, {}, machine({9, 9}), &fine).cuda_devices, (Devices{0, 1}));
  EXPECT_TRUE(choose_backend(Backend::cpu, {}, machine({9}), &fine).cuda_devices.empty());
  // What was asked for by name is not checked: the user decides.
  EXPECT_EQ(choose_backend(Backend::cuda, Devices{1}, machine({9, 9}), &second_is_broken).cuda_devices, Devices{1});
}

TEST(Backend, FallsBackToTheCpuAndSaysWhy) {
  EXPECT_EQ(choose_backend(Backend::automatic, {}, machine({}), &fine).note,
            "running on the CPU: this machine has no CUDA device");
  EXPECT_EQ(choose_backend(Backend::automatic, {}, machine({7}), &fine).note,
            "running on the CPU: card has compute capability 7.0, needs 8.0 or newer");
  const BackendChoice broken = choose_backend(Backend::automatic, {}, machine({9, 9}), &second_is_broken);
  EXPECT_TRUE(broken.cuda_devices.empty());
  EXPECT_EQ(broken.note, "running on the CPU: CUDA device 1 failed its self-check: RMS z is 3");
}

/// Fine where the other device is being checked at the same time.
std::string with_the_other(int) {
  static std::mutex mutex;
  static std::condition_variable changed;
  static int checking = 0;
  std::unique_lock lock(mutex);
  ++checking;
  changed.notify_all();
  return changed.wait_for(lock, std::chrono::seconds(30), [] { return checking == 2; }) ? "" : "is checked alone";
}

TEST(Backend, ChecksAllDevicesAtOnce) {
  EXPECT_EQ(choose_backend(Backend::automatic, {}, machine({9, 9}), &with_the_other).note, "");
}

TEST(Backend, RefusesWhatCannotBe) {
  EXPECT_EQ(message(Backend::cuda, {}, machine({}), Fault::device),
            "no CUDA device can be used: this machine has no CUDA device; use --device cpu");
  EXPECT_EQ(message(Backend::cuda, {3}, machine({9, 8}), Fault::device),
            "CUDA device 3 cannot be used; those that can: 0, 1");
  EXPECT_EQ(message(Backend::cuda, {0, 0}, machine({9, 8}), Fault::usage), "CUDA device 0 is listed twice");
}

}  // namespace
}  // namespace ytterby
