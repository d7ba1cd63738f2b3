#pragma once
// How an image departs from an activity that is uniform in every region.

#include <span>
#include <vector>

#include "engine/grid/grid.h"
#include "validation/ensemble/blurred_regions.h"
#include "validation/ensemble/partial_volume.h"

namespace ytterby::validation {

/// Mean square of the departures in each region, from the model that the regions' activities make.
std::vector<double> departures_of(const std::vector<double>& image, const Regions& regions);

/// The image with its departures in each region times `kept`; region means stay, values are not below 0.
std::vector<double> with_departures(const std::vector<double>& image, const Regions& regions,
                                    std::span<const double> kept);

/// Shift of the activity along the patient's axes [cm] at which the image fits regions of one activity each best.
///
/// The image, moved back, is compared with the blurred regions at the activities of their transfer matrix; the shift is
/// the one with the least sum over regions of n/2 log(mean square of the departures), n how many volumes of noise
/// correlated over the resolution a region has (a normal likelihood whose variance is not known), plus half the square
/// of the shift over `sigma`. The more uneven a region is, the less it says; the last region, all that is outside the
/// others, says nothing. Good to an eighth of `sigma`, where the search ends.
Vector3 fitting_shift(const std::vector<double>& image, const BlurredRegions& regions, const Grid& grid,
                      const Vector3& sigma);

/// Where a parabola through (0, at[0]), (1/2, at[1]), (1, at[2]) first reaches `wanted`, within 0 and 1.
double share_that_gives(double wanted, std::span<const double> at);

}  // namespace ytterby::validation
