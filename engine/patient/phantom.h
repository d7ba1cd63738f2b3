#pragma once
// The patient as the engine sees it: density and material per voxel.

#include <cstdint>
#include <vector>

#include "engine/grid/grid.h"
#include "engine/physics/material.h"

namespace ytterby {

/// Density and material of every voxel; vacuum outside the grid.
struct Phantom {
  Grid grid;
  std::vector<float> density;          // mass density [g/cm3], >= 0; 0 is vacuum
  std::vector<std::uint8_t> material;  // index into materials
  std::vector<Material> materials;     // at most 255
};

}  // namespace ytterby
