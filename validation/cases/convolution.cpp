#include "kernels/convolution/convolution.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "engine/simulation.h"
#include "validation/cases/cases.h"

namespace ytterby::validation {
namespace {

constexpr std::uint32_t half = 8;  // voxels of the kernel on each side of its centre

/// A 90Y voxel kernel of this engine in water, 3 mm [Gy].
std::vector<double> simulated_kernel(const CaseOptions& options, RunRecord& record) {
  constexpr int side = 2 * static_cast<int>(half) + 1;
  Phantom phantom;
  phantom.grid.shape = {side, side, side};
  phantom.grid.spacing = {0.3, 0.3, 0.3};
  phantom.materials = {built_in_material("water")};
  phantom.density.assign(phantom.grid.voxels(), 1.0f);
  phantom.material.assign(phantom.grid.voxels(), 0);
  Source source;
  source.voxels = VoxelSource{std::vector<double>(phantom.grid.voxels(), 0.0)};
  source.voxels->activity[phantom.grid.index(side / 2, side / 2, side / 2)] = 1;
  RunOptions run;
  run.histories = 200'000;
  run.seed = options.seed;
  run.threads = options.threads;
  run.backend = Backend::cpu;
  const DoseMap dose = simulate(phantom, source, run);
  record = {"convolution", dose.histories, dose.seconds_transport, dose.ledger};
  return {dose.dose.begin(), dose.dose.end()};
}

/// Two hot regions, a cold background with an empty quarter: sharp edges, which FFTs like least.
std::vector<double> activity_map(const std::uint32_t (&n)[3]) {
  std::vector<double> activity;
  for (std::uint32_t z = 0; z < n[2]; ++z)
    for (std::uint32_t y = 0; y < n[1]; ++y)
      for (std::uint32_t x = 0; x < n[0]; ++x) {
        const bool hot = (x > 8 && x < 20 && y > 10 && y < 24 && z > 6 && z < 20) || (x == 30 && y == 5 && z == 25);
        const bool empty = x > n[0] / 2 && y > n[1] / 2;
        activity.push_back(hot ? 4.0 : (empty ? 0.0 : 1.0 + 0.3 * ((x * 7 + y * 3 + z * 5) % 11) / 11.0));
      }
  return activity;
}

}  // namespace

CaseResult convolution(const CaseOptions& options) {
  CaseResult result;
  result.runs.emplace_back();
  const std::vector<double> kernel = simulated_kernel(options, result.runs.back());
  const ConvolutionShape shape{{42, 37, 33}, {half, half, half}};
  const std::vector<double> activity = activity_map(shape.volume);
  std::vector<double> direct(activity.size()), fft(activity.size());
  const int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  convolve_direct_cpu(shape, activity.data(), kernel.data(), direct.data(), threads);
  const FftPlan plan = plan_fft(shape);
  std::vector<double> work_volume(2 * plan.elements), work_kernel(2 * plan.elements);
  convolve_fft_cpu(shape, plan, activity.data(), kernel.data(), work_volume.data(), work_kernel.data(), fft.data(),
                   threads);

  std::size_t worst = 0;
  for (std::size_t v = 0; v < fft.size(); ++v)
    if (std::abs(fft[v] - direct[v]) > std::abs(fft[worst] - direct[worst])) worst = v;
  Comparison c;
  c.case_name = "convolution";
  c.group = "FFT against the plain sum, every voxel";
  c.quantity = "voxel " + std::to_string(worst);
  c.unit = "Gy";
  c.reference = direct[worst];
  c.ours = fft[worst];
  c.percent_of = *std::max_element(direct.begin(), direct.end());
  c.stated = 1e-3;  // 1e-5 of the maximum
  result.comparisons.push_back(c);
  return result;
}

}  // namespace ytterby::validation
