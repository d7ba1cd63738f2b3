#pragma once
// Which materials the electrons of decays come to.

#include <array>

#include "engine/patient/phantom.h"
#include "engine/patient/source.h"

namespace ytterby {

/// [index into phantom.materials] 1: some electron of a decay, or a secondary of it, can come to a voxel of it; of a
/// source without voxels, or of more than 2.28 MeV, all are. Elsewhere electrons are those of photons.
///
/// Reach is counted along the axes, in g/cm2, to the root of 3 times the longest range: in a uniform medium never too
/// short, nor where denser voxels lie between.
std::array<bool, 256> reached_materials(const Phantom& phantom, const Source& source);

}  // namespace ytterby
