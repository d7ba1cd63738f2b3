// The phantoms that are given by labels: point, slabs, sphere.

#include <utility>

#include "engine/phantoms/make.h"
#include "engine/phantoms/shapes.h"

namespace ytterby::phantoms {
namespace {

using shapes::Point;

constexpr double total_activity = 1e9;  // [Bq]

AnalyticPhantom empty_phantom(std::string name, std::string description, const Grid& grid) {
  AnalyticPhantom phantom;
  phantom.name = std::move(name);
  phantom.description = std::move(description);
  phantom.labels = Image<std::uint8_t>{grid, std::vector<std::uint8_t>(grid.voxels(), 1)};
  phantom.activity = {grid, std::vector<float>(grid.voxels(), 0)};
  phantom.quantity = ActivityQuantity::becquerel;
  return phantom;
}

/// Adds a structure: the volume fraction where `inside` holds.
template <class Inside>
void add_structure(AnalyticPhantom& phantom, std::string name, Role role, Inside inside) {
  const Grid& grid = phantom.activity.grid;
  Structure structure{.name = std::move(name), .role = role, .fraction = std::vector<float>(grid.voxels(), 0)};
  shapes::supersample(grid, [&](std::size_t voxel, const Point& p) {
    if (inside(p)) structure.fraction[voxel] += 1;
  });
  for (float& f : structure.fraction) f /= shapes::samples_per_voxel;
  phantom.structures.push_back(std::move(structure));
}

/// Spreads the total activity over a structure, uniformly per volume.
void fill(AnalyticPhantom& phantom, const Structure& structure) {
  double sum = 0;
  for (const float f : structure.fraction) sum += f;
  for (std::size_t v = 0; v < structure.fraction.size(); ++v)
    phantom.activity.values[v] = static_cast<float>(total_activity * structure.fraction[v] / sum);
}

}  // namespace

AnalyticPhantom make_point(double spacing) {
  constexpr int side = 41;
  const double half = side * spacing / 2;
  const Grid grid = shapes::cubic_grid({-half, -half, -half}, {half, half, half}, spacing);
  AnalyticPhantom phantom = empty_phantom("point", "one voxel of activity in water", grid);
  phantom.materials = {{1, "water", 1.0}};
  add_structure(phantom, "source", Role::tumour, [&](const Point& p) {
    const double h = spacing / 2;
    return p.x > -h && p.x < h && p.y > -h && p.y < h && p.z > -h && p.z < h;
  });
  fill(phantom, phantom.structures.back());
  return phantom;
}

AnalyticPhantom make_sphere(double spacing) {
  constexpr double half = 5;  // [cm]
  constexpr shapes::Ellipsoid sphere{{0, 0, 0}, {2, 2, 2}};
  const Grid grid = shapes::cubic_grid({-half, -half, -half}, {half, half, half}, spacing);
  AnalyticPhantom phantom = empty_phantom("sphere", "a sphere of 20 mm radius with uniform activity in water", grid);
  phantom.materials = {{1, "water", 1.0}};
  add_structure(phantom, "sphere", Role::tumour, [&](const Point& p) { return sphere.contains(p); });
  fill(phantom, phantom.structures.back());
  return phantom;
}

AnalyticPhantom make_slabs(double spacing) {
  // Bone below, then 20 mm of tissue from z = -2 cm to 0, then lung; faces fall on voxel faces for spacings that
  // divide 20 mm.
  constexpr double half_width = 6, bone_thickness = 2, tissue_thickness = 2, lung_thickness = 6;  // [cm]
  constexpr double bone_top = -tissue_thickness;
  const Grid grid = shapes::cubic_grid({-half_width, -half_width, bone_top - bone_thickness},
                                       {half_width, half_width, lung_thickness}, spacing);
  AnalyticPhantom phantom =
      empty_phantom("slabs", "20 mm of liver tissue with uniform activity between bone and lung", grid);
  phantom.materials = {{1, "liver_icru44", 1.06}, {2, "lung_icru44", 0.26}, {3, "cortical_bone_icru44", 1.92}};
  for (int z = 0; z < grid.shape[2]; ++z) {
    const double centre = grid.origin[2] + z * spacing;
    const std::uint8_t label = centre > 0 ? 2 : centre < bone_top ? 3 : 1;
    for (int y = 0; y < grid.shape[1]; ++y)
      for (int x = 0; x < grid.shape[0]; ++x) phantom.labels->values[grid.index(x, y, z)] = label;
  }
  add_structure(phantom, "tissue", Role::tumour, [&](const Point& p) { return p.z > bone_top && p.z < 0; });
  fill(phantom, phantom.structures.back());
  add_structure(phantom, "lung-5mm", Role::other, [&](const Point& p) { return p.z > 0 && p.z < 0.5; });
  add_structure(phantom, "bone-5mm", Role::other,
                [&](const Point& p) { return p.z < bone_top && p.z > bone_top - 0.5; });
  return phantom;
}

}  // namespace ytterby::phantoms
