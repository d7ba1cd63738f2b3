#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <utility>

#include "engine/base/units.h"
#include "engine/shell_simulation.h"
#include "validation/cases/cases.h"
#include "validation/cases/code_against_code.h"
#include "validation/reference_data.h"

namespace ytterby::validation {
namespace {

/// A shell of a reference file.
struct Shell {
  double inner, outer;   // radii [mm]
  double energy, error;  // [MeV] per decay or electron
  [[nodiscard]] double per_mm() const { return energy / (outer - inner); }
};

/// PENELOPE and we let the losses below the cutoff fluctuate, EGSnrc does not: its electrons reach less far. Beyond
/// this share of the range it is no reference.
constexpr double straggling_from = 0.93;
constexpr const char* straggling = "end of the range, where soft losses straggle";

std::vector<Shell> read_y90(const Yardstick& yardstick) {
  const CsvTable table = reference_csv(std::string(yardstick.files) + "dpk_y90_water.csv");
  std::vector<Shell> shells;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double energy = table.number(row, table.column("energy_MeV_per_decay"));
    shells.push_back(
        {table.number(row, 0), table.number(row, 1), energy, energy * table.number(row, table.column("rel_unc"))});
  }
  return shells;
}

std::vector<Shell> read_mono(const Yardstick& yardstick, double wanted) {
  const CsvTable table = reference_csv(std::string(yardstick.files) + "dpk_mono_water.csv");
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
  run.transport.step_fraction = options.step_fraction;
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

/// Shells of a kernel, as energy per thickness (the r^2-weighted dose) in per cent of its maximum. Beyond `judged_to`
/// [mm] nothing is judged.
std::vector<Comparison> compare_kernel(const std::string& name, const std::vector<Shell>& shells,
                                       std::span<const double> energy, std::span<const double> error,
                                       double judged_to = 1e3) {
  double largest = 0;
  for (const Shell& shell : shells) largest = std::max(largest, shell.per_mm());
  std::vector<Comparison> result;
  for (std::size_t i = 0; i < shells.size(); ++i) {
    Comparison c = compare(name, shells[i], energy[i], error[i]);
    const bool high = shells[i].per_mm() > 0.01 * largest, judged = high && shells[i].outer <= judged_to;
    c.group = !high ? "below 1 % of the maximum, shells" : judged ? "shells above 1 % of the maximum" : straggling;
    c.percent_of = largest * (shells[i].outer - shells[i].inner);
    if (judged) c.stated = 1;
    result.push_back(std::move(c));
  }
  return result;
}

/// What lies between two radii [mm], local; its error is that of its shells in quadrature.
Comparison compare_between(double inner, double outer, const std::string& name, const std::vector<Shell>& shells,
                           std::span<const double> energy, std::span<const double> error) {
  Shell sum{inner, outer, 0, 0};
  double ours = 0, our_error = 0;
  for (std::size_t i = 0; i < shells.size(); ++i) {
    constexpr double rounding = 1e-4;  // of the files' radii
    if (shells[i].inner < inner * (1 - rounding) || shells[i].outer > outer * (1 + rounding)) continue;
    sum.energy += shells[i].energy;
    sum.error = std::hypot(sum.error, shells[i].error);
    ours += energy[i];
    our_error = std::hypot(our_error, error[i]);
  }
  Comparison c = compare(name, sum, ours, our_error);
  c.group = straggling;
  return c;
}

constexpr double end_judged_to = 10;  // [mm]: beyond, PENELOPE's own errors say nothing

/// The end of the 90Y kernel in shells of 1 mm.
std::vector<Comparison> compare_end(const std::string& name, const std::vector<Shell>& shells,
                                    std::span<const double> energy, std::span<const double> error) {
  std::vector<Comparison> result;
  for (const double inner : {8.0, 9.0, 10.0})
    result.push_back(compare_between(inner, inner + 1, name, shells, energy, error));
  return result;
}

void append(std::vector<Comparison>& all, std::vector<Comparison> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

constexpr double tail_first = 15, tail_last = 50;  // [mm]

/// Shells of width `inside` where electrons go, of `width` in the tail, and one beyond; energies in the tail alone.
std::vector<Shell> tail_shells(const std::vector<Shell>& fine, double inside, double width) {
  std::vector<Shell> shells;
  for (double r = 0; r < tail_first; r += inside) shells.push_back({r, r + inside, 0, 0});
  for (double r = tail_first; r < tail_last; r += width) {
    Shell sum{r, r + width, 0, 0};
    for (const Shell& shell : fine) {
      if (shell.inner < r || shell.outer > r + width) continue;
      sum.energy += shell.energy;
      sum.error = std::hypot(sum.error, shell.error);  // a photon seldom scores in two shells
    }
    shells.push_back(sum);
  }
  shells.push_back({tail_last, 300, fine.back().energy, fine.back().error});
  return shells;
}

}  // namespace

CaseResult point_kernel_y90(const CaseOptions& options) {
  const std::vector<Shell> shells = read_y90(egsnrc), second = read_y90(penelope);
  const ShellEnergies ours = simulate_water(shells, {}, {}, 3e7, options);
  CaseResult result{compare_kernel("point-kernel-y90", shells, ours.energy, ours.error), {}};
  append(result.comparisons, compare_kernel("penelope-point-kernel-y90", second, ours.energy, ours.error));
  for (Comparison& c : compare_end("penelope-point-kernel-y90", second, ours.energy, ours.error)) {
    if (c.position < end_judged_to) c.stated = 2;
    result.comparisons.push_back(std::move(c));
  }
  result.runs.push_back({"point-kernel-y90", ours.histories, ours.seconds, ours.ledger});
  return result;
}

std::vector<Comparison> point_kernel_code_against_code() {
  const std::vector<Shell> first = read_y90(egsnrc), second = read_y90(penelope);
  std::vector<double> energy, error;
  for (const Shell& shell : first) {
    energy.push_back(shell.energy);
    error.push_back(shell.error);
  }
  std::vector<Comparison> result = compare_kernel("", second, energy, error);
  append(result, compare_end("", second, energy, error));
  return result;
}

CaseResult point_kernel_mono(double energy, const CaseOptions& options) {
  const std::vector<Shell> shells = read_mono(egsnrc, energy), second = read_mono(penelope, energy);
  Source source;
  source.mono_energy = energy;
  RunOptions run;
  if (energy < 0.2) {  // the reference's cuts there: electrons 2 keV, photons 1 keV (ours are 2 keV at least)
    run.transport.electron_cutoff = 0.002;
    run.transport.photon_cutoff = 0.002;
  }
  const std::string name = "point-kernel-" + radius(energy) + "MeV";
  const ShellEnergies ours = simulate_water(shells, source, run, 4e6, options);
  const double range = 40 * shells.front().outer;  // shells of a fortieth of it
  CaseResult result{compare_kernel(name, shells, ours.energy, ours.error, straggling_from * range), {}};
  if (!second.empty()) {
    append(result.comparisons, compare_kernel("penelope-" + name, second, ours.energy, ours.error));
    Comparison end = compare_between(0.975 * range, 1.1 * range, "penelope-" + name, second, ours.energy, ours.error);
    end.stated = 5;
    result.comparisons.push_back(std::move(end));
  }
  result.runs.push_back({name, ours.histories, ours.seconds, ours.ledger});
  return result;
}

CaseResult bremsstrahlung_tail(const CaseOptions& options) {
  const std::string name = "bremsstrahlung-tail";
  const std::vector<Shell> fine = read_y90(egsnrc);
  CaseResult result;
  const auto run = [&](const char* what, double inside, double width, double histories, std::uint64_t seed) {
    CaseOptions other = options;
    other.seed = options.seed + seed * 1'000'000;
    const std::vector<Shell> shells = tail_shells(fine, inside, width);
    const ShellEnergies ours = simulate_water(shells, {}, {}, histories, other);
    for (std::size_t i = 0; i < shells.size(); ++i) {
      if (shells[i].inner < tail_first) continue;
      Comparison c = compare(name, shells[i], ours.energy[i], ours.error[i]);
      c.group = what;
      if (shells[i].outer <= tail_last) c.stated = 5;
      if (shells[i].outer > tail_last) c.group = "beyond 50 mm, of the run for: " + c.group;
      result.comparisons.push_back(std::move(c));
    }
    result.runs.push_back({name + ", " + what, ours.histories, ours.seconds, ours.ledger});
  };
  // Electrons slow down through shells of 1 mm. The whole range has a run of its own, for its own batch statistics.
  run("15 to 50 mm", 1, tail_last - tail_first, 4e6, 1);
  run("5 mm shells", 1, 5, 1.2e7, 2);
  // A single shell holds every electron: what is absorbed on the spot has to radiate as much as what is followed.
  run("5 mm shells, electrons absorbed at once", tail_first, 5, 3e7, 3);
  return result;
}

}  // namespace ytterby::validation
