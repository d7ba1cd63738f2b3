#pragma once
// What is checked on a GPU, and what is measured.

#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
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

/// Thrown by a check that cannot be made here, with the reason.
struct Skip : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Runs `check`, which returns a detail, throws Skip where it cannot be made and something else where something is
/// wrong.
template <class Check>
Finding finding(const std::string& what, Check check) {
  try {
    return {Finding::State::good, what, check()};
  } catch (const Skip& why) {
    return {Finding::State::skipped, what, why.what()};
  } catch (const std::exception& error) {
    return {Finding::State::bad, what, error.what()};
  }
}

struct Rate {
  double median = 0, low = 0, high = 0;  // histories/s
  std::uint64_t histories = 0;           // in a run
  int runs = 0;
  std::vector<double> seconds = {};  // of each run, in their order
};

/// The host's part: ledger, threads and instruction levels give sums that balance and are equal.
std::string check_host(const Case& c, std::uint64_t histories);
/// Convolution by FFT against the plain sum on the host.
std::string check_host_convolution();

/// Energies and, of plain histories, paths against the CPU; throws where a bound of engine/run/device_check.h does not
/// hold.
std::string check_agreement(Device& device, const Case& c, std::uint64_t histories, std::uint32_t paths,
                            DeviceAgreement& agreement);
/// The same bits from two runs, from other portions, and from all `devices` together.
std::string check_bits(std::span<Device* const> devices, const Case& c, std::uint64_t histories);
/// Events of a few histories, on the device and on the host.
std::string check_replay(Device& device, const Case& c);
/// The plain sum on the device against the host, and cuFFT, which is skipped where there is none.
std::string check_convolution(Device& device);
std::string check_cufft(Device& device);

/// What every layout of the transport has to give: the same sums and errors, to the bit.
struct Variant {
  std::string name;
  Device* device = nullptr;
};
std::string check_variant(const Variant& variant, Device& expected, const Case& c, std::uint64_t histories);

/// Device time of each kernel for `histories` in 64 batches, every launch by itself.
std::vector<KernelTime> time_kernels(Device& device, const Case& c, std::uint64_t histories);

/// Seconds from nothing to a device that is ready for the first history.
struct StartUp {
  double context = 0, tables = 0, upload = 0;
};
/// `open` opens the device anew, `make` builds the case's tables.
StartUp measure_start_up(const std::function<std::unique_ptr<Device>()>& open, const std::function<Case()>& make);

/// What a run of 1e7 histories spends its time with, in the 1 mm patient or another case, one part after the other [s].
struct Parts {
  double context = 0, tables = 0, upload = 0;  // as above
  double transport = 0;                        // kernels that follow particles, each launch by itself
  double fold = 0;                             // structure sums and folds, the same
  double download = 0;                         // of the sums
  double histogram = 0;                        // of a structure of half the voxels, on the host
};
Parts measure_parts(const std::function<std::unique_ptr<Device>()>& open, const std::function<Case()>& make,
                    std::uint64_t histories);

/// Histories per second: the median of several runs of about a second each.
Rate measure(std::span<Device* const> devices, const Case& c, double seconds, int runs);
/// The same with that many histories in each run.
Rate measure_at(std::span<Device* const> devices, const Case& c, std::uint64_t histories, int runs);
/// A run without a clock.
void run_once(std::span<Device* const> devices, const Case& c, std::uint64_t histories);
/// The same on the host's threads.
Rate measure_host(const Case& c, double seconds, int runs);

}  // namespace ytterby::gpu_check
