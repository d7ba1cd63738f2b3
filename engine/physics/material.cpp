#include "engine/physics/material.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "engine/base/csv.h"
#include "engine/base/error.h"
#include "engine/physics/library.h"

namespace ytterby {
namespace {

constexpr double sum_tolerance = 1e-3;        // sums of mass fractions this close to 1 are rounding
constexpr double gas_below_density = 0.05;    // [g/cm3] between air and inflated lung
constexpr double lung_like_below = 0.9;       // [g/cm3]
constexpr double lung_tissue_density = 1.05;  // of the tissue between the air of the alveoli [g/cm3], ICRU 44

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  throw Error(Fault::input, "material '" + name + "': " + what);
}

std::string known_symbols() {
  std::string list;
  for (const Element& element : built_in_library().elements) list += (list.empty() ? "" : " ") + element.symbol;
  return list;
}

const Element& known_element(const std::string& name, int z) {
  for (const Element& element : built_in_library().elements)
    if (element.z == z) return element;
  refuse(name, "element with Z = " + std::to_string(z) + " is unknown, needs to be one of " + known_symbols());
}

void check_composition(const std::string& name, const std::vector<Component>& composition) {
  double sum = 0;
  for (std::size_t i = 0; i < composition.size(); ++i) {
    const Component& component = composition[i];
    const Element& element = known_element(name, component.z);
    if (!(component.mass_fraction >= 0 && component.mass_fraction <= 1))
      refuse(name, "mass fraction of " + element.symbol + " is " + number(component.mass_fraction) +
                       ", needs to be from 0 to 1");
    for (std::size_t j = 0; j < i; ++j)
      if (composition[j].z == component.z) refuse(name, element.symbol + " is listed twice, needs to be listed once");
    sum += component.mass_fraction;
  }
  if (!(std::abs(sum - 1) <= sum_tolerance))
    refuse(name, "mass fractions sum to " + number(sum) + ", need to sum to 1 within " + number(sum_tolerance));
}

void check_positive(const std::string& name, const char* what, double value, const char* unit) {
  if (!(value > 0 && std::isfinite(value)))
    refuse(name, std::string(what) + " is " + number(value) + " " + unit + ", needs to be above 0");
}

/// ln I = sum of w Z/A ln I_element over sum of w Z/A; ICRU 37 section 2.3 with the values of its Table 5.1 for
/// constituents of a gas or of a condensed compound, and of its Table 4.3 for an element by itself.
double additive_mean_excitation_eV(const std::vector<Component>& composition, double condensed_density) {
  double electrons = 0, weighted_log = 0;
  for (const Component& component : composition) {
    const Element& element = built_in_library().element(component.z);
    const double share = component.mass_fraction * element.z / element.atomic_weight;
    const double I = composition.size() == 1                 ? element.mean_excitation_element_eV
                     : condensed_density < gas_below_density ? element.mean_excitation_gas_eV
                                                             : element.mean_excitation_eV;
    electrons += share;
    weighted_log += share * std::log(I);
  }
  return std::exp(weighted_log / electrons);
}

double default_condensed_density(double density) {
  return density >= gas_below_density && density < lung_like_below ? lung_tissue_density : density;
}

std::size_t built_in_row(const CsvTable& table, std::string_view name) {
  for (std::size_t row = 0; row < table.rows(); ++row)
    if (table.text(row, 0) == name) return row;
  std::string known;
  for (const std::string& other : built_in_material_names()) known += (known.empty() ? "" : " ") + other;
  throw Error(Fault::input, "no built-in material '" + std::string(name) + "', needs to be one of " + known);
}

}  // namespace

Material make_material(std::string name, std::vector<Component> composition, double density,
                       std::optional<double> condensed_density, std::optional<double> mean_excitation_eV) {
  check_composition(name, composition);
  check_positive(name, "density", density, "g/cm3");
  if (condensed_density) check_positive(name, "condensed density", *condensed_density, "g/cm3");
  if (mean_excitation_eV) check_positive(name, "mean excitation energy", *mean_excitation_eV, "eV");

  std::erase_if(composition, [](const Component& component) { return component.mass_fraction == 0; });
  double sum = 0;
  for (const Component& component : composition) sum += component.mass_fraction;
  for (Component& component : composition) component.mass_fraction /= sum;

  Material material;
  material.name = std::move(name);
  material.composition = std::move(composition);
  material.density = density;
  material.condensed_density = condensed_density.value_or(default_condensed_density(density));
  material.mean_excitation_eV = mean_excitation_eV
                                    ? *mean_excitation_eV
                                    : additive_mean_excitation_eV(material.composition, material.condensed_density);
  return material;
}

Material built_in_material(std::string_view name, std::optional<double> density) {
  const CsvTable table = embedded_csv("materials.csv");
  const std::size_t row = built_in_row(table, name);
  const std::size_t first_element = table.column("I_eV") + 1;
  std::vector<Component> composition;
  for (std::size_t column = first_element; column < table.columns.size(); ++column)
    if (const double fraction = table.number(row, column); fraction > 0)
      composition.push_back({atomic_number(table.columns[column]), fraction});
  std::optional<double> mean_excitation_eV;
  if (const std::size_t column = table.column("I_eV"); !table.text(row, column).empty())
    mean_excitation_eV = table.number(row, column);
  return make_material(std::string(name), std::move(composition),
                       density.value_or(table.number(row, table.column("density_g_cm3"))), {}, mean_excitation_eV);
}

std::vector<std::string> built_in_material_names() {
  const CsvTable table = embedded_csv("materials.csv");
  std::vector<std::string> names;
  for (std::size_t row = 0; row < table.rows(); ++row) names.emplace_back(table.text(row, 0));
  std::sort(names.begin(), names.end());
  return names;
}

int atomic_number(std::string_view symbol) {
  for (const Element& element : built_in_library().elements)
    if (element.symbol == symbol) return element.z;
  return 0;
}

std::string_view element_symbol(int z) { return built_in_library().element(z).symbol; }

}  // namespace ytterby
