#pragma once
// Dose to water in place of dose to medium.

#include <span>
#include <vector>

#include "engine/dose/dose_map.h"
#include "engine/patient/phantom.h"
#include "engine/patient/structures.h"
#include "engine/physics/nuclide.h"

namespace ytterby {

/// Water's mass collision stopping power over the medium's, averaged over the spectrum of electrons that slow down in
/// it.
///
/// Where activity is spread wider than the range of its betas, the fluence at energy T is N(T)/S(T): N(T) betas a decay
/// start above T, and each loses energy at the rate S. Bragg and Gray's ratio is then the integral of N S_w/S over that
/// of N (ICRU Report 35 (1984), section 4), here from 10 keV up and without Spencer and Attix's cutoff. From 10 keV to
/// 2 MeV the ratio varies with T by 0.3 % in liver, 2.5 % in fat, 4 % in cortical bone.
double water_over_medium(const Material& medium, const Nuclide& nuclide);

/// Turns a dose to medium into one to water, voxel by voxel by the voxel's material; errors, and means of structures
/// (given in the order of the map's), with it.
void convert_to_water(DoseMap& map, const Phantom& phantom, const Nuclide& nuclide,
                      std::span<const Structure> structures);

}  // namespace ytterby
