#pragma once
// Values on the command line.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/run/run_options.h"

namespace ytterby::cli {

/// A count (`20000000`, `2e7`, `400000.0`) of at least `low`. Throws Fault::usage naming the option.
std::uint64_t count_option(const std::string& option, const std::string& text, std::uint64_t low);

/// A share: `1%` or `0.01`, above 0 and below 1. Throws Fault::usage naming the option.
double share_option(const std::string& option, const std::string& text);

/// A length of above 0 to 1000 mm, in cm. Throws Fault::usage naming the option.
double extent_option(const std::string& option, double mm);

/// A number from `low` to `high`; NaN is none. Throws Fault::usage naming the option.
double number_option(const std::string& option, double value, double low, double high);

/// --threads: 1 to 4096. Throws Fault::usage.
int threads_option(const std::string& text);

/// plain or correlated. Throws Fault::usage.
std::optional<Estimator> estimator_option(const std::string& text);

/// What --device asks for.
struct DeviceOption {
  Backend backend = Backend::automatic;
  std::vector<int> cuda_devices;  // empty: all that can be used
};

/// auto, cpu, cuda, or cuda:0,1 with the devices' indices. Throws Fault::usage.
DeviceOption device_option(const std::string& text);

}  // namespace ytterby::cli
