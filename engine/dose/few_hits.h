#pragma once
// Standard errors of voxels in which few batches left energy.

#include <vector>

#include "engine/dose/statistics.h"
#include "engine/patient/phantom.h"

namespace ytterby {

/// Standard error of a voxel's mean over `batches` batches [quanta]: BatchSums::estimate() but where few scored; NaN
/// where nothing did there nor around.
///
/// Where batches without energy are common, a mean is a number of rare hits times their size. The spread of those that
/// came says too little of those that may come: a voxel that reads low states a small error. With H hits, taken from
/// the share of empty batches as of a Poisson process, the variance is taken as that of H + 2: what is known of a rate
/// from a flat prior, about H. And the variance of one hit is that of the voxel and its 26 neighbours of like density
/// together, of 124 where it has no hit, since few seldom show the large ones. tests/engine/dose/test_few_hits.cpp has
/// the coverage by number of hits.
double covering_error(const Phantom& phantom, const BatchSums& sums, int batches, std::size_t voxel);

/// Of all voxels.
std::vector<float> covering_errors(const Phantom& phantom, const BatchSums& sums, int batches);

/// Hits behind a share of empty batches: -n ln(1 - h/n); of the last half batch where none is empty.
double hits_behind(int scored, int batches);

}  // namespace ytterby
