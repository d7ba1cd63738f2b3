#pragma once
// Where decays happen.

#include <optional>
#include <vector>

#include "engine/grid/grid.h"
#include "engine/physics/nuclide.h"

namespace ytterby {

/// Activity per voxel of the phantom's grid; emission is uniform within a voxel and isotropic.
struct VoxelSource {
  std::vector<double> activity;  // [Bq] at administration, one per voxel of the phantom, >= 0
};

/// A point of emission; for validation (point kernels, slabs).
struct SegmentSource {
  Vector3 from;  // [cm], in grid coordinates: (0,0,0) is the outer corner of voxel (0,0,0), axes along the grid
  Vector3 to;    // emission is uniform on the segment; equal to `from` for a point
};

/// What emits: voxels or a segment, with the 90Y spectrum or one energy.
struct Source {
  std::optional<VoxelSource> voxels;  // exactly one of voxels and segment
  std::optional<SegmentSource> segment;
  Nuclide nuclide = yttrium_90();
  bool internal_bremsstrahlung = false;  // photons that leave with the beta, their energy taken from it
  bool internal_pairs = false;           // pairs of the level that some decays go to
  std::optional<double> mono_energy;     // kinetic energy of every electron [MeV] in place of the spectrum
};

}  // namespace ytterby
