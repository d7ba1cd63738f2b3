#pragma once
// Finding the node of a grid.

#include "kernels/tables/tables_view.h"

namespace ytterby::inline YTTERBY_LEVEL {

struct GridPlace {
  std::uint32_t index;  // of the lower node
  float fraction;       // 0 at the lower node, 1 at the upper
};

/// Place of a positive x on a grid of float bits, clamped to its ends.
YTTERBY_HD GridPlace locate(const BitGrid grid, float x) {
  const std::uint32_t bits = float_bits(x);
  const std::uint32_t node = bits >> grid.shift;
  if (node < grid.base) return {0, 0.0f};
  const std::uint32_t index = node - grid.base;
  if (index >= grid.intervals) return {grid.intervals - 1, 1.0f};
  const std::uint32_t mask = (1u << grid.shift) - 1u;
  return {index, static_cast<float>(bits & mask) * (1.0f / static_cast<float>(1u << grid.shift))};
}

/// The float at which a node stands.
YTTERBY_HD float grid_value(const BitGrid grid, std::uint32_t node) {
  return bits_float((grid.base + node) << grid.shift);
}

/// The same with the grid as template argument: device code cannot refer to host constants.
template <BitGrid grid>
YTTERBY_HD GridPlace locate(float x) {
  return locate(BitGrid{grid.base, grid.shift, grid.intervals}, x);
}

template <BitGrid grid>
YTTERBY_HD float grid_value(std::uint32_t node) {
  return grid_value(BitGrid{grid.base, grid.shift, grid.intervals}, node);
}

/// Scattering strength of a class of steps, and the shape of its hinge_place(); angle_class_strength as a function.
YTTERBY_HD float class_strength(std::uint32_t c) {
  constexpr float s0 = angle_class_strength[0], s1 = angle_class_strength[1], s2 = angle_class_strength[2],
                  s3 = angle_class_strength[3];
  return c < 2 ? (c == 0 ? s0 : s1) : (c == 2 ? s2 : s3);
}

YTTERBY_HD float class_hinge(std::uint32_t c) {
  constexpr float h0 = angle_class_hinge[0], h1 = angle_class_hinge[1], h2 = angle_class_hinge[2],
                  h3 = angle_class_hinge[3];
  return c < 2 ? (c == 0 ? h0 : h1) : (c == 2 ? h2 : h3);
}

YTTERBY_HD float between(float low, float high, float fraction) { return low + (high - low) * fraction; }

YTTERBY_HD float range_of_energy(const PhysicsView& physics, std::uint32_t material, float energy) {
  const GridPlace at = locate<energy_grid>(energy);
  const EnergyNode* node = physics.energy.data + material * (energy_grid.intervals + 1) + at.index;
  return between(node[0].range, node[1].range, at.fraction);
}

/// sqrt(3 w) with the variance w of the energy lost to soft collisions over its mean [MeV]; it hardly depends on T.
YTTERBY_HD float straggling_of_energy(const PhysicsView& physics, std::uint32_t material, float energy) {
  return physics.straggling[material * (energy_grid.intervals + 1) + locate<energy_grid>(energy).index];
}

YTTERBY_HD const RangeNode* range_nodes(const PhysicsView& physics, std::uint32_t material, std::uint32_t index) {
  return physics.range.data + material * (range_grid.intervals + 1) + index;
}

YTTERBY_HD float energy_of_range(const PhysicsView& physics, std::uint32_t material, float range) {
  const GridPlace at = locate<range_grid>(range);
  const RangeNode* node = range_nodes(physics, material, at.index);
  return between(node[0].energy, node[1].energy, at.fraction);
}

YTTERBY_HD float strength_of_range(const PhysicsView& physics, std::uint32_t material, float range) {
  const GridPlace at = locate<range_grid>(range);
  const RangeNode* node = range_nodes(physics, material, at.index);
  return between(node[0].strength, node[1].strength, at.fraction);
}

YTTERBY_HD float range_of_strength(const PhysicsView& physics, std::uint32_t material, float strength) {
  const float x = max_of(strength, 0.0f) * physics.strength_scale;
  std::uint32_t index = static_cast<std::uint32_t>(x);
  if (index > physics.strength_nodes - 2) index = physics.strength_nodes - 2;
  const float* node = physics.range_of_strength.data + material * physics.strength_nodes + index;
  return between(node[0], node[1], x - static_cast<float>(index));
}

/// Scattering strength that the nominal medium would still give an electron.
YTTERBY_HD float nominal_strength_of_energy(const PhysicsView& physics, float energy) {
  const GridPlace at = locate<energy_grid>(energy);
  const EnergyNode* node = physics.energy.data + at.index;
  return between(node[0].nominal_strength, node[1].nominal_strength, at.fraction);
}

/// Transport coefficient in the nominal medium where it has this strength left [cm2/g].
YTTERBY_HD float nominal_transport(const PhysicsView& physics, float strength) {
  const std::uint32_t index = static_cast<std::uint32_t>(max_of(strength, 0.0f) * physics.strength_scale);
  return physics.nominal_transport[index < physics.strength_nodes ? index : physics.strength_nodes - 1];
}

}  // namespace ytterby::inline YTTERBY_LEVEL
