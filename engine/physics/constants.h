#pragma once
// Constants of physics, CODATA 2018 (Tiesinga et al., Rev. Mod. Phys. 93 (2021) 025010).

namespace ytterby::constants {

inline constexpr double electron_mass = 0.51099895000;                 // electron rest energy [MeV]
inline constexpr double classical_electron_radius = 2.8179403262e-13;  // [cm]
inline constexpr double avogadro = 6.02214076e23;                      // [1/mol]
inline constexpr double fine_structure = 7.2973525693e-3;              // [1]
inline constexpr double pi = 3.14159265358979323846;

}  // namespace ytterby::constants
