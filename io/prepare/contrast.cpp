#include "io/prepare/contrast.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/parallel.h"
#include "engine/patient/schneider.h"

namespace ytterby::io {
namespace {

constexpr double density_per_mg_iodine = 0.8e-3;  // [g/cm3] for 1 mg/mL: 1 - 1.06/4.93, tissue that iodine displaces
constexpr double lipiodol_density = 1.28;         // [g/cm3], the densest contrast medium
constexpr double bone_from = 120;                 // [HU], Schneider's first bin of bone
constexpr float metal_from = 1600;                // [HU]

constexpr double near = 0.45;       // [cm]: level is a mean over so much to each side
constexpr double near_step = 0.2;   // [cm]
constexpr float alike = 60;         // [HU], of neighbours in that mean: beyond the noise of a CT, below most edges
constexpr float cortical = 300;     // [HU]: bone that a mask cuts into
constexpr float dense = 200;        // [HU]
constexpr double bone_reach = 0.8;  // [cm]
constexpr double bone_step = 0.2;   // [cm]

constexpr std::array<const char*, 4> iodine_names{"soft_tissue_iodine_10", "soft_tissue_iodine_25",
                                                  "soft_tissue_iodine_50", "soft_tissue_iodine_100"};
constexpr std::array<double, 4> iodine_from{5, 16, 35, 71};  // [mg/mL]: geometric means, half of the first

/// Steps in voxels along an axis that sample `reach` to each side about every `step`.
std::vector<int> offsets(double spacing, double reach, double step) {
  const int stride = std::max(1, static_cast<int>(std::lround(step / spacing)));
  const int most = static_cast<int>(std::floor(reach / (spacing * stride) + 1e-6));
  std::vector<int> result;
  for (int k = -most; k <= most; ++k) result.push_back(k * stride);
  return result;
}

/// Calls `visit(index)` for the sampled neighbours of a voxel that lie on the grid, itself among them.
template <class Visit>
void around(const Grid& grid, const std::array<std::vector<int>, 3>& steps, int x, int y, int z, const Visit& visit) {
  for (const int dz : steps[2]) {
    if (z + dz < 0 || z + dz >= grid.shape[2]) continue;
    for (const int dy : steps[1]) {
      if (y + dy < 0 || y + dy >= grid.shape[1]) continue;
      for (const int dx : steps[0]) {
        if (x + dx >= 0 && x + dx < grid.shape[0]) visit(grid.index(x + dx, y + dy, z + dz));
      }
    }
  }
}

std::array<std::vector<int>, 3> steps_of(const Grid& grid, double reach, double step) {
  return {offsets(grid.spacing[0], reach, step), offsets(grid.spacing[1], reach, step),
          offsets(grid.spacing[2], reach, step)};
}

/// Calls `visit(x, y, z)` for the voxels of the box that lie on the grid, planes in parallel.
template <class Visit>
void in_box(const Grid& grid, const Box& box, const Visit& visit) {
  const int first = std::max(0, box.low[2]), last = std::min(grid.shape[2] - 1, box.high[2]);
  parallel_for(std::max(0, last - first + 1), [&](int plane) {
    for (int y = std::max(0, box.low[1]); y <= std::min(grid.shape[1] - 1, box.high[1]); ++y) {
      for (int x = std::max(0, box.low[0]); x <= std::min(grid.shape[0] - 1, box.high[0]); ++x) {
        visit(x, y, first + plane);
      }
    }
  });
}

/// Index of a voxel within a box.
std::size_t in(const Box& box, int x, int y, int z) {
  const auto nx = static_cast<std::size_t>(box.high[0] - box.low[0] + 1),
             ny = static_cast<std::size_t>(box.high[1] - box.low[1] + 1);
  return (static_cast<std::size_t>(z - box.low[2]) * ny + static_cast<std::size_t>(y - box.low[1])) * nx +
         static_cast<std::size_t>(x - box.low[0]);
}

/// Whether a dense voxel of an organ belongs to bone beside it.
bool is_bone(const Image<float>& ct, const std::vector<bool>& inside, const std::array<std::vector<int>, 3>& steps,
             int x, int y, int z) {
  int within = 0, beside = 0;
  around(ct.grid, steps, x, y, z, [&](std::size_t i) {
    if (ct.values[i] >= dense) ++(inside[i] ? within : beside);
  });
  return beside > within;
}

}  // namespace

double contrast_density(double hu) {
  const double native = schneider_density(std::min(hu, native_hu));
  const double iodine = std::max(0.0, hu - native_hu) / hu_per_mg_iodine;  // [mg/mL]
  return std::min(native + density_per_mg_iodine * iodine, lipiodol_density);
}

std::vector<Material> ct_materials() {
  std::vector<Material> materials = schneider_materials();
  for (const char* name : iodine_names) materials.push_back(built_in_material(name));
  return materials;
}

std::uint8_t contrast_material(double hu) {
  const double iodine = (hu - native_hu) / hu_per_mg_iodine;
  const auto above = std::upper_bound(iodine_from.begin(), iodine_from.end(), iodine) - iodine_from.begin();
  static const auto soft_tissue = static_cast<std::uint8_t>(schneider_bin(native_hu));
  static const auto bins = static_cast<std::uint8_t>(schneider_bins().size());
  return above == 0 ? soft_tissue : static_cast<std::uint8_t>(bins + above - 1);
}

float OrganVoxels::level_of(const Grid& grid, std::size_t i) const {
  const auto nx = static_cast<std::size_t>(grid.shape[0]), plane = nx * static_cast<std::size_t>(grid.shape[1]);
  const std::size_t z = i / plane, y = i % plane / nx, x = i % nx;
  return level[in(box, static_cast<int>(x), static_cast<int>(y), static_cast<int>(z))];
}

OrganVoxels find_organ_voxels(const Image<float>& ct, const Box& box, const std::vector<float>& share) {
  OrganVoxels organs;
  organs.box = box;
  // Bytes while planes are worked on in parallel: bits of neighbours share a word.
  std::vector<std::uint8_t> mine(share.size());
  std::transform(share.begin(), share.end(), mine.begin(),
                 [](float f) { return static_cast<std::uint8_t>(f >= 0.5F ? 1 : 0); });
  const auto copy = [&] {
    organs.inside.assign(ct.values.size(), false);
    organs.metal = 0;
    for (int z = std::max(0, box.low[2]); z <= std::min(ct.grid.shape[2] - 1, box.high[2]); ++z)
      for (int y = std::max(0, box.low[1]); y <= std::min(ct.grid.shape[1] - 1, box.high[1]); ++y)
        for (int x = std::max(0, box.low[0]); x <= std::min(ct.grid.shape[0] - 1, box.high[0]); ++x) {
          if (mine[in(box, x, y, z)] == 0) continue;
          const std::size_t i = ct.grid.index(x, y, z);
          organs.inside[i] = true;
          if (ct.values[i] >= metal_from) ++organs.metal;
        }
  };
  copy();
  const auto bone = steps_of(ct.grid, bone_reach, bone_step);
  in_box(ct.grid, box, [&](int x, int y, int z) {
    const std::size_t i = ct.grid.index(x, y, z);
    if (organs.inside[i] && ct.values[i] >= cortical && is_bone(ct, organs.inside, bone, x, y, z))
      mine[in(box, x, y, z)] = 0;
  });
  copy();
  organs.level.assign(mine.size(), 0.0F);
  const auto nearby = steps_of(ct.grid, near, near_step);
  in_box(ct.grid, box, [&](int x, int y, int z) {
    const std::size_t i = ct.grid.index(x, y, z);
    if (!organs.inside[i]) return;
    float sum = 0, n = 0;
    around(ct.grid, nearby, x, y, z, [&](std::size_t j) {
      if (!organs.inside[j] || std::abs(ct.values[j] - ct.values[i]) > alike) return;
      sum += ct.values[j];
      n += 1;
    });
    organs.level[in(box, x, y, z)] = sum / n;
  });
  return organs;
}

VoxelMedium organ_medium(const HuCalibration& calibration, float hu, float level) {
  const VoxelMedium read = calibration(hu);
  const auto l = static_cast<double>(level);
  if (l <= native_hu) return {read.density, static_cast<double>(hu) < bone_from ? read.material : contrast_material(0)};
  return {calibration.of_scanner() ? read.density : static_cast<float>(contrast_density(l)), contrast_material(l)};
}

}  // namespace ytterby::io
