// CT or labels to density and material on the dose grid.

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/base/numbers.h"
#include "engine/grid/grid_overlap.h"
#include "engine/grid/voxel_name.h"
#include "io/prepare/case_images.h"
#include "io/prepare/ct_numbers.h"
#include "io/prepare/parts.h"
#include "io/prepare/plausible.h"

namespace ytterby::io {
namespace {

constexpr double densest_organ = 3;  // [g/cm3], above bone

MediumImage read_ct_medium(const CaseFile& c, Remarks& remarks) {
  const MediumSection& section = *c.medium;
  const std::string place = c.place(section.line) + "[medium] ";
  MediumImage medium;
  medium.calibration = section.calibration == "schneider"
                           ? schneider()
                           : at_place(place, [&] { return read_calibration(c.path_of(section.calibration)); });
  if (section.calibration != "schneider") check_curve(*medium.calibration, section.calibration, remarks.warnings);
  medium.materials = ct_materials();
  const std::filesystem::path path = c.path_of(section.ct);
  medium.ct = at_place(place, [&] { return read_ct(c, remarks); });
  medium.grid = medium.ct.grid;
  if (const std::string why = no_ct_numbers(medium.ct); !why.empty() && !section.accept_CT_numbers) {
    refuse(place, section.ct + ": " + why + " [medium] accept_CT_numbers = true takes them as they are");
  }
  const HuCounts counts = at_place(place, [&] { return check_hu(medium.ct, *medium.calibration, path); });
  remarks.notes.push_back("CT: " + to_text(counts.lowest, 6) + " to " + to_text(counts.highest, 6) + " HU; " +
                          std::to_string(counts.padding) + " voxels below -1050 taken as air, " +
                          std::to_string(counts.metal) + " of 3000 and above taken as the last bin");
  if (counts.lowest > -500) {
    remarks.warnings.push_back({"ct-without-air",
                                WarningClass::wrong_dose,
                                section.ct + ": its lowest value is " + to_text(counts.lowest, 6) +
                                    " HU, there is no air in it: are these CT numbers?",
                                {{"lowest_HU", static_cast<double>(counts.lowest)}}});
  }
  return medium;
}

Material material_of(const MaterialEntry& entry) {
  if (!entry.composition.empty()) {
    std::vector<Component> composition;
    for (const auto& [symbol, share] : entry.composition) {
      const int z = atomic_number(symbol);
      if (z == 0) throw Error(Fault::input, "composition has the unknown element \"" + symbol + "\"");
      composition.push_back({z, share});
    }
    const std::string name = entry.name.empty() ? "label-" + std::to_string(entry.label) : entry.name;
    return make_material(name, std::move(composition), *entry.density, entry.condensed_density,
                         entry.mean_excitation_eV);
  }
  Material material = built_in_material(entry.name, entry.density);
  if (entry.condensed_density) material.condensed_density = *entry.condensed_density;
  if (entry.mean_excitation_eV) material.mean_excitation_eV = *entry.mean_excitation_eV;
  return material;
}

MediumImage read_label_medium(const CaseFile& c, Remarks& remarks) {
  const MediumSection& section = *c.medium;
  const std::string place = c.place(section.line) + "[medium] ";
  MediumImage medium;
  std::map<int, std::uint8_t> index_of;
  if (c.materials.size() > 255) refuse(place, "has more than 255 materials");
  for (const MaterialEntry& entry : c.materials) {
    index_of[entry.label] = static_cast<std::uint8_t>(medium.materials.size());
    medium.materials.push_back(at_place(c.place(entry.line) + "[[material]] ", [&] { return material_of(entry); }));
  }
  const Image<std::int32_t> labels = at_place(place, [&] {
    return read_labels(c.path_of(section.labels), collect(remarks, section.labels), affine_of(section.affine));
  });
  medium.grid = labels.grid;
  medium.index.reserve(labels.values.size());
  for (std::size_t i = 0; i < labels.values.size(); ++i) {
    const auto found = index_of.find(labels.values[i]);
    if (found == index_of.end()) {
      refuse(place, section.labels + " has the label " + std::to_string(labels.values[i]) + " at " +
                        voxel_name(labels.grid, i) + ", which needs a [[material]]");
    }
    medium.index.push_back(found->second);
  }
  return medium;
}

}  // namespace

MediumImage read_medium(const CaseFile& c, Remarks& remarks) {
  return c.medium->labels.empty() ? read_ct_medium(c, remarks) : read_label_medium(c, remarks);
}

Phantom phantom_on(const Grid& grid, const MediumImage& medium) {
  Phantom phantom;
  phantom.grid = grid;
  phantom.materials = medium.materials;
  Medium result;
  if (medium.calibration) {
    result = average_medium(medium.grid, grid, [&medium](std::size_t i) { return medium.of_ct(i); });
  } else {
    std::vector<float> density;
    for (const Material& m : medium.materials) density.push_back(static_cast<float>(m.density));
    const std::uint8_t* const index = medium.index.data();
    result = average_medium(medium.grid, grid, [&density, index](std::size_t i) {
      return VoxelMedium{density[index[i]], index[i]};
    });
  }
  phantom.density = std::move(result.density);
  phantom.material = std::move(result.material);
  return phantom;
}

Grid dose_grid(const CaseFile& c, const Grid& activity, const Grid& medium) {
  if (c.grid.like == GridSection::Like::activity) return activity;
  if (c.grid.like == GridSection::Like::ct) return medium;
  Grid grid = medium;
  double voxels = 1;
  Vector3 centre;  // of the first voxel, in voxels of the medium
  for (std::size_t a = 0; a < 3; ++a) {
    grid.spacing[a] = c.grid.spacing_mm[a] / 10;
    const double extent = medium.shape[a] * medium.spacing[a];
    // Rounded up, so that no part of the patient is lost; 1e-4 of a voxel is rounding.
    const double n = std::max(1.0, std::ceil(extent / grid.spacing[a] - 1e-4));
    voxels *= n;
    if (voxels > 2e9) refuse(c.place(c.grid.line), "[grid] spacing_mm is too fine: more than 2e9 voxels");
    grid.shape[a] = static_cast<int>(n);
    centre[a] = -0.5 + 0.5 * grid.spacing[a] / medium.spacing[a];
  }
  grid.origin = position(medium, centre[0], centre[1], centre[2]);
  return grid;
}

namespace {

/// Index of a structure's material among the phantom's, which gets it where it lacks it.
std::uint8_t index_of(const Material& material, Phantom& phantom) {
  const auto found = std::find_if(phantom.materials.begin(), phantom.materials.end(),
                                  [&](const Material& m) { return m.name == material.name; });
  const auto index = static_cast<std::size_t>(found - phantom.materials.begin());
  if (found == phantom.materials.end()) {
    if (index > 254) throw Error(Fault::input, "is one material too many: a case has 255 at most");
    phantom.materials.push_back(material);
  }
  return static_cast<std::uint8_t>(index);
}

}  // namespace

void override_medium(const CaseFile& c, const std::vector<Structure>& own, Phantom& phantom) {
  for (std::size_t s = 0; s < own.size(); ++s) {
    const StructureEntry& entry = c.structures[s];
    if (!entry.density && entry.material.empty()) continue;
    std::optional<std::uint8_t> index;
    double density = entry.density.value_or(0);
    if (!entry.material.empty()) {
      at_place(c.place(entry.line) + "[[structure]] \"" + entry.name + "\" material: ", [&] {
        const Material material = built_in_material(entry.material);
        if (!entry.density) density = material.density;
        if (entry.role != Role::other && density > densest_organ) {
          throw Error(Fault::input, entry.material + " has " + to_text(density, 4) + " g/cm3, a structure of role " +
                                        std::string(role_name(entry.role)) +
                                        " needs at most 3: give the metal a structure of its own");
        }
        index = index_of(material, phantom);
      });
    }
    const float inside = static_cast<float>(density);
    for (std::size_t i = 0; i < phantom.density.size(); ++i) {
      const float f = own[s].fraction[i];
      if (!(f > 0)) continue;
      phantom.density[i] += f * (inside - phantom.density[i]);
      if (index && f >= 0.5F) phantom.material[i] = *index;
    }
  }
}

}  // namespace ytterby::io
