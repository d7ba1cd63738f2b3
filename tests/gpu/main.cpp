// gpu_check: whether a GPU does what the CPU does, and how fast. See tools/gpu-check.

#include <cstdio>
#include <cstring>
#include <ctime>
#include <exception>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include "checks.h"
#include "engine/base/version.h"
#include "engine/device/cuda_device.h"
#include "engine/run/device_choice.h"
#include "kernels/launch/launch.h"
#include "record.h"
#include "work.h"

namespace ytterby::gpu_check {
namespace {

struct Settings {
  std::string folder;        // of the record; empty: none
  bool require_gpu = false;  // no GPU is a failure
  bool quick = false;        // few histories, small patient, no bench
  bool tiny = false;         // one small case on the GPU alone, for compute-sanitizer
};

std::string now() {
  const std::time_t t = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&t));
  return text;
}

void show(Record& record, Finding finding) {
  const char* marks[] = {"ok      ", "FAILED  ", "skipped "};
  std::printf("%s%s: %s\n", marks[static_cast<int>(finding.state)], finding.what.c_str(), finding.detail.c_str());
  std::fflush(stdout);
  record.findings.push_back(std::move(finding));
}

void check_on_host(Record& record, const std::vector<Case>& cases, const Settings& settings) {
  for (const Case& c : cases)
    show(record, finding("host, " + c.name, [&] { return check_host(c, settings.quick ? 4000 : 100000); }));
  for (const Case& c : cases)
    show(record, finding("work, " + c.name, [&] { return text_of(count_work(c, settings.quick ? 4000 : 50000)); }));
  show(record, finding("host, convolution", [] { return check_host_convolution(); }));
}

void check_on_gpu(Record& record, std::span<Device* const> devices, const std::vector<Case>& cases,
                  const Settings& settings) {
  Device& device = *devices.front();
  show(record, finding("self-check", [&] {
         const std::string found = self_check(device);
         if (!found.empty()) throw std::runtime_error(found);
         return std::string("passed");
       }));
  const std::uint64_t histories = settings.quick ? 200'000 : 20'000'000;
  for (const Case& c : cases) {
    DeviceAgreement agreement;
    show(record, finding("GPU against CPU, " + c.name, [&] {
           return check_agreement(device, c, histories, settings.quick ? 20'000 : 1'000'000, agreement);
         }));
    record.agreement.emplace_back(c.name, agreement);
    show(record, finding("same bits, " + c.name, [&] { return check_bits(devices, c, histories); }));
  }
  show(record, finding("replay", [&] { return check_replay(device, cases[1]); }));
  show(record, finding("convolution", [&] { return check_convolution(device); }));
}

void bench(Record& record, std::span<Device* const> devices, const std::vector<Case>& cases) {
  constexpr int runs = 5;
  for (const Case& c : cases) {
    if (!devices.empty()) {
      show(record, finding("bench, " + c.name, [&] {
             record.rates.emplace_back(c.name, measure(devices, c, 1.0, runs));
             return std::to_string(record.rates.back().second.median) + " histories/s";
           }));
    }
    show(record, finding("bench on the host, " + c.name, [&] {
           record.host_rates.emplace_back(c.name, measure_host(c, 1.0, 3));
           return std::to_string(record.host_rates.back().second.median) + " histories/s";
         }));
  }
}

/// Devices that can be used; a single GPU is opened twice, so that splitting over devices is tested on it, too.
std::vector<std::unique_ptr<Device>> open_devices(const CudaStatus& status) {
  std::vector<std::unique_ptr<Device>> devices;
  for (const CudaDeviceInfo& info : usable_cuda_devices(status)) devices.push_back(open_cuda_device(info.index));
  if (devices.size() == 1) devices.push_back(open_cuda_device(usable_cuda_devices(status).front().index));
  return devices;
}

void save(const Record& record, const std::string& folder) {
  const std::string path = folder + "/" + name_of(record);
  std::ofstream(path + ".json") << as_json(record);
  std::ofstream(path + ".md") << as_markdown(record);
  std::printf("record: %s.json\n", path.c_str());
  if (!std::ifstream(path + ".json")) throw std::runtime_error(path + ".json cannot be written");
}

/// For compute-sanitizer, under which everything is a hundred times slower.
int run_tiny() {
  const std::unique_ptr<Device> device = open_cuda_device(0);
  Device* const devices[] = {device.get(), device.get()};
  const Case c = patient_1mm(true);
  DeviceAgreement agreement;
  std::printf("%s\n", check_agreement(*device, c, 2000, 200, agreement).c_str());
  std::printf("%s\n", check_bits(std::span(devices).first(1), c, 2000).c_str());
  std::printf("%s\n", check_convolution(*device).c_str());
  return 0;
}

int run(const Settings& settings) {
  const CudaStatus status = cuda_status();
  const std::vector<CudaDeviceInfo> usable = usable_cuda_devices(status);
  if (usable.empty() && settings.tiny) throw std::runtime_error("no GPU: " + status.why_none);
  if (settings.tiny) return run_tiny();
  Record record;
  record.date = now();
  record.device = usable.empty() ? "no GPU" : usable.front().name;
  record.devices = static_cast<int>(usable.size());
  record.driver = status.driver;
  record.runtime = status.runtime;
  record.commit = git_commit();
  record.build = build_description();
  record.host = std::string("cpu ") + best_cpu_launcher().level + ", " +
                std::to_string(std::thread::hardware_concurrency()) + " threads";
  std::printf("device: %s x %d; driver for CUDA %s, runtime %s; commit %s\n", record.device.c_str(), record.devices,
              record.driver.c_str(), record.runtime.c_str(), record.commit.c_str());
  const std::vector<Case> cases = all_cases(settings.quick);
  check_on_host(record, cases, settings);
  if (usable.empty()) {
    const std::string why = "no GPU: " + status.why_none;
    for (const char* what : {"GPU against CPU", "same bits", "replay", "convolution", "bench"})
      show(record, {settings.require_gpu ? Finding::State::bad : Finding::State::skipped, what, why});
  } else {
    const std::vector<std::unique_ptr<Device>> opened = open_devices(status);
    std::vector<Device*> devices;
    for (const auto& device : opened) devices.push_back(device.get());
    check_on_gpu(record, devices, cases, settings);
    if (!settings.quick) bench(record, std::span(devices).first(usable.size()), cases);
  }
  if (!settings.folder.empty()) save(record, settings.folder);
  if (usable.empty() && settings.require_gpu) return 4;
  return record.good() ? 0 : 5;
}

}  // namespace
}  // namespace ytterby::gpu_check

int main(int argc, char** argv) {
  ytterby::gpu_check::Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "-o" && i + 1 < argc) {
      settings.folder = argv[++i];
    } else if (option == "--require-gpu") {
      settings.require_gpu = true;
    } else if (option == "--quick") {
      settings.quick = true;
    } else if (option == "--tiny") {
      settings.tiny = true;
    } else {
      std::fprintf(stderr, "usage: gpu_check [-o DIR] [--require-gpu] [--quick] [--tiny]\n");
      return 2;
    }
  }
  try {
    return ytterby::gpu_check::run(settings);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gpu_check: %s\n", error.what());
    return 4;
  }
}
