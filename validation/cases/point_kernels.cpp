#include <algorithm>
#include <cmath>

#include "engine/shell_simulation.h"
#include "engine/units.h"
#include "validation/cases/cases.h"
#include "validation/reference_data.h"

namespace ytterby::validation {
namespace {

/// A shell of a reference file.
struct Shell {
  double inner, outer;   // radii [mm]
  double energy, error;  // [MeV] per decay or electron
  [[nodiscard]] double per_mm() const { return energy / (outer - inner); }
};

std::vector<Shell> read_y90() {
  const CsvTable table = reference_csv("dpk_y90_water.csv");
  std::vector<Shell> shells;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double energy = table.number(row, table.column("energy_MeV_per_decay"));
    shells.push_back(
        {table.number(row, 0), table.number(row, 1), energy, energy * table.number(row, table.column("rel_unc"))});
  }
  return shells;
}

std::vector<Shell> read_mono(double wanted) {
  const CsvTable table = reference_csv("dpk_mono_water.csv");
  std::vector<Shell> shells;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.number(row, 0) != wanted) continue;
    const double energy = table.number(row, table.column("energy_MeV_per_electron"));
    shells.push_back(
        {table.number(row, 1), table.number(row, 2), energy, energy * table.number(row, table.column("rel_unc"))});
  }
  return shells;
}

ShellEnergies simulate_water(const std::vector<Shell>& shells, const Source& source, RunOptions run, double histories,
                             const CaseOptions& options) {
  std::vector<double> radii;
  for (const Shell& shell : shells) radii.push_back(shell.outer * cm_per_mm);
  run.histories = static_cast<std::uint64_t>(histories * options.effort);
  run.seed = options.seed;
  run.threads = options.threads;
  run.step_fraction = options.step_fraction;
  return simulate_shells(built_in_material("water"), 1.0, radii, source, run);
}

std::string radius(double mm) {
  std::string text = std::to_string(mm);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

Comparison compare(const std::string& name, const Shell& shell, double ours, double our_error) {
  Comparison c{name, {}, radius(shell.inner) + " to " + radius(shell.outer) + " mm", "MeV per decay"};
  c.position = 0.5 * (shell.inner + shell.outer);
  c.reference = shell.energy;
  c.reference_error = shell.error;
  c.ours = ours;
  c.our_error = our_error;
  c.percent_of = shell.energy;
  return c;
}

/// Shells of a kernel, as energy per thickness (the r^2-weighted dose) in per cent of its maximum.
CaseResult compare_kernel(const std::string& name, const std::vector<Shell>& shells, const ShellEnergies& ours) {
  double largest = 0;
  for (const Shell& shell : shells) largest = std::max(largest, shell.per_mm());
  CaseResult result;
  for (std::size_t i = 0; i < shells.size(); ++i) {
    Comparison c = compare(name, shells[i], ours.energy[i], ours.error[i]);
    const bool judged = shells[i].per_mm() > 0.01 * largest;
    c.group = judged ? "shells above 1 % of the maximum" : "shells below 1 % of the maximum";
    c.percent_of = largest * (shells[i].outer - shells[i].inner);
    if (judged) c.stated = 1;
    result.comparisons.push_back(std::move(c));
  }
  result.runs.push_back({name, ours.histories, ours.seconds, ours.ledger});
  return result;
}

}  // namespace

CaseResult point_kernel_y90(const CaseOptions& options) {
  const std::vector<Shell> shells = read_y90();
  return compare_kernel("point-kernel-y90", shells, simulate_water(shells, {}, {}, 3e7, options));
}

CaseResult point_kernel_mono(double energy, const CaseOptions& options) {
  const std::vector<Shell> shells = read_mono(energy);
  Source source;
  source.mono_energy = energy;
  RunOptions run;
  if (energy < 0.2) {  // the reference's cuts there: electrons 2 keV, photons 1 keV (ours are 2 keV at least)
    run.electron_cutoff = 0.002;
    run.photon_cutoff = 0.002;
  }
  const std::string name = "point-kernel-" + radius(energy) + "MeV";
  return compare_kernel(name, shells, simulate_water(shells, source, run, 4e6, options));
}

CaseResult bremsstrahlung_tail(const CaseOptions& options) {
  constexpr double first = 15, last = 50, width = 5;  // [mm]
  const std::vector<Shell> fine = read_y90();
  std::vector<Shell> coarse{{0, first, 0, 0}};
  for (double r = first; r < last; r += width) {
    Shell sum{r, r + width, 0, 0};
    for (const Shell& shell : fine) {
      if (shell.inner < r || shell.outer > r + width) continue;
      sum.energy += shell.energy;
      sum.error = std::hypot(sum.error, shell.error);  // a photon seldom scores in two shells
    }
    coarse.push_back(sum);
  }
  coarse.push_back({last, 300, fine.back().energy, fine.back().error});
  // The sum from 15 to 50 mm has a run of its own, with other histories, for its own batch statistics.
  const ShellEnergies ours = simulate_water(coarse, {}, {}, 3e7, options);
  Shell all{first, last, 0, 0};
  for (std::size_t i = 1; i + 1 < coarse.size(); ++i) {
    all.energy += coarse[i].energy;
    all.error = std::hypot(all.error, coarse[i].error);
  }
  CaseOptions other = options;
  other.seed += 1'000'000;
  const ShellEnergies whole = simulate_water({coarse.front(), all, coarse.back()}, {}, {}, 1e7, other);

  CaseResult result;
  const std::string name = "bremsstrahlung-tail";
  result.comparisons.push_back(compare(name, all, whole.energy[1], whole.error[1]));
  for (std::size_t i = 1; i + 1 < coarse.size(); ++i)
    result.comparisons.push_back(compare(name, coarse[i], ours.energy[i], ours.error[i]));
  for (Comparison& c : result.comparisons) {
    c.group = "15 to 50 mm and 5 mm shells";
    c.stated = 5;
  }
  Comparison beyond = compare(name, coarse.back(), ours.energy.back(), ours.error.back());
  beyond.group = "50 to 300 mm";
  result.comparisons.push_back(std::move(beyond));
  result.runs.push_back({name + ", 5 mm shells", ours.histories, ours.seconds, ours.ledger});
  result.runs.push_back({name + ", 15 to 50 mm", whole.histories, whole.seconds, whole.ledger});
  return result;
}

}  // namespace ytterby::validation
