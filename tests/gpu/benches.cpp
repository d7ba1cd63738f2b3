#include "benches.h"

#include <cstdio>

#include "engine/device/cuda_device.h"
#include "kernels/launch/launch.h"

namespace ytterby::gpu_check {
namespace {

Benchmark benchmark_of(const std::string& name, const Case& c, const Rate& rate) {
  std::vector<double> rates;
  for (const double s : rate.seconds) rates.push_back(static_cast<double>(rate.histories) / s);
  const std::vector<double> voxels(rates.size(), static_cast<double>(c.tables.words.size()));
  return {name, {{"wall_s", rate.seconds}, {"items_per_second", rates}, {"voxels", voxels}}};
}

void add_state(Benchmark& result, const NvmlWatch::Seen& seen, double joules_per_history) {
  const auto add = [&](const char* what, std::vector<double> values) {
    result.quantities.emplace_back(what, std::move(values));
  };
  add("sm_MHz", {static_cast<double>(seen.lowest_clock), static_cast<double>(seen.highest_clock)});
  add("highest_W", {seen.highest_watts});
  add("highest_C", {static_cast<double>(seen.highest_temperature)});
  if (joules_per_history > 0) add("joules_per_history", {joules_per_history});
}

}  // namespace

std::string text_of(const Rate& rate) {
  char text[64];
  std::snprintf(text, sizeof text, "%.3g histories/s (%.3g to %.3g)", rate.median, rate.low, rate.high);
  return text;
}

Rate bench_histories(Stage& stage, std::span<Device* const> devices, const Case& c, const Nvml& nvml, int runs,
                     const std::string& level) {
  const Rate rate = measure(devices, c, 0.5, runs);
  Benchmark result = benchmark_of("histories/" + c.name + "/" + level + "/" + std::to_string(devices.size()), c, rate);
  if (nvml.why_not().empty()) {
    NvmlWatch watch(nvml);
    const double histories = 2.0 * static_cast<double>(rate.histories);
    run_once(devices, c, 2 * rate.histories);
    const NvmlWatch::Seen seen = watch.stop();
    add_state(result, seen, devices.size() == 1 ? seen.joules / histories : 0);
    stage.record.gpu.emplace_back("clocks_held_back_in_" + c.name + "_" + level,
                                  "\"" + reasons_text(seen.reasons) + "\"");
  }
  stage.record.results.push_back(std::move(result));
  return rate;
}

std::string bench_kernels(Stage& stage, Device& device, const Case& c, std::uint64_t histories,
                          const std::string& level) {
  std::string detail;
  for (const KernelTime& t : time_kernels(device, c, histories)) {
    stage.record.results.push_back({"kernel/" + c.name + "/" + level + "/" + t.kernel,
                                    {{"device_s", {t.seconds}},
                                     {"launches", {static_cast<double>(t.launches)}},
                                     {"histories", {static_cast<double>(histories)}}}});
    char text[96];
    std::snprintf(text, sizeof text, "%s%s %.3g ms in %d", detail.empty() ? "" : ", ", t.kernel.c_str(),
                  1e3 * t.seconds, t.launches);
    detail += text;
  }
  return detail;
}

void bench_cases(Stage& stage, std::span<Device* const> devices, const std::vector<Case>& cases, const Nvml& nvml) {
  for (const Case& c : cases) {
    stage.check("bench, " + c.name, [&] {
      for (std::size_t n = 1; n < devices.size(); n *= 2)
        (void)bench_histories(stage, devices.first(n), c, nvml, 3, "gpu");
      stage.record.rates.emplace_back(c.name, bench_histories(stage, devices, c, nvml, 5, "gpu"));
      return text_of(stage.record.rates.back().second);
    });
    stage.check("bench of 1e8 histories, " + c.name, [&] {  // what a run has when it is told nothing
      const Rate rate = measure_at(devices, c, 100'000'000, 5);
      stage.record.results.push_back(
          benchmark_of("histories_of_1e8/" + c.name + "/gpu/" + std::to_string(devices.size()), c, rate));
      return text_of(rate);
    });
    stage.check("kernels, " + c.name, [&] { return bench_kernels(stage, *devices.front(), c, 20'000'000, "gpu"); });
  }
}

void bench_host(Stage& stage, const std::vector<Case>& cases) {
  for (const Case& c : cases)
    stage.check("bench on the host, " + c.name, [&] {
      const Rate rate = measure_host(c, 1.0, 3);
      stage.record.host_rates.emplace_back(c.name, rate);
      stage.record.results.push_back(benchmark_of(
          "histories/" + c.name + "/" + best_cpu_launcher().level + "/" + std::to_string(stage.record.cores), c, rate));
      return text_of(rate);
    });
}

void bench_parts(Stage& stage, int index) {
  constexpr std::uint64_t histories = 10'000'000;
  for (const Estimator estimator : {Estimator::plain, Estimator::correlated}) {
    const std::string name = estimator == Estimator::plain ? "patient_1mm" : "patient_1mm_correlated";
    stage.check("parts, " + name, [&] {
      const Parts p = measure_parts([&] { return open_cuda_device(index); },
                                    [&] { return patient_1mm(false, estimator); }, histories);
      const std::pair<const char*, double> parts[] = {
          {"context", p.context}, {"tables", p.tables},     {"upload", p.upload},      {"transport", p.transport},
          {"fold", p.fold},       {"download", p.download}, {"histogram", p.histogram}};
      Benchmark result{"parts/" + name + "/gpu", {{"histories", {static_cast<double>(histories)}}}};
      std::string detail;
      double sum = 0;
      for (const auto& [part, seconds] : parts) {
        result.quantities.emplace_back(std::string(part) + "_s", std::vector<double>{seconds});
        sum += seconds;
        char text[48];
        std::snprintf(text, sizeof text, "%s%s %.4f s", detail.empty() ? "" : ", ", part, seconds);
        detail += text;
      }
      result.quantities.emplace_back("wall_s", std::vector<double>{sum});
      stage.record.results.push_back(std::move(result));
      return detail;
    });
  }
}

void bench_start_up(Stage& stage, int index) {
  stage.check("start-up", [&] {
    const StartUp s = measure_start_up([&] { return open_cuda_device(index); }, [] { return patient_1mm(false); });
    stage.record.results.push_back({"start_up/patient_1mm/gpu",
                                    {{"wall_s", {s.context + s.tables + s.upload}},
                                     {"context_s", {s.context}},
                                     {"tables_s", {s.tables}},
                                     {"upload_s", {s.upload}}}});
    char text[96];
    std::snprintf(text, sizeof text, "context %.3f s, tables %.3f s, upload %.3f s", s.context, s.tables, s.upload);
    return std::string(text);
  });
}

}  // namespace ytterby::gpu_check
