// Convolution by FFT against its two bare transforms: forward and back of the array that the engine transforms.

#include "kernels/convolution/convolution.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <complex>
#include <functional>
#include <kissfft.hh>
#include <thread>

#include "bench/bench.h"
#include "engine/methods/convolve.h"

namespace ytterby::bench {
namespace {

using Complex = std::complex<double>;

Grid cube(int side) { return {{side, side, side}, {0.3, 0.3, 0.3}, {}, {}}; }

std::vector<double> values(std::size_t count) {
  std::vector<double> v(count);
  std::uint32_t state = 1;
  for (double& x : v) x = static_cast<double>((state = state * 1664525u + 1013904223u) >> 8) * 5.9604645e-8;
  return v;
}

/// All lines along one axis, gathered eight at a time so that strided ones use whole cache lines.
void transform_lines(Complex* data, const FftPlan& plan, int axis, bool inverse, int thread, int threads) {
  const std::uint64_t n = plan.size[axis];
  std::uint64_t stride = 1;
  for (int a = 0; a < axis; ++a) stride *= plan.size[a];
  const kissfft<double> fft(n, inverse);
  constexpr std::uint64_t most = 8;
  std::vector<Complex> in(n * most), out(n);
  const std::uint64_t lines = plan.elements / n;
  const std::uint64_t begin = lines * static_cast<std::uint64_t>(thread) / static_cast<std::uint64_t>(threads);
  const std::uint64_t end = lines * static_cast<std::uint64_t>(thread + 1) / static_cast<std::uint64_t>(threads);
  for (std::uint64_t line = begin; line < end;) {
    const std::uint64_t run = std::min({end - line, most, stride - line % stride});
    Complex* base = data + line / stride * stride * n + line % stride;
    for (std::uint64_t i = 0; i < n; ++i)
      for (std::uint64_t l = 0; l < run; ++l) in[l * n + i] = base[i * stride + l];
    for (std::uint64_t l = 0; l < run; ++l) {
      fft.transform(in.data() + l * n, out.data());
      for (std::uint64_t i = 0; i < n; ++i) base[i * stride + l] = out[i];
    }
    line += run;
  }
}

void bare_transforms(benchmark::State& state, int side, int half, int threads) {
  const auto n = static_cast<std::uint32_t>(side), h = static_cast<std::uint32_t>(half);
  const FftPlan plan = plan_fft({{n, n, n}, {h, h, h}});
  std::vector<double> data = values(2 * plan.elements);
  auto* complex = reinterpret_cast<Complex*>(data.data());
  for (auto _ : state)
    for (int pass = 0; pass < 6; ++pass) {
      std::vector<std::jthread> crew;
      for (int t = 1; t < threads; ++t)
        crew.emplace_back(transform_lines, complex, std::cref(plan), pass % 3, pass > 2, t, threads);
      transform_lines(complex, plan, pass % 3, pass > 2, 0, threads);
    }
  benchmark::DoNotOptimize(data.data());
  state.counters["elements"] = static_cast<double>(plan.elements);
}

void whole_convolution(benchmark::State& state, int side, int half, int threads) {
  const Grid grid = cube(side);
  const std::vector<double> volume = values(grid.voxels());
  const std::vector<double> kernel = values(cube(2 * half + 1).voxels());
  for (auto _ : state)
    benchmark::DoNotOptimize(convolve(grid, volume, kernel, {half, half, half}, Backend::cpu, threads));
  state.SetItemsProcessed(static_cast<std::int64_t>(static_cast<std::size_t>(state.iterations()) * grid.voxels()));
  const ConvolutionCost cost = convolution_cost(grid, {half, half, half});
  state.counters["by_fft"] = cost.fft < cost.direct ? 1 : 0;
}

}  // namespace

void register_convolution(const Settings& settings) {
  constexpr int half = 17;  // 50 mm of 3 mm voxels
  for (const int side : settings.quick ? std::vector<int>{32} : std::vector<int>{32, 64, 96, 128, 192})
    for (const int threads : thread_counts(settings)) {
      const std::string size = std::to_string(side) + "/" + std::to_string(threads);
      benchmark::RegisterBenchmark(("convolve/whole/" + size).c_str(), whole_convolution, side, half, threads)
          ->MeasureProcessCPUTime()
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
      benchmark::RegisterBenchmark(("convolve/bare_transforms/" + size).c_str(), bare_transforms, side, half, threads)
          ->MeasureProcessCPUTime()
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    }
}

}  // namespace ytterby::bench
