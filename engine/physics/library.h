#pragma once
// Per-element physics data as shipped with the project (engine/data, citations there).

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace ytterby {

/// Photon cross section of one process: nodes with log-log interpolation; an edge is a repeated energy.
struct PhotonCurve {
  std::vector<double> energy;  // [MeV]
  std::vector<double> barn;    // per atom
  /// Cross section [barn/atom] at energy [MeV]; 0 below the first node (thresholds). At an edge the upper value.
  [[nodiscard]] double at(double energy) const;
};

/// An atomic subshell: occupation and binding energy.
struct Shell {
  int electrons;
  double binding_eV;
};

struct Element {
  int z = 0;
  std::string symbol;
  double atomic_weight = 0;               // [g/mol]
  double mean_excitation_eV = 0;          // in compounds, liquid or solid: ICRU 37 Table 5.1
  double mean_excitation_gas_eV = 0;      // in gases
  double mean_excitation_element_eV = 0;  // of the element by itself: ICRU 37 Table 4.3
  std::vector<Shell> shells;              // innermost first
  PhotonCurve compton, rayleigh, photoelectric, pair, triplet;
  // Seltzer-Berger scaled bremsstrahlung cross section (beta^2/Z^2) k dsigma/dk [mb] on T [MeV] x kappa = k/T, each
  // energy scaled (by at most 1.2 %) to the radiative stopping power of ICRU 37 where radiative.csv has it
  std::vector<double> brems_energy, brems_kappa, brems_scaled_mb;  // row-major: [energy][kappa]
};

struct Library {
  std::vector<Element> elements;  // ascending z
  /// Throws Fault::input naming the element where it is missing.
  [[nodiscard]] const Element& element(int z) const;
};

/// The data built into the program; parsed once, then shared.
const Library& built_in_library();

}  // namespace ytterby
