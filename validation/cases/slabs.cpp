#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "engine/base/units.h"
#include "engine/simulation.h"
#include "validation/cases/cases.h"
#include "validation/cases/code_against_code.h"
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

std::string medium_of(Neighbour neighbour) { return neighbour == Neighbour::lung ? "lung" : "bone"; }

/// A value with its standard error.
struct Value {
  double value = 0, error = 0;
};

/// What a code says of a slab: dose [Gy/(decay/cm3)] of layers, and energy [MeV per decay] of the two media's layers.
struct SlabTable {
  struct Layer {
    double low, high;   // z [mm] from the face
    std::size_t index;  // in our phantom
    Value dose;
  };
  std::string name, medium;
  std::vector<Layer> layers;
  // The layers of a region are correlated: the error here is theirs in quadrature, which is if anything too small.
  std::array<Value, 2> energy;
  double largest = 0;

  SlabTable(const Yardstick& yardstick, Neighbour neighbour)
      : name(std::string(yardstick.cases) + "slab-" + medium_of(neighbour)), medium(medium_of(neighbour)) {
    const CsvTable table = reference_csv(std::string(yardstick.files) + "slab_tissue_" + medium + ".csv");
    const std::size_t dose = table.column("dose_Gy_per_decay_per_cm3"), relative = table.column("rel_unc");
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const double z = table.number(row, 0), value = table.number(row, dose), error = table.number(row, relative);
      layers.push_back({z,
                        table.number(row, 1),
                        static_cast<std::size_t>(std::lround((z + tissue_mm) / layer_mm)),
                        {value, value * error}});
      Value& sum = energy[region(layers.back())];
      const double layer_energy = table.number(row, table.column("energy_MeV_per_decay"));
      sum.value += layer_energy;
      sum.error = std::hypot(sum.error, layer_energy * error);
      largest = std::max(largest, value);
    }
  }

  static std::size_t region(const Layer& layer) { return layer.low < 0 ? 0 : 1; }
  [[nodiscard]] std::string region_name(std::size_t region) const {
    return region == 0 ? "tissue, -20 to 0 mm" : medium + ", 0 to " + millimetres(layers.back().high) + " mm";
  }

  [[nodiscard]] Comparison compare(const Layer& layer, Value ours) const {
    Comparison c{
        name, {}, "z = " + millimetres(layer.low) + " to " + millimetres(layer.high) + " mm", "Gy/(decay/cm3)"};
    c.position = 0.5 * (layer.low + layer.high);
    c.reference = layer.dose.value;
    c.reference_error = layer.dose.error;
    c.ours = ours.value;
    c.our_error = ours.error;
    if (c.reference > 0.05 * largest) {
      c.group = "layers above 5 % of the maximum, local";
      c.percent_of = c.reference;
      c.stated = std::min(2.0, largest / c.reference);  // 2 % local, and 1 % of the maximum
    } else {
      c.group = "below 5 % of the maximum, layers";
      c.percent_of = largest;
      c.stated = 1;
    }
    return c;
  }

  [[nodiscard]] Comparison compare_energy(std::size_t region, Value ours) const {
    Comparison c{name, "energy per region", region_name(region), "MeV per decay"};
    c.reference = energy[region].value;
    c.reference_error = energy[region].error;
    c.ours = ours.value;
    c.our_error = ours.error;
    c.percent_of = c.reference;
    c.stated = 1;
    return c;
  }
};

}  // namespace

CaseResult slab(Neighbour neighbour, const CaseOptions& options) {
  const SlabTable first(egsnrc, neighbour), second(penelope, neighbour);
  const Phantom phantom = make_phantom(neighbour);
  // The part of either medium that a code lists, with batch statistics of its own.
  std::vector<Structure> regions;
  for (const SlabTable* table : {&first, &second})
    for (const std::size_t region : {0u, 1u}) {
      regions.push_back(
          {table->name + table->region_name(region), Role::other, std::vector<float>(phantom.grid.voxels(), 0.0f)});
      for (const SlabTable::Layer& layer : table->layers)
        if (SlabTable::region(layer) == region) regions.back().fraction[layer.index] = 1.0f;
    }

  RunOptions run;
  run.histories = static_cast<std::uint64_t>(3e7 * options.effort);
  run.seed = options.seed;
  run.threads = options.threads;
  run.transport.step_fraction = options.step_fraction;
  const DoseMap map = simulate(phantom, axis_source(), run, regions);

  // Dose per decay on the axis -> dose per (decay/cm3) everywhere: times lateral area times source thickness.
  const double to_density = phantom.grid.spacing[0] * phantom.grid.spacing[1] * source_mm * cm_per_mm;
  CaseResult result;
  std::size_t structure = 0;
  for (const SlabTable* table : {&first, &second}) {
    for (const SlabTable::Layer& layer : table->layers)
      result.comparisons.push_back(
          table->compare(layer, {static_cast<double>(map.dose[layer.index]) * to_density,
                                 static_cast<double>(map.uncertainty[layer.index]) * to_density}));
    for (const std::size_t region : {0u, 1u}) {
      const StructureDose& dose = map.structures[structure++];
      const double to_energy = dose.mass / gray_per_MeV_per_g;
      result.comparisons.push_back(table->compare_energy(region, {dose.mean * to_energy, dose.mean_error * to_energy}));
    }
  }
  result.runs.push_back({first.name, map.histories, map.seconds_transport, map.ledger});
  return result;
}

std::vector<Comparison> slab_code_against_code(Neighbour neighbour) {
  const SlabTable first(egsnrc, neighbour), second(penelope, neighbour);
  std::vector<Comparison> result;
  for (const SlabTable::Layer& layer : second.layers)
    for (const SlabTable::Layer& other : first.layers)
      if (other.index == layer.index) result.push_back(second.compare(layer, other.dose));
  result.push_back(second.compare_energy(0, first.energy[0]));
  // Of the neighbour both list the same layers, or there is nothing to compare.
  if (first.region_name(1) == second.region_name(1)) result.push_back(second.compare_energy(1, first.energy[1]));
  return result;
}

}  // namespace ytterby::validation
