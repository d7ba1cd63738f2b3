#include "io/prepare/memory.h"

#include <algorithm>

namespace ytterby::io {
namespace {

// Bytes a voxel.
constexpr double phantom = 4 + 1;  // density and material
constexpr double fraction = 4;     // of a structure
constexpr double coverage = 4;     // by the medium's image
constexpr double activity = 8;     // on the dose grid, and in its image
constexpr double groups = 8;       // of structures, while negative voxels are set to 0

double voxels_of(const Grid& grid) { return static_cast<double>(grid.voxels()); }

}  // namespace

std::size_t structure_count(const CaseFile& c) {
  const auto has = [&](Role role) {
    return std::any_of(c.structures.begin(), c.structures.end(), [role](const auto& s) { return s.role == role; });
  };
  const bool liver = has(Role::liver);
  const std::size_t derived = (has(Role::tumour) ? 1 : 0) + (liver ? 1 : 0) + (liver && has(Role::perfused) ? 2 : 0);
  const std::size_t weighed = !c.function || !liver ? 0 : has(Role::perfused) ? 3 : 1;  // parts with function
  return c.structures.size() + derived + weighed;
}

double preparation_memory(const PreparationSize& size) {
  const double n = voxels_of(size.grid);
  const double structures = (phantom + coverage + fraction * static_cast<double>(size.structures)) * n;
  // Without sessions the medium's image is let go first.
  const double gone = size.sessions == 0 ? size.medium_bytes : 0;
  return std::max(structures, structures + (activity + groups) * n - gone);
}

double prepared_memory(const PreparationSize& size) {
  const double sources = size.sessions == 0 ? 1 : 1 + static_cast<double>(size.sessions);  // and their sum
  const double kept = phantom + fraction * static_cast<double>(size.structures) + activity * sources;
  return kept * voxels_of(size.grid) - size.medium_bytes - activity * size.activity_voxels;
}

}  // namespace ytterby::io
