#pragma once
// Microspheres a millilitre: what is below the voxel, as far as published work says what it does to a tumour's dose.

#include <string_view>

namespace ytterby::validation {

/// Microspheres per mL, if the dose is that of the activity inside alone. mean_dose [Gy]; density [g/cm3];
/// dose_constant: k [Gy kg/GBq]; activity_per_sphere at administration [Bq]. 0 without a dose.
double spheres_per_mL(double mean_dose, double density, double dose_constant, double activity_per_sphere);

// Of 19 tumours of 90Y PET/CT, in voxels of 0.1 mm with spheres in clusters: J. Nucl. Med. 57 (2016) 1020. Against
// 50 000 a mL, D70 is significantly lower below the first [1/mL], and not likely to matter above the second.
inline constexpr double d70_lower_below = 20000, d70_may_matter_below = 5000;

/// What is published of a tumour's D70 at that density, in a few words.
std::string_view published_of_d70(double spheres_per_mL);

}  // namespace ytterby::validation
