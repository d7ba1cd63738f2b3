#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

#include "engine/base/units.h"
#include "engine/simulation.h"
#include "validation/cases/cases.h"
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

}  // namespace

CaseResult voxel_s_values(int voxel_mm, const CaseOptions& options) {
  const CsvTable table = reference_csv("vsv_y90_water_" + std::to_string(voxel_mm) + "mm.csv");
  std::vector<Offset> classes;
  for (std::size_t row = 0; row < table.rows(); ++row)
    classes.push_back({static_cast<int>(table.number(row, 0)), static_cast<int>(table.number(row, 1)),
                       static_cast<int>(table.number(row, 2))});
  const std::size_t S = table.column("S_Gy_per_MBq_s"), error = table.column("rel_unc");
  const int voxels = voxel_mm == 2 ? 81 : voxel_mm == 3 ? 55 : 41;
  const double histories = voxel_mm == 2 ? 4e7 : 3e7;
  ClassDoses doses = simulate_classes(voxel_mm, voxels, classes, histories, options);

  CaseResult result;
  const std::string name = "s-values-" + std::to_string(voxel_mm) + "mm";
  const double largest = table.number(0, S);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const Offset& c = classes[row];
    const int steps2 = c[0] * c[0] + c[1] * c[1] + c[2] * c[2];
    Comparison comparison{name, "below 1 % of the maximum", name_of(c), "Gy/(MBq s)"};
    comparison.position = std::sqrt(static_cast<double>(steps2)) * voxel_mm;
    comparison.reference = table.number(row, S);
    comparison.reference_error = comparison.reference * table.number(row, error);
    comparison.ours = doses.mean[row];
    comparison.our_error = doses.error[row];
    comparison.percent_of = comparison.reference;
    if (steps2 <= 1) {
      comparison.group = "source voxel and face neighbours";
      comparison.stated = 0.3;
    } else if (comparison.reference > 0.01 * largest) {
      comparison.group = "others above 1 % of the maximum";
      comparison.stated = 0.7;
    }
    result.comparisons.push_back(std::move(comparison));
  }
  doses.run.name = name;
  result.runs.push_back(doses.run);
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
