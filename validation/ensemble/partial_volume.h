#pragma once
// What an image's resolution takes from small parts, and its correction.

#include <span>
#include <vector>

#include "engine/grid/grid.h"
#include "engine/patient/structures.h"

namespace ytterby::validation {

/// Regions as shares of voxels that add up to 1 (regions_of).
using Regions = std::vector<std::vector<float>>;
using Matrix = std::vector<std::vector<double>>;  // rows

/// Parts of the patient that have an activity of their own each, as shares of voxels that add up to 1: every tumour,
/// the perfused and the other normal liver, the lungs, and all that is left.
Regions regions_of(std::span<const Structure> structures, std::size_t voxels);

/// Mean of the image over each region, not below 0.
std::vector<double> region_means(const std::vector<double>& image, const Regions& regions);

/// Activity of each region, where its voxels are shared with others too: a mixed voxel counts as the mixture that it
/// is, which a mean over the region takes for the region's own. Not below 0.
std::vector<double> region_activities(const std::vector<double>& image, const Regions& regions);

/// Activities of regions that are uniform each, as an image of their blurs shows them: the geometric transfer matrix,
/// whose element ij is the mean over region i of region j blurred. Rousset, Ma, Evans, J. Nucl. Med. 39 (1998) 904. A
/// region that others make up has 0.
std::vector<double> transfer_matrix_means(const std::vector<double>& image, const Regions& regions,
                                          const Regions& blurs);

/// Solves m x = b; what other rows make up is 0.
std::vector<double> solved(Matrix m, std::vector<double> b);

/// Share of a uniform activity in a structure that an image of resolution `fwhm` [cm] shows within its mask, with
/// nothing around it.
double recovery_coefficient(const std::vector<float>& fraction, const Grid& grid, double fwhm);

}  // namespace ytterby::validation
