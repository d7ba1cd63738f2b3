#pragma once
// CT numbers to tissue: Schneider, Bortfeld, Schlegel, Phys. Med. Biol. 45 (2000) 459.

#include <cstddef>
#include <vector>

#include "engine/physics/material.h"

namespace ytterby {

/// CT numbers that share one composition.
struct SchneiderBin {
  double hu_low, hu_high;  // half open: [hu_low, hu_high)
  Material material;       // e.g. `schneider_lung`; its density is that of the middle of the bin's density range
};

/// A node of the density curve.
struct SchneiderDensityNode {
  double hu;
  double density;  // [g/cm3]
};

/// All 26 bins, ascending and without gaps: 24 of the paper, two for metal.
const std::vector<SchneiderBin>& schneider_bins();

/// Nodes of the density curve, ascending.
const std::vector<SchneiderDensityNode>& schneider_density_nodes();

/// Mass density [g/cm3], linear between the nodes and constant outside. Not monotonic: it falls between 100 and 101 HU.
/// Throws Fault::input for a CT number that is not finite.
double schneider_density(double hu);

/// Index of the bin of a CT number: below -1050 the first (air), from 3000 on the last.
/// Throws Fault::input for a CT number that is not finite.
std::size_t schneider_bin(double hu);

}  // namespace ytterby
