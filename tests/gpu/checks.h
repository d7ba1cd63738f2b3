#pragma once
// What is checked on a GPU, and what is measured.

#include <exception>
#include <string>
#include <vector>

#include "cases.h"
#include "engine/device/device.h"
#include "engine/run/device_check.h"

namespace ytterby::gpu_check {

/// One thing that was looked at.
struct Finding {
  enum class State { good, bad, skipped } state = State::good;
  std::string what, detail;
};

/// Runs `check`, which returns a detail and throws where something is wrong.
template <class Check>
Finding finding(const std::string& what, Check check) {
  try {
    return {Finding::State::good, what, check()};
  } catch (const std::exception& error) {
    return {Finding::State::bad, what, error.what()};
  }
}

struct Rate {
  double median = 0, low = 0, high = 0;  // histories/s
  std::uint64_t histories = 0;           // in a run
  int runs = 0;
};

/// The host's part: ledger, threads and instruction levels give sums that balance and are equal.
std::string check_host(const Case& c, std::uint64_t histories);
/// Convolution by FFT against the plain sum on the host.
std::string check_host_convolution();

/// Energies and paths against the CPU; throws where a bound of engine/run/device_check.h does not hold.
std::string check_agreement(Device& device, const Case& c, std::uint64_t histories, std::uint32_t paths,
                            DeviceAgreement& agreement);
/// The same bits from two runs, from other portions, and from all `devices` together.
std::string check_bits(std::span<Device* const> devices, const Case& c, std::uint64_t histories);
/// Events of a few histories, on the device and on the host.
std::string check_replay(Device& device, const Case& c);
/// cuFFT and the plain sum on the device against the host.
std::string check_convolution(Device& device);

/// Histories per second: the median of several runs of about a second each.
Rate measure(std::span<Device* const> devices, const Case& c, double seconds, int runs);
/// The same on the host's threads.
Rate measure_host(const Case& c, double seconds, int runs);

}  // namespace ytterby::gpu_check
