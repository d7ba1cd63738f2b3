#pragma once
// Structures derived from others, and what can be asked of a structure on the dose grid.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/grid/image.h"
#include "engine/patient/phantom.h"

namespace ytterby {

/// Adds the derived structures to the case's own (design 3.3): `tumours` (union), `normal-liver` (liver minus tumours),
/// `perfused-normal` (perfused within the liver, minus tumours) and `spared-liver` (normal liver outside the perfused
/// volume), each where its parts exist.
///
/// `fractions` are of one grid. Within a voxel, tumours lie side by side, and parts of the liver lie in the liver:
/// exact for binary masks.
std::vector<Structure> derived_structures(std::span<const Structure> structures);

/// Union of structures by role; empty where there is none. Tumours add up to 1 at most, others are taken as nested.
std::vector<float> union_of_role(std::span<const Structure> structures, Role role);

/// Larger of two fractions in each voxel; an empty one counts as 0.
std::vector<float> larger(std::vector<float> a, const std::vector<float>& b);

/// Volume of a structure [cm3].
double volume_of(const std::vector<float>& fraction, const Grid& grid);

/// Mass of a structure [g].
double mass_of(const std::vector<float>& fraction, const Phantom& phantom);

/// Smallest distance from the structure's voxels to the grid's faces [cm]; 0 where it touches; the structure must have
/// voxels.
double distance_to_edge(const std::vector<float>& fraction, const Grid& grid);

/// Pairs of tumours that overlap by more than a thousandth of the smaller one's volume: names and volume [cm3].
struct TumourOverlap {
  std::string first, second;
  double volume;
};
std::vector<TumourOverlap> overlapping_tumours(std::span<const Structure> structures, const Grid& grid);

}  // namespace ytterby
