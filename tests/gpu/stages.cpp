#include "stages.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include "benches.h"
#include "engine/base/error.h"
#include "engine/device/cuda_device.h"
#include "engine/run/device_choice.h"
#include "nvml.h"
#include "stage_record.h"
#include "work.h"

namespace ytterby::gpu_check {
namespace {

void check_on_host(Stage& stage, const std::vector<Case>& cases, bool quick) {
  for (const Case& c : cases) stage.check("host, " + c.name, [&] { return check_host(c, quick ? 4000 : 100000); });
  for (const Case& c : cases)
    stage.check("work, " + c.name, [&] { return text_of(count_work(c, quick ? 4000 : 50000)); });
  stage.check("host, convolution", [] { return check_host_convolution(); });
}

void check_agreement_of(Stage& stage, std::span<Device* const> devices, const std::vector<Case>& cases,
                        std::uint64_t histories, std::uint32_t paths) {
  char many[24];
  std::snprintf(many, sizeof many, "%.0e", static_cast<double>(histories));
  for (const Case& c : cases) {
    DeviceAgreement agreement;
    stage.check("GPU against CPU, " + c.name + ", " + many,
                [&] { return check_agreement(*devices.front(), c, histories, paths, agreement); });
    stage.record.agreement.emplace_back(c.name, agreement);
    stage.check("same bits, " + c.name + ", " + many, [&] { return check_bits(devices, c, histories); });
  }
}

void check_the_rest(Stage& stage, Device& device, const std::vector<Case>& cases) {
  stage.check("replay", [&] { return check_replay(device, cases[1]); });
  stage.check("convolution", [&] { return check_convolution(device); });
  stage.check("cuFFT", [&] { return check_cufft(device); });
}

void check_self(Stage& stage, Device& device) {
  stage.check("self-check", [&] {
    if (const std::string found = self_check(device); !found.empty()) throw std::runtime_error(found);
    return std::string("passed");
  });
}

/// The cases of these names; all where there are none.
std::vector<Case> cases_named(const std::vector<std::string>& names, Estimator estimator = Estimator::plain) {
  std::vector<Case> cases = all_cases(false, estimator);
  for (const std::string& name : names)
    if (std::none_of(cases.begin(), cases.end(), [&](const Case& c) { return c.name == name; }))
      throw Error(Fault::usage, "there is no case '" + name + "'");
  std::erase_if(cases, [&](const Case& c) {
    return !names.empty() && std::find(names.begin(), names.end(), c.name) == names.end();
  });
  return cases;
}

/// Every layout against the first one and the CPU, and how fast it is.
void compare_variants(Stage& stage, int index, const Settings& settings, const Nvml& nvml) {
  const std::vector<std::string> names = settings.variants.empty() ? CudaVariant::names() : settings.variants;
  const std::unique_ptr<Device> usual = open_cuda_device(index);
  const std::vector<Case> cases = cases_named(settings.cases);
  check_agreement_of(stage, std::array{usual.get()}, cases, 200'000, 20'000);
  std::string table = "\nvariant | case | histories/s | device time of 1e7 histories, each kernel by itself\n";
  for (const std::string& name : names) {
    for (const Case& c : cases) {
      std::unique_ptr<Device> device;
      stage.check("variant " + name + ", " + c.name, [&] {
        device = open_cuda_device(index, CudaVariant::named(name));
        return check_variant({name, device.get()}, *usual, c, 2'000'000);
      });
      if (device == nullptr || stage.record.findings.back().state != Finding::State::good) continue;
      stage.check("speed of " + name + ", " + c.name, [&] {
        Device* const devices[] = {device.get()};
        const std::string rate = text_of(bench_histories(stage, devices, c, nvml, 3, "gpu:" + name));
        const std::string kernels = bench_kernels(stage, *device, c, 10'000'000, "gpu:" + name);
        table += name + " | " + c.name + " | " + rate + " | " + kernels + "\n";
        return rate + "; " + kernels;
      });
    }
  }
  std::printf("%s\n", table.c_str());
}

/// The correlated estimator's kernels: the CPU's bits, how fast, and where the time goes; the parts of a run first.
void look_at_correlated(Stage& stage, int index, const Settings& settings, const Nvml& nvml) {
  bench_parts(stage, index);
  const std::unique_ptr<Device> device = open_cuda_device(index);
  const std::array devices{device.get()};
  const std::vector<Case> cases = cases_named(settings.cases, Estimator::correlated);
  check_agreement_of(stage, devices, cases, 200'000, 0);
  for (const Case& c : cases) {
    stage.check("bench, " + c.name, [&] {
      stage.record.rates.emplace_back(c.name, bench_histories(stage, devices, c, nvml, 3, "gpu"));
      return text_of(stage.record.rates.back().second);
    });
    stage.check("kernels, " + c.name, [&] { return bench_kernels(stage, *device, c, 10'000'000, "gpu"); });
  }
  check_agreement_of(stage, devices, cases, 2'000'000, 0);
}

/// A run in full swing, a million histories a launch, for a profiler to look at a launch of.
void load(Stage& stage, int index, const Settings& settings) {
  const std::unique_ptr<Device> device = open_cuda_device(index);
  const bool correlated = std::any_of(settings.cases.begin(), settings.cases.end(),
                                      [](const std::string& name) { return name.ends_with("_correlated"); });
  for (const Case& c : cases_named(settings.cases, correlated ? Estimator::correlated : Estimator::plain))
    stage.check("load, " + c.name, [&] {
      run_once(std::array{device.get()}, c, 64'000'000);
      return std::string("64 launches of 1e6 histories");
    });
}

/// Few histories, so that compute-sanitizer, under which all is a hundred times slower, can look on.
void smoke(Stage& stage, int index) {
  const std::unique_ptr<Device> device = open_cuda_device(index);
  std::vector<Case> cases;
  for (const Estimator estimator : {Estimator::plain, Estimator::correlated})
    cases.push_back(patient_1mm(true, estimator));
  check_agreement_of(stage, std::array{device.get()}, cases, 2000, 200);
  stage.check("convolution", [&] { return check_convolution(*device); });
  stage.check("cuFFT", [&] { return check_cufft(*device); });
}

/// All GPUs; a single one is opened twice, so that splitting over devices is tested on it, too.
std::vector<std::unique_ptr<Device>> open_devices(const std::vector<CudaDeviceInfo>& usable) {
  std::vector<int> indices;
  for (const CudaDeviceInfo& info : usable) indices.push_back(info.index);
  if (indices.size() == 1) indices.push_back(indices.front());
  return open_cuda_devices(indices);
}

void quick_or_full(Stage& stage, const std::vector<CudaDeviceInfo>& usable, const Nvml& nvml, bool quick) {
  const std::vector<Case> cases = all_cases(quick);
  if (!quick) bench_start_up(stage, usable.front().index);
  const std::vector<std::unique_ptr<Device>> opened = open_devices(usable);
  std::vector<Device*> devices;
  for (const auto& device : opened) devices.push_back(device.get());
  if (quick) {
    check_self(stage, *devices.front());
    check_agreement_of(stage, devices, cases, 200'000, 20'000);
    check_the_rest(stage, *devices.front(), cases);
    check_on_host(stage, cases, true);
    check_agreement_of(stage, devices, all_cases(true, Estimator::correlated), 200'000, 0);
    return;
  }
  check_agreement_of(stage, devices, cases, 2'000'000, 200'000);
  bench_cases(stage, std::span(devices).first(usable.size()), cases, nvml);
  check_the_rest(stage, *devices.front(), cases);
  bench_host(stage, cases);
  check_agreement_of(stage, devices, cases, 20'000'000, 1'000'000);
}

}  // namespace

int tell_gpus() {
  const CudaStatus status = cuda_status();
  const std::vector<CudaDeviceInfo> usable = usable_cuda_devices(status);
  for (const CudaDeviceInfo& d : usable)
    std::printf("%d: %s, compute capability %d.%d, %zu MiB, %d multiprocessors, at %s\n", d.index, d.name.c_str(),
                d.major, d.minor, d.memory >> 20, d.processors, d.pci_address.c_str());
  if (!usable.empty()) return 0;
  std::printf("no GPU: %s\n",
              status.devices.empty() ? status.why_none.c_str() : "none of compute capability 8.0 or newer");
  return 4;
}

int run_stage(const Settings& settings) {
  const CudaStatus status = cuda_status();
  const std::vector<CudaDeviceInfo> usable = usable_cuda_devices(status);
  Stage stage(settings, status);
  if (usable.empty()) {
    if (settings.stage == "quick" || settings.stage == "full")
      check_on_host(stage, all_cases(settings.stage == "quick"), settings.stage == "quick");
    const std::string why = "no GPU: " + status.why_none;
    if (settings.stage == "smoke") stage.skip({"GPU against CPU"}, why);
    if (settings.stage == "variants" || settings.stage == "correlated" || settings.stage == "load")
      stage.skip({settings.stage.c_str()}, why);
    if (settings.stage == "quick" || settings.stage == "full")
      stage.skip({"GPU against CPU", "same bits", "replay", "convolution", "bench"}, why);
    const int status_code = stage.finish();
    return settings.require_gpu ? 4 : status_code;
  }
  const Nvml nvml(usable.front().pci_address);
  stage.record.gpu = nvml.facts();
  if (!nvml.why_not().empty()) std::printf("skipped clocks and energy: %s\n", nvml.why_not().c_str());
  if (settings.stage == "smoke") smoke(stage, usable.front().index);
  if (settings.stage == "variants") compare_variants(stage, usable.front().index, settings, nvml);
  if (settings.stage == "correlated") look_at_correlated(stage, usable.front().index, settings, nvml);
  if (settings.stage == "load") load(stage, usable.front().index, settings);
  if (settings.stage == "quick" || settings.stage == "full")
    quick_or_full(stage, usable, nvml, settings.stage == "quick");
  return stage.finish();
}

}  // namespace ytterby::gpu_check
