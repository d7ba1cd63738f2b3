#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string_view>

#include "engine/physics/stopping_power.h"
#include "validation/cases/cases.h"
#include "validation/reference_data.h"

namespace ytterby::validation {
namespace {

struct EstarRow {
  double T, collision, radiative, range;
};

struct EstarMaterial {
  std::string name;
  double density, mean_excitation_eV;
  std::vector<EstarRow> rows;
};

std::vector<EstarMaterial> read_estar() {
  const CsvTable table = reference_csv("estar_electron.csv");
  const auto value = [&](std::size_t row, const char* column) { return table.number(row, table.column(column)); };
  std::vector<EstarMaterial> materials;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string name(table.text(row, 0));
    if (materials.empty() || materials.back().name != name)
      materials.push_back({name, value(row, "density_g_cm3"), value(row, "I_eV"), {}});
    materials.back().rows.push_back(
        {value(row, "T_MeV"), value(row, "S_col_MeV_cm2_g"), value(row, "S_rad_MeV_cm2_g"), value(row, "csda_g_cm2")});
  }
  for (EstarMaterial& m : materials)
    std::sort(m.rows.begin(), m.rows.end(), [](const EstarRow& a, const EstarRow& b) { return a.T < b.T; });
  return materials;
}

/// ESTAR's name in ours; density and mean excitation energy are the file's.
Material material_of(const EstarMaterial& estar) {
  static const std::map<std::string, std::string, std::less<>> built_in = {{"water_liquid", "water"},
                                                                           {"adipose_ICRP", "adipose_icrp"},
                                                                           {"air_dry", "air"},
                                                                           {"bone_compact_ICRU", "bone_compact_icru"},
                                                                           {"bone_cortical_ICRP", "cortical_bone_icrp"},
                                                                           {"liver_ICRU1986", "liver_icru44"},
                                                                           {"lung_ICRP", "lung_icrp"},
                                                                           {"lung_ICRU1986", "lung_icru44"},
                                                                           {"muscle_ICRP", "muscle_skeletal_icrp"},
                                                                           {"soft_tissue_ICRP", "soft_tissue_icrp"},
                                                                           {"soft_tissue_ICRU4", "soft_tissue_icru4"}};
  constexpr std::string_view element = "element_";
  const std::vector<Component> composition =
      estar.name.starts_with(element) ? std::vector<Component>{{atomic_number(estar.name.substr(element.size())), 1.0}}
                                      : built_in_material(built_in.at(estar.name)).composition;
  return make_material(estar.name, composition, estar.density, estar.density, estar.mean_excitation_eV);
}

/// Path [g/cm2] on which an electron slows from one energy to a lower one; Simpson's rule in ln T.
double path(const StoppingPower& power, double low, double high) {
  constexpr int intervals = 16;  // of 16 % in energy at most: exact to 1e-6
  const double h = std::log(high / low) / intervals;
  double sum = 0;
  for (int i = 0; i <= intervals; ++i) {
    const double T = low * std::exp(h * i);
    const int weight = i == 0 || i == intervals ? 1 : 2 + 2 * (i % 2);
    sum += weight * T / (power.collision(T) + power.radiative(T));
  }
  return sum * h / 3;
}

Comparison compare(const char* group, const EstarMaterial& material, double T, const char* unit, double reference,
                   double ours) {
  char quantity[96];
  std::snprintf(quantity, sizeof quantity, "%s, %.4g MeV", material.name.c_str(), T);
  Comparison c{"stopping-powers", group, quantity, unit};
  c.position = T;
  c.reference = reference;
  c.ours = ours;
  c.percent_of = reference;
  c.stated = 0.3;
  return c;
}

}  // namespace

CaseResult stopping_powers(const CaseOptions&) {
  constexpr const char* stopping = "MeV cm2/g";
  CaseResult result;
  for (const EstarMaterial& material : read_estar()) {
    const StoppingPower power(material_of(material), built_in_library());
    // Below its lowest energy the table's own range stands in: 0.05 % of the range at 1 MeV.
    double range = material.rows.front().range, below = material.rows.front().T;
    for (const EstarRow& row : material.rows) {
      result.comparisons.push_back(
          compare("collision", material, row.T, stopping, row.collision, power.collision(row.T)));
      result.comparisons.push_back(
          compare("radiative", material, row.T, stopping, row.radiative, power.radiative(row.T)));
      if (row.T > below) {
        range += path(power, below, row.T);
        below = row.T;
        result.comparisons.push_back(compare("CSDA range", material, row.T, "g/cm2", row.range, range));
      }
    }
  }
  return result;
}

}  // namespace ytterby::validation
