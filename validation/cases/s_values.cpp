#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

#include "engine/base/units.h"
#include "engine/simulation.h"
#include "validation/cases/cases.h"
#include "validation/cases/code_against_code.h"
#include "validation/reference_data.h"

namespace ytterby::validation {
namespace {

using Offset = std::array<int, 3>;  // from the source voxel; of a class: descending, none negative

constexpr double decays_per_MBq_s = 1e6;

Offset class_of(Offset offset) {
  for (int& o : offset) o = o < 0 ? -o : o;
  std::sort(offset.begin(), offset.end(), std::greater<>());
  return offset;
}

/// A cube of water, the source in its central voxel. The reference cube has a half side of 150 mm; photons scattered
/// back from beyond 80 mm are the difference, far below the statistics of any voxel here.
Phantom water_cube(int voxels, double spacing) {
  Phantom phantom;
  phantom.grid.shape = {voxels, voxels, voxels};
  phantom.grid.spacing = {spacing, spacing, spacing};
  phantom.materials = {built_in_material("water")};
  phantom.density.assign(phantom.grid.voxels(), 1.0f);
  phantom.material.assign(phantom.grid.voxels(), 0);
  return phantom;
}

/// S values [Gy/(MBq s)] of the classes given, in their order.
struct ClassDoses {
  std::vector<double> mean, error;
  RunRecord run;
};

ClassDoses simulate_classes(double voxel_mm, int voxels, const std::vector<Offset>& classes, double histories,
                            const CaseOptions& options) {
  const Phantom phantom = water_cube(voxels, voxel_mm * cm_per_mm);
  std::map<Offset, std::size_t> place;
  std::vector<Structure> structures;
  for (const Offset& c : classes) {
    place[c] = structures.size();
    structures.push_back({"", Role::other, std::vector<float>(phantom.grid.voxels(), 0.0f)});
  }
  const int centre = voxels / 2;
  for (int z = 0; z < voxels; ++z)
    for (int y = 0; y < voxels; ++y)
      for (int x = 0; x < voxels; ++x)
        if (const auto found = place.find(class_of({x - centre, y - centre, z - centre})); found != place.end())
          structures[found->second].fraction[phantom.grid.index(x, y, z)] = 1.0f;

  Source source;
  source.voxels = VoxelSource{std::vector<double>(phantom.grid.voxels(), 0.0)};
  source.voxels->activity[phantom.grid.index(centre, centre, centre)] = 1;
  RunOptions run;
  run.histories = static_cast<std::uint64_t>(histories * options.effort);
  run.seed = options.seed;
  run.threads = options.threads;
  run.transport.step_fraction = options.step_fraction;
  const DoseMap map = simulate(phantom, source, run, structures);

  ClassDoses result;
  for (const StructureDose& dose : map.structures) {
    result.mean.push_back(dose.mean / map.decays * decays_per_MBq_s);
    result.error.push_back(dose.mean_error / map.decays * decays_per_MBq_s);
  }
  result.run = {"", map.histories, map.seconds_transport, map.ledger};
  return result;
}

std::string name_of(const Offset& c) {
  return "S(" + std::to_string(c[0]) + "," + std::to_string(c[1]) + "," + std::to_string(c[2]) + ")";
}

/// S values [Gy/(MBq s)] of a code; the first row is the source voxel's.
struct SValueTable {
  std::string name;
  int voxel_mm;
  std::vector<Offset> classes;
  std::vector<double> S, error;

  SValueTable(const Yardstick& yardstick, int mm)
      : name(std::string(yardstick.cases) + "s-values-" + std::to_string(mm) + "mm"), voxel_mm(mm) {
    const CsvTable table =
        reference_csv(std::string(yardstick.files) + "vsv_y90_water_" + std::to_string(mm) + "mm.csv");
    for (std::size_t row = 0; row < table.rows(); ++row) {
      classes.push_back({static_cast<int>(table.number(row, 0)), static_cast<int>(table.number(row, 1)),
                         static_cast<int>(table.number(row, 2))});
      S.push_back(table.number(row, table.column("S_Gy_per_MBq_s")));
      error.push_back(S.back() * table.number(row, table.column("rel_unc")));
    }
  }

  /// A row beside another's value for the same voxels.
  [[nodiscard]] Comparison compare(std::size_t row, double ours, double our_error) const {
    const Offset& c = classes[row];
    const int steps2 = c[0] * c[0] + c[1] * c[1] + c[2] * c[2];
    Comparison comparison{name, "below 1 % of the maximum", name_of(c), "Gy/(MBq s)"};
    comparison.position = std::sqrt(static_cast<double>(steps2)) * voxel_mm;
    comparison.reference = S[row];
    comparison.reference_error = error[row];
    comparison.ours = ours;
    comparison.our_error = our_error;
    comparison.percent_of = comparison.reference;
    if (steps2 <= 1) {
      comparison.group = "source voxel and face neighbours";
      comparison.stated = 0.3;
    } else if (comparison.reference > 0.01 * S.front()) {
      comparison.group = "others above 1 % of the maximum";
      comparison.stated = 0.7;
    }
    return comparison;
  }
};

}  // namespace

CaseResult voxel_s_values(int voxel_mm, const CaseOptions& options) {
  const SValueTable table(egsnrc, voxel_mm), second(penelope, voxel_mm);
  const int voxels = voxel_mm == 2 ? 81 : voxel_mm == 3 ? 55 : 41;
  const double histories = voxel_mm == 2 ? 4e7 : 3e7;
  ClassDoses doses = simulate_classes(voxel_mm, voxels, table.classes, histories, options);

  CaseResult result;
  for (const SValueTable* reference : {&table, &second})
    for (std::size_t row = 0; row < reference->classes.size(); ++row) {
      const auto place = std::find(table.classes.begin(), table.classes.end(), reference->classes[row]);
      if (place == table.classes.end()) continue;
      const auto i = static_cast<std::size_t>(place - table.classes.begin());
      result.comparisons.push_back(reference->compare(row, doses.mean[i], doses.error[i]));
    }
  doses.run.name = table.name;
  result.runs.push_back(doses.run);
  return result;
}

std::vector<Comparison> s_values_code_against_code(int voxel_mm) {
  const SValueTable first(egsnrc, voxel_mm), second(penelope, voxel_mm);
  std::vector<Comparison> result;
  for (std::size_t row = 0; row < second.classes.size(); ++row) {
    const auto place = std::find(first.classes.begin(), first.classes.end(), second.classes[row]);
    if (place == first.classes.end()) continue;
    const auto i = static_cast<std::size_t>(place - first.classes.begin());
    result.push_back(second.compare(row, first.S[i], first.error[i]));
  }
  return result;
}

CaseResult published_s_values(const CaseOptions& options) {
  const CsvTable table = reference_csv("vsv_published.csv");
  std::map<int, ClassDoses> by_size;
  CaseResult result;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const int size = static_cast<int>(table.number(row, table.column("voxel_mm")));
    if (!by_size.contains(size)) {
      by_size[size] = simulate_classes(size, 180 / size / 2 * 2 + 1, {{0, 0, 0}}, 4e6, options);
      by_size[size].run.name = "s-values-published, " + std::to_string(size) + " mm";
      result.runs.push_back(by_size[size].run);
    }
    Comparison c{"s-values-published", "self-dose, published",
                 std::string(table.text(row, 0)) + " " + std::to_string(size) + " mm", "Gy/(MBq s)"};
    c.reference = table.number(row, table.column("S_Gy_per_MBq_s"));
    c.ours = by_size[size].mean[0];
    c.our_error = by_size[size].error[0];
    c.percent_of = c.reference;
    c.stated = table.number(row, table.column("spread_percent"));
    result.comparisons.push_back(std::move(c));
  }
  return result;
}

}  // namespace ytterby::validation
