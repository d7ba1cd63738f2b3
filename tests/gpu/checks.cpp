#include "checks.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <random>
#include <stdexcept>
#include <utility>

#include "engine/device/device_convolve.h"
#include "engine/device/device_run.h"
#include "engine/device/replay.h"
#include "engine/dose/dvh.h"
#include "engine/run/run_on_devices.h"
#include "engine/run/run_on_threads.h"
#include "kernels/launch/launch.h"

namespace ytterby::gpu_check {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

RunOptions run_options(std::uint64_t histories, int batches = 64) {
  RunOptions options;
  options.histories = histories;
  options.batches = batches;
  return options;
}

std::uint64_t per_batch(const RunOptions& options) { return histories_per_batch(options.histories, options.batches); }

TransportView view_of(const Case& c, const RunOptions& options) { return c.tables.view(per_batch(options)); }

BatchRun run_on_host(const Case& c, const RunOptions& options) {
  const TransportView view = view_of(c, options);
  if (!c.coupling) return run_on_cpu(view, options, per_batch(options));
  return run_on_threads(correlated_runner(view, c.coupling->view(), options.seed), options, per_batch(options), {});
}

/// `as`: whose batches' size the emission is shared out by.
BatchRun run_on(std::span<Device* const> devices, const Case& c, const RunOptions& options, const RunOptions& as) {
  const DeviceCoupling coupling = c.coupling ? DeviceCoupling{c.coupling->view()} : DeviceCoupling{};
  return run_batches_on_devices(devices, view_of(c, as), options, per_batch(options), {},
                                c.coupling ? &coupling : nullptr);
}

BatchRun run_on(std::span<Device* const> devices, const Case& c, const RunOptions& options) {
  return run_on(devices, c, options, options);
}

bool same_energy(const BatchRun& a, const BatchRun& b) {
  return a.sums.sum() == b.sums.sum() && a.ledger.emitted == b.ledger.emitted &&
         a.ledger.deposited == b.ledger.deposited && a.ledger.escaped == b.ledger.escaped;
}

bool same_errors(const BatchRun& a, const BatchRun& b) {
  for (std::size_t v = 0; v < a.sums.sum().size(); ++v) {
    const double x = a.sums.estimate(v, a.batches).error, y = b.sums.estimate(v, b.batches).error;
    if (std::memcmp(&x, &y, sizeof x) != 0) return false;
  }
  return true;
}

using Run = std::function<BatchRun(std::uint64_t histories)>;

Rate rate_at(const Run& run, std::uint64_t histories, int runs) {
  std::vector<double> rates, times;
  for (int i = 0; i < runs; ++i) {
    times.push_back(run(histories).seconds);
    rates.push_back(static_cast<double>(histories) / times.back());
  }
  std::sort(rates.begin(), rates.end());
  return {rates[rates.size() / 2], rates.front(), rates.back(), histories, runs, times};
}

/// With as many histories as take that long, roughly, and at least that many.
Rate rate_of(const Run& run, std::uint64_t histories, double seconds, int runs) {
  BatchRun last = run(histories);  // warms up, too
  while (last.seconds < seconds / 4 && histories < (std::uint64_t{1} << 36)) {
    histories *= last.seconds < seconds / 64 ? 16 : 4;
    last = run(histories);
  }
  return rate_at(run, histories, runs);
}

/// A volume and a kernel of random values.
struct Convolution {
  ConvolutionShape shape;
  std::vector<double> volume, kernel, expected;

  explicit Convolution(const ConvolutionShape& s) : shape(s) {
    std::size_t voxels = 1, values = 1;
    for (std::size_t i = 0; i < 3; ++i) {
      voxels *= s.volume[i];
      values *= 2 * s.half[i] + 1;
    }
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> uniform(0, 1);
    volume.resize(voxels);
    kernel.resize(values);
    for (double& v : volume) v = uniform(random);
    for (double& k : kernel) k = uniform(random);
    expected.resize(voxels);
    convolve_direct_cpu(shape, volume.data(), kernel.data(), expected.data(), 2);
  }
  /// Throws where `result` is off by more than 1e-12 of the maximum; the contract asks for 1e-5.
  [[nodiscard]] std::string compare(const std::vector<double>& result, const std::string& what) const {
    double largest = 0, difference = 0;
    for (std::size_t v = 0; v < expected.size(); ++v) {
      largest = std::max(largest, std::abs(expected[v]));
      difference = std::max(difference, std::abs(expected[v] - result[v]));
    }
    char text[64];
    std::snprintf(text, sizeof text, "%.1e of the maximum", difference / largest);
    if (!(difference <= 1e-12 * largest)) fail(what + " is off by " + text);
    return what + " within " + text;
  }
};

constexpr ConvolutionShape shapes[] = {
    {{61, 47, 33}, {8, 7, 6}}, {{30, 31, 29}, {20, 20, 20}}, {{64, 64, 1}, {3, 3, 0}}};

}  // namespace

std::string check_host(const Case& c, std::uint64_t histories) {
  RunOptions options = run_options(histories, 16);
  options.threads = 1;
  const BatchRun one = run_on_host(c, options);
  options.threads = 3;
  const BatchRun three = run_on_host(c, options);
  if (!one.ledger.balanced()) fail("the energy ledger does not balance");
  if (!same_energy(one, three) || !same_errors(one, three)) fail("1 and 3 threads give different bits");
  const std::vector<std::uint64_t> a = host_paths(view_of(c, options), 1, 1000, 1),
                                   b = host_paths(view_of(c, options), 1, 1000, 2);
  if (a != b) fail("1 and 2 threads give different paths");
  return std::to_string(options.histories) + " histories, " + one.device;
}

std::string check_host_convolution() {
  std::string detail;
  for (const ConvolutionShape& shape : shapes) {
    const Convolution c(shape);
    const FftPlan plan = plan_fft(shape);
    std::vector<double> a(2 * plan.elements), b(2 * plan.elements), out(c.volume.size());
    convolve_fft_cpu(shape, plan, c.volume.data(), c.kernel.data(), a.data(), b.data(), out.data(), 2);
    detail = c.compare(out, "the host's FFT");
  }
  return detail;
}

std::string check_agreement(Device& device, const Case& c, std::uint64_t histories, std::uint32_t paths,
                            DeviceAgreement& agreement) {
  const RunOptions options = run_options(histories);
  const TransportView view = view_of(c, options);
  agreement = c.coupling ? compare_correlated_with_cpu(device, view, c.coupling->view(), options)
                         : compare_with_cpu(device, view, options, paths);
  char text[160];
  std::snprintf(text, sizeof text, "RMS z %.2e, worst %.2e, %llu of %llu voxels differ, %llu of %llu histories diverge",
                agreement.rms_z, agreement.worst_z, static_cast<unsigned long long>(agreement.differing),
                static_cast<unsigned long long>(agreement.voxels), static_cast<unsigned long long>(agreement.diverged),
                static_cast<unsigned long long>(agreement.paths));
  if (const std::string complaint = agreement.complaint(); !complaint.empty()) fail(complaint + " (" + text + ")");
  return text;
}

std::string check_bits(std::span<Device* const> devices, const Case& c, std::uint64_t histories) {
  const std::span<Device* const> one = devices.first(1);
  const BatchRun first = run_on(one, c, run_options(histories)), again = run_on(one, c, run_options(histories));
  if (!same_energy(first, again) || !same_errors(first, again)) fail("two runs give different bits");
  // The same histories in batches of another size.
  const RunOptions few = run_options(64 * per_batch(run_options(histories)), 16);
  const BatchRun larger = run_on(one, c, few, run_options(histories));
  if (!same_energy(first, larger)) fail("other portions give different sums");
  const BatchRun all = run_on(devices, c, run_options(histories));
  if (!same_energy(first, all) || !same_errors(first, all)) fail(all.device + " give different bits");
  return "two runs, 16 and 64 batches, " + all.device;
}

std::string check_replay(Device& device, const Case& c) {
  constexpr std::uint64_t histories = 20;
  const TransportView view = c.tables.view(histories);
  std::uint64_t events = 0, same = 0;
  for (std::uint64_t h = 0; h < histories; ++h) {
    const std::vector<ReplayEvent> host = replay(view, 1, h), gpu = replay_on(device, view, 1, h);
    events += host.size();
    same += host.size() == gpu.size() && std::memcmp(host.data(), gpu.data(), host.size() * sizeof(ReplayEvent)) == 0;
    if (gpu.empty() || gpu.front().energy != host.front().energy)
      fail("history " + std::to_string(h) + " starts otherwise");
  }
  return std::to_string(events) + " events, " + std::to_string(same) + " of " + std::to_string(histories) +
         " histories equal in every bit";
}

namespace {

std::string compare_convolutions(Device& device, ConvolutionWay way, const char* what) {
  std::string detail;
  for (const ConvolutionShape& shape : shapes) {
    const Convolution c(shape);
    detail = c.compare(convolve_on_device(device, shape, way, c.volume, c.kernel), what);
  }
  return detail;
}

}  // namespace

std::string check_convolution(Device& device) {
  return compare_convolutions(device, ConvolutionWay::direct, "the plain sum");
}

std::string check_cufft(Device& device) {
  if (!device.why_no_fft().empty()) throw Skip(device.why_no_fft());
  return compare_convolutions(device, ConvolutionWay::fft, "cuFFT");
}

std::string check_variant(const Variant& variant, Device& expected, const Case& c, std::uint64_t histories) {
  Device *const first[] = {&expected}, *const other[] = {variant.device};
  const BatchRun a = run_on(first, c, run_options(histories)), b = run_on(other, c, run_options(histories));
  if (!same_energy(a, b) || !same_errors(a, b)) fail(variant.name + " gives different bits");
  return std::to_string(histories) + " histories, the same bits";
}

std::vector<KernelTime> time_kernels(Device& device, const Case& c, std::uint64_t histories) {
  Device* const devices[] = {&device};
  device.time_kernels(true);
  (void)run_on(devices, c, run_options(histories));
  std::vector<KernelTime> times = device.kernel_times();
  device.time_kernels(false);
  return times;
}

StartUp measure_start_up(const std::function<std::unique_ptr<Device>()>& open, const std::function<Case()>& make) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  StartUp result;
  auto start = Clock::now();
  const std::unique_ptr<Device> device = open();
  result.context = since(start);
  start = Clock::now();
  const Case c = make();
  result.tables = since(start);
  start = Clock::now();
  const RunOptions options = run_options(1'000'000);
  const DeviceRun run(*device, view_of(c, options), options.seed, per_batch(options), options.batches, {});
  result.upload = since(start);
  return result;
}

Parts measure_parts(const std::function<std::unique_ptr<Device>()>& open, const std::function<Case()>& make,
                    std::uint64_t histories) {
  using Clock = std::chrono::steady_clock;
  auto start = Clock::now();
  const auto lap = [&start] {
    const auto begun = std::exchange(start, Clock::now());
    return std::chrono::duration<double>(start - begun).count();
  };
  Parts parts;
  const std::unique_ptr<Device> device = open();
  parts.context = lap();
  const Case c = make();
  parts.tables = lap();
  const std::size_t voxels = c.tables.words.size();
  SparseStructure half;
  for (std::uint32_t v = 0; v < voxels / 2; ++v) half.voxel.push_back(v);
  half.weight.assign(half.voxel.size(), 1u << 24);
  const RunOptions options = run_options(histories);
  const DeviceCoupling coupling = c.coupling ? DeviceCoupling{c.coupling->view()} : DeviceCoupling{};
  lap();
  DeviceRun run(*device, view_of(c, options), options.seed, per_batch(options), options.batches, {&half, 1},
                c.coupling ? &coupling : nullptr);
  parts.upload = lap();
  device->time_kernels(true);
  for (int batch = 0; batch < options.batches; ++batch) {
    run.transport(batch, batch % in_flight);
    run.fold(batch, batch % in_flight);
  }
  for (const KernelTime& t : device->kernel_times())
    (t.kernel == "fold" || t.kernel == "structure sum" ? parts.fold : parts.transport) += t.seconds;
  device->time_kernels(false);
  lap();
  const BatchSums sums = run.sums();
  parts.download = lap();
  std::vector<float> dose(voxels);
  for (std::size_t v = 0; v < voxels; ++v) dose[v] = static_cast<float>(sums.sum()[v]);
  Structure structure{"half", Role::other, std::vector<float>(voxels, 0.0f)};
  std::fill_n(structure.fraction.begin(), voxels / 2, 1.0f);
  const std::vector<float> density(voxels, 1.0f);
  lap();
  const Dvh histogram = DoseVolume(dose, structure, density).histogram("half");
  parts.histogram = lap();
  if (histogram.dose.empty()) fail("no histogram");
  return parts;
}

Rate measure(std::span<Device* const> devices, const Case& c, double seconds, int runs) {
  return rate_of([&](std::uint64_t histories) { return run_on(devices, c, run_options(histories)); }, 64 * 500, seconds,
                 runs);
}

Rate measure_at(std::span<Device* const> devices, const Case& c, std::uint64_t histories, int runs) {
  return rate_at([&](std::uint64_t n) { return run_on(devices, c, run_options(n)); }, histories, runs);
}

void run_once(std::span<Device* const> devices, const Case& c, std::uint64_t histories) {
  (void)run_on(devices, c, run_options(histories));
}

Rate measure_host(const Case& c, double seconds, int runs) {
  // Few histories in a large grid would time the sums over its voxels.
  const std::uint64_t least = std::max<std::uint64_t>(64 * 500, 2 * c.tables.words.size());
  return rate_of([&](std::uint64_t histories) { return run_on_host(c, run_options(histories)); }, least, seconds, runs);
}

}  // namespace ytterby::gpu_check
