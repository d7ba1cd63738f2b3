#include "engine/shell_simulation.h"

#include <cmath>

#include "engine/base/error.h"
#include "engine/run_batches.h"
#include "engine/tables/physics_tables.h"
#include "engine/tables/source_tables.h"
#include "kernels/launch/launch.h"

namespace ytterby {

ShellEnergies simulate_shells(const Material& material, double density, std::span<const double> radius,
                              const Source& source, const RunOptions& options) {
  check_run(options);
  if (radius.empty()) throw Error(Fault::input, "there are no shells, needs at least one radius");
  if (!(density > 0 && density < 100))
    throw Error(Fault::input, "density is " + std::to_string(density) + " g/cm3, needs to be above 0 and below 100");
  std::vector<float> radii;
  for (const double r : radius) {
    if (!std::isfinite(r) || !(r > (radii.empty() ? 0.0 : static_cast<double>(radii.back()))))
      throw Error(Fault::input, "shell radius " + std::to_string(r) + " cm does not ascend");
    radii.push_back(static_cast<float>(r));
  }
  const std::vector<Material> materials{material};
  const std::vector<double> densities{density};
  const PhysicsTables physics = build_tables(materials, densities, options.transport.electron_cutoff,
                                             options.transport.photon_cutoff, built_in_library());
  Source point;
  point.nuclide = source.nuclide;
  point.mono_energy = source.mono_energy;
  point.segment = SegmentSource{{0, 0, 0}, {0, 0, 0}};
  const Grid unit{{1, 1, 1}, {1, 1, 1}, {}, {}};
  const SourceTables emission = build_source_tables(point, unit);

  const std::uint64_t per_batch = histories_per_batch(options.histories, options.batches);
  TransportViewOf<ShellView> view{physics.view(), {}, emission.view()};
  view.grid.radius = {radii.data(), static_cast<std::uint32_t>(radii.size())};
  view.grid.word = __builtin_bit_cast(std::uint32_t, static_cast<float>(density)) & 0xffffff00u;
  if (options.transport.step_fraction > 0)
    view.physics.step_fraction = static_cast<float>(options.transport.step_fraction);

  view.source.share_out(per_batch);

  const CpuLauncher launcher = best_cpu_launcher();
  const PortionRunner runner{[&](std::uint64_t first, std::uint64_t count, std::int64_t* tally) {
                               return launcher.run_shells(view, options.seed, first, count, tally);
                             },
                             radii.size(), launcher.level};
  const BatchRun run = run_batches(runner, options, per_batch, {});

  ShellEnergies result;
  result.ledger = run.ledger;
  result.histories = per_batch * static_cast<std::uint64_t>(options.batches);
  result.seconds = run.seconds;
  const double scale = std::ldexp(1.0, -30) / static_cast<double>(per_batch);
  for (std::size_t shell = 0; shell < radii.size(); ++shell) {
    const BatchSums::Estimate e = run.sums.estimate(shell, run.batches);
    result.energy.push_back(e.mean * scale);
    result.error.push_back(e.error * scale);
  }
  return result;
}

}  // namespace ytterby
