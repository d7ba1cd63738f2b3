#pragma once
// What a check leaves behind: a JSON record for bench/records/ and a Markdown table.

#include <string>
#include <utility>
#include <vector>

#include "checks.h"

namespace ytterby::gpu_check {

/// A benchmark as tools/bench has it: quantities with a value per run.
struct Benchmark {
  std::string name;  // e.g. histories/water_3mm/gpu/1
  std::vector<std::pair<std::string, std::vector<double>>> quantities;
};

struct Record {
  std::string date;    // ISO 8601, UTC
  std::string device;  // as CUDA names it; "no GPU"
  int devices = 0;
  std::string driver, runtime;  // CUDA versions
  std::string commit, build;
  std::string host;  // CPU level and threads
  std::vector<Finding> findings;
  std::vector<std::pair<std::string, DeviceAgreement>> agreement;  // by case
  std::vector<std::pair<std::string, Rate>> rates, host_rates;     // by case
  std::string stage;                                               // of tools/gpu-check
  bool finished = true;                                            // false while it is being made
  double seconds = 0;                                              // that it took so far
  int cores = 0;                                                   // of the host
  std::vector<std::pair<std::string, std::string>> gpu;            // its state, JSON values by name
  std::vector<Benchmark> results;

  [[nodiscard]] bool good() const;
};

std::string as_json(const Record& record);
std::string as_markdown(const Record& record);
/// e.g. 2026-01-31-h100: date and the device's last word that has a digit, in small letters.
std::string name_of(const Record& record);

}  // namespace ytterby::gpu_check
