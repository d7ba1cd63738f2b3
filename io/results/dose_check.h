#pragma once
// What the numbers of a dose file have to be, whoever wrote them.

#include <filesystem>

#include "io/results/dose_file.h"

namespace ytterby::io {

/// Throws Fault::input, naming voxel or attribute and value: doses, activities and histograms are finite, doses
/// below 0 the correlated estimator's alone; densities lie
/// in 0 to 30 g/cm3, shares of volume in 0 to 1; errors are not negative (NaN: unknown); materials have a name; masses
/// and volumes are not negative, half-life and energy above 0, axes orthonormal.
void check_dose_values(const std::filesystem::path& path, const DoseFile& file);

}  // namespace ytterby::io
