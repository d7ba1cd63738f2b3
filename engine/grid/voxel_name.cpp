#include "engine/grid/voxel_name.h"

namespace ytterby {

std::string voxel_name(const Grid& grid, std::size_t index) {
  const auto nx = static_cast<std::size_t>(grid.shape[0]), ny = static_cast<std::size_t>(grid.shape[1]);
  return "voxel (" + std::to_string(index % nx) + ", " + std::to_string(index / nx % ny) + ", " +
         std::to_string(index / (nx * ny)) + ")";
}

}  // namespace ytterby
