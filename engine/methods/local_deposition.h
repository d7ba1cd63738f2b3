#pragma once
// The simplest of the methods beside Monte Carlo: every decay's energy stays in its voxel.

#include <span>
#include <vector>

#include "engine/dose/dose_map.h"
#include "engine/patient/phantom.h"
#include "engine/patient/structures.h"
#include "engine/physics/nuclide.h"

namespace ytterby {

/// D = k A / (rho V) in every voxel, from `activity` [Bq] at administration on the phantom's grid. Voxels of vacuum get
/// 0, and what they hold is lost; in gas the method has no meaning, though it gives a number. There is no uncertainty.
/// Throws Fault::input where sizes do not match or there is no activity.
DoseMap local_deposition(const Phantom& phantom, const std::vector<double>& activity, const Nuclide& nuclide,
                         std::span<const Structure> structures = {});

/// Mean doses of structures, energy over mass, from a dose map without batches. `error` [Gy] may be empty (NaN then);
/// otherwise a structure's error is the mass-weighted mean of its voxels', as if all were off together: an upper bound.
std::vector<StructureDose> structure_doses(const Phantom& phantom, const std::vector<float>& dose,
                                           const std::vector<float>& error, std::span<const Structure> structures);

}  // namespace ytterby
