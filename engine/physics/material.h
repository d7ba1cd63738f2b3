#pragma once
// What matter is made of.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ytterby {

/// One element of a material.
struct Component {
  int z;                 // atomic number
  double mass_fraction;  // [1], all of a material sum to 1
};

/// A composition with what the Bethe formula needs beside it. Density per voxel is the phantom's.
struct Material {
  std::string name;
  std::vector<Component> composition;
  double density = 0;             // nominal mass density [g/cm3]
  double condensed_density = 0;   // where the density effect is evaluated [g/cm3]
  double mean_excitation_eV = 0;  // mean excitation energy I [eV]
};

/// Completes a material from its composition.
///
/// Mass fractions that sum to 1 within 1e-3 are normalised. `condensed_density` defaults to 1.05 g/cm3 for lung-like
/// densities of 0.05 to 0.9 g/cm3 and to `density` elsewhere; `mean_excitation_eV` to the additivity rule of ICRU
/// Report 37 for compounds (Table 5.1 and section 2.3).
/// Throws Fault::input for an unknown element, a fraction outside [0, 1], a sum off by more than 1e-3, a density <= 0.
Material make_material(std::string name, std::vector<Component> composition, double density,
                       std::optional<double> condensed_density = {}, std::optional<double> mean_excitation_eV = {});

/// A material by its built-in name (`water`, `liver_icru44`, `lung_icru44`, `cortical_bone_icru44`, ...), with its
/// own density unless one is given. Throws Fault::input with the names that exist.
Material built_in_material(std::string_view name, std::optional<double> density = {});

/// All built-in names, sorted.
std::vector<std::string> built_in_material_names();

/// Atomic number of a chemical symbol; 0 when unknown to the library.
int atomic_number(std::string_view symbol);

/// Chemical symbol of an atomic number the library has.
std::string_view element_symbol(int z);

}  // namespace ytterby
