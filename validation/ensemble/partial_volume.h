#pragma once
// What an image's resolution takes from small parts, and its correction.

#include <span>
#include <vector>

#include "engine/grid/grid.h"
#include "engine/patient/structures.h"

namespace ytterby::validation {

/// Parts of the patient that have an activity of their own each, as shares of voxels that add up to 1: every tumour,
/// the perfused and the other normal liver, the lungs, and all that is left.
std::vector<std::vector<float>> regions_of(std::span<const Structure> structures, std::size_t voxels);

/// The image corrected for a resolution of `fwhm` [cm] by iterative Yang: in each of ten iterations the image is
/// multiplied by s / (s blurred), s the regions with their mean of the iteration before. What varies within a region
/// stays, its edges are made sharp. Erlandsson, Buvat, Pretorius, Thomas, Hutton, Phys. Med. Biol. 57 (2012) R119.
std::vector<double> yang_corrected(const std::vector<double>& image, const std::vector<std::vector<float>>& regions,
                                   const Grid& grid, double fwhm);

/// Share of a uniform activity in a structure that an image of resolution `fwhm` [cm] shows within its mask, with
/// nothing around it.
double recovery_coefficient(const std::vector<float>& fraction, const Grid& grid, double fwhm);

}  // namespace ytterby::validation
