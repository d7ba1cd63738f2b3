#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "engine/base/units.h"
#include "engine/simulation.h"
#include "validation/cases/cases.h"
#include "validation/reference_data.h"

namespace ytterby::validation {
namespace {

constexpr double layer_mm = 0.5;
constexpr double tissue_mm = 200, neighbour_mm = 300;  // extent of the phantom along z on either side
constexpr double lateral_mm = 1000;                    // one voxel holds the reference's +-500 mm
constexpr double source_mm = 20;                       // thickness of the layer that emits, next to the face
constexpr int interface_layer = static_cast<int>(tissue_mm / layer_mm);

/// ICRU 44 tissues; the reference evaluates the lung's density effect at 0.26 g/cm3.
Material neighbour_material(Neighbour neighbour) {
  if (neighbour == Neighbour::bone) return built_in_material("cortical_bone_icru44", 1.92);
  const Material lung = built_in_material("lung_icru44");
  return make_material("lung_icru44", lung.composition, 0.26, 0.26);
}

Phantom make_phantom(Neighbour neighbour) {
  Phantom phantom;
  const int layers = static_cast<int>((tissue_mm + neighbour_mm) / layer_mm);
  phantom.grid.shape = {1, 1, layers};
  phantom.grid.spacing = {lateral_mm * cm_per_mm, lateral_mm * cm_per_mm, layer_mm * cm_per_mm};
  phantom.materials = {built_in_material("liver_icru44", 1.06), neighbour_material(neighbour)};
  for (int layer = 0; layer < layers; ++layer) {
    const std::uint8_t material = layer < interface_layer ? 0 : 1;
    phantom.material.push_back(material);
    phantom.density.push_back(static_cast<float>(phantom.materials[material].density));
  }
  return phantom;
}

/// Emission on the axis with the energy scored over all of x and y: by reciprocity a source uniform in x and y.
Source axis_source() {
  Source source;
  const double middle = 0.5 * lateral_mm * cm_per_mm;
  const double end = tissue_mm * cm_per_mm, start = (tissue_mm - source_mm) * cm_per_mm;
  source.segment = SegmentSource{{middle, middle, start}, {middle, middle, end}};
  return source;
}

std::string millimetres(double z) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", z);
  return text;
}

}  // namespace

CaseResult slab(Neighbour neighbour, const CaseOptions& options) {
  const std::string medium = neighbour == Neighbour::lung ? "lung" : "bone", name = "slab-" + medium;
  const CsvTable table = reference_csv("slab_tissue_" + medium + ".csv");
  const std::size_t dose_column = table.column("dose_Gy_per_decay_per_cm3"), error_column = table.column("rel_unc");
  const std::size_t energy_column = table.column("energy_MeV_per_decay"), medium_column = table.column("medium");

  const Phantom phantom = make_phantom(neighbour);
  // The part of either medium that the reference lists. A region's layers are correlated: ours get batch statistics,
  // the reference's error is the layers' in quadrature, which is if anything too small.
  std::vector<Structure> regions{{"tissue, -20 to 0 mm", Role::other, std::vector<float>(phantom.grid.voxels(), 0.0f)},
                                 {medium, Role::other, std::vector<float>(phantom.grid.voxels(), 0.0f)}};
  std::vector<double> region_energy(2), region_error(2);
  std::vector<std::size_t> layers;
  double largest = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::size_t region = table.text(row, medium_column) == "tissue" ? 0 : 1;
    const double energy = table.number(row, energy_column);
    layers.push_back(static_cast<std::size_t>(std::lround((table.number(row, 0) + tissue_mm) / layer_mm)));
    regions[region].fraction[layers.back()] = 1.0f;
    region_energy[region] += energy;
    region_error[region] = std::hypot(region_error[region], energy * table.number(row, error_column));
    largest = std::max(largest, table.number(row, dose_column));
  }
  regions[1].name += ", 0 to " + millimetres(table.number(table.rows() - 1, 1)) + " mm";

  RunOptions run;
  run.histories = static_cast<std::uint64_t>(3e7 * options.effort);
  run.seed = options.seed;
  run.threads = options.threads;
  run.transport.step_fraction = options.step_fraction;
  const DoseMap map = simulate(phantom, axis_source(), run, regions);

  // Dose per decay on the axis -> dose per (decay/cm3) everywhere: times lateral area times source thickness.
  const double area = phantom.grid.spacing[0] * phantom.grid.spacing[1];
  const double to_density = area * source_mm * cm_per_mm;
  CaseResult result;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    Comparison c{name,
                 {},
                 "z = " + millimetres(table.number(row, 0)) + " to " + millimetres(table.number(row, 1)) + " mm",
                 "Gy/(decay/cm3)"};
    c.position = 0.5 * (table.number(row, 0) + table.number(row, 1));
    c.reference = table.number(row, dose_column);
    c.reference_error = c.reference * table.number(row, error_column);
    c.ours = static_cast<double>(map.dose[layers[row]]) * to_density;
    c.our_error = static_cast<double>(map.uncertainty[layers[row]]) * to_density;
    if (c.reference > 0.05 * largest) {
      c.group = "layers above 5 % of the maximum, local";
      c.percent_of = c.reference;
      c.stated = std::min(2.0, largest / c.reference);  // 2 % local, and 1 % of the maximum
    } else {
      c.group = "layers below 5 %, of the maximum";
      c.percent_of = largest;
      c.stated = 1;
    }
    result.comparisons.push_back(std::move(c));
  }
  for (std::size_t i = 0; i < regions.size(); ++i) {
    Comparison c{name, "energy per region", regions[i].name, "MeV per decay"};
    const StructureDose& dose = map.structures[i];
    c.reference = region_energy[i];
    c.reference_error = region_error[i];
    c.ours = dose.mean * dose.mass / gray_per_MeV_per_g;
    c.our_error = dose.mean_error * dose.mass / gray_per_MeV_per_g;
    c.percent_of = c.reference;
    c.stated = 1;
    result.comparisons.push_back(std::move(c));
  }
  result.runs.push_back({name, map.histories, map.seconds_transport, map.ledger});
  return result;
}

}  // namespace ytterby::validation
