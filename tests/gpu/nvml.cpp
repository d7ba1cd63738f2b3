#include "nvml.h"

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace ytterby::gpu_check {
namespace {

// Numbers of nvml.h, which are part of the library's binary interface.
constexpr int success = 0, clock_sm = 1, clock_memory = 2, sensor_gpu = 0, errors_uncorrected = 1, since_boot = 0;

/// Calls a function of the library; false where it has none of that name or it says no.
template <class... Arguments>
bool call(void* library, const char* name, Arguments... arguments) {
  if (library == nullptr) return false;
  const auto function = reinterpret_cast<int (*)(Arguments...)>(dlsym(library, name));
  return function != nullptr && function(arguments...) == success;
}

std::string quoted(const char* text) { return std::string("\"") + text + "\""; }

const char* yes_no(unsigned value) { return value != 0 ? "true" : "false"; }

}  // namespace

Nvml::Nvml(const std::string& pci_address) {
  const char* wanted = std::getenv("YTTERBY_NVML");
  const char* name = wanted != nullptr ? wanted : "libnvidia-ml.so.1";
  library_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);  // stays for the life of the process
  if (library_ == nullptr) {
    why_not_ = std::string(name) + " is not found";
  } else if (!call(library_, "nvmlInit_v2")) {
    why_not_ = std::string(name) + " cannot be started";
  } else if (!call(library_, "nvmlDeviceGetHandleByPciBusId_v2", pci_address.c_str(), &device_)) {
    why_not_ = std::string(name) + " does not know the GPU at " + pci_address;
  }
  if (!why_not_.empty()) library_ = nullptr;
}

std::vector<std::pair<std::string, std::string>> Nvml::facts() const {
  std::vector<std::pair<std::string, std::string>> facts;
  const auto add = [&](const char* key, const std::string& value) { facts.emplace_back(key, value); };
  char text[96] = "";
  unsigned a = 0, b = 0;
  unsigned long long many = 0;
  if (call(library_, "nvmlSystemGetDriverVersion", &text[0], static_cast<unsigned>(sizeof text)))
    add("driver", quoted(text));
  const std::pair<const char*, int> clocks[] = {{"sm", clock_sm}, {"memory", clock_memory}};
  for (const auto& [what, clock] : clocks) {
    if (call(library_, "nvmlDeviceGetMaxClockInfo", device_, clock, &a))
      add((std::string("max_") + what + "_MHz").c_str(), std::to_string(a));
    if (call(library_, "nvmlDeviceGetClockInfo", device_, clock, &a))
      add((std::string(what) + "_MHz").c_str(), std::to_string(a));
  }
  if (call(library_, "nvmlDeviceGetEnforcedPowerLimit", device_, &a)) add("power_limit_W", std::to_string(a / 1000));
  if (call(library_, "nvmlDeviceGetEccMode", device_, &a, &b)) add("ecc", yes_no(a));
  if (call(library_, "nvmlDeviceGetTotalEccErrors", device_, errors_uncorrected, since_boot, &many))
    add("ecc_errors_uncorrected", std::to_string(many));
  if (call(library_, "nvmlDeviceGetMigMode", device_, &a, &b)) add("mig", yes_no(a));
  const Sample now = sample();
  if (now.temperature > 0) add("temperature_C", std::to_string(now.temperature));
  if (library_ != nullptr) add("clocks_held_back_by", quoted(reasons_text(now.reasons).c_str()));
  return facts;
}

double Nvml::joules() const {
  unsigned long long millijoules = 0;
  call(library_, "nvmlDeviceGetTotalEnergyConsumption", device_, &millijoules);
  return 1e-3 * static_cast<double>(millijoules);
}

Nvml::Sample Nvml::sample() const {
  Sample s;
  unsigned milliwatts = 0;
  unsigned long long reasons = 0;
  call(library_, "nvmlDeviceGetClockInfo", device_, clock_sm, &s.clock);
  call(library_, "nvmlDeviceGetTemperature", device_, sensor_gpu, &s.temperature);
  if (call(library_, "nvmlDeviceGetPowerUsage", device_, &milliwatts)) s.watts = 1e-3 * milliwatts;
  if (call(library_, "nvmlDeviceGetCurrentClocksEventReasons", device_, &reasons) ||
      call(library_, "nvmlDeviceGetCurrentClocksThrottleReasons", device_, &reasons))
    s.reasons = reasons;
  return s;
}

std::string reasons_text(std::uint64_t reasons) {
  constexpr const char* words[] = {"idle",
                                   "application clocks",
                                   "power cap",
                                   "hardware slowdown",
                                   "sync boost",
                                   "software temperature",
                                   "hardware temperature",
                                   "power brake",
                                   "display"};
  std::string text;
  for (std::size_t bit = 0; bit < std::size(words); ++bit)
    if ((reasons >> bit & 1) != 0) text += (text.empty() ? "" : ", ") + std::string(words[bit]);
  return text.empty() ? "nothing" : text;
}

NvmlWatch::NvmlWatch(const Nvml& nvml)
    : nvml_(nvml), joules_before_(nvml.joules()), thread_([this](const std::stop_token& stop) {
        if (!nvml_.why_not().empty()) return;
        while (!stop.stop_requested()) {
          std::this_thread::sleep_for(std::chrono::milliseconds(100));
          const Nvml::Sample now = nvml_.sample();
          seen_.lowest_clock = seen_.lowest_clock == 0 ? now.clock : std::min(seen_.lowest_clock, now.clock);
          seen_.highest_clock = std::max(seen_.highest_clock, now.clock);
          seen_.highest_temperature = std::max(seen_.highest_temperature, now.temperature);
          seen_.highest_watts = std::max(seen_.highest_watts, now.watts);
          seen_.reasons |= now.reasons;
        }
      }) {}

NvmlWatch::Seen NvmlWatch::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  seen_.joules = nvml_.joules() - joules_before_;
  return seen_;
}

}  // namespace ytterby::gpu_check
