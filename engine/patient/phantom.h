#pragma once
// The patient as the engine sees it: density and material per voxel.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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

/// What a structure is to the protocol.
enum class Role { liver, tumour, perfused, lung, other };

/// A named part of the patient on the dose grid.
struct Structure {
  std::string name;
  Role role = Role::other;
  std::vector<float> fraction;  // share of each voxel's volume inside, 0 to 1
};

/// The role's name in case and dose files.
std::string_view role_name(Role role);
/// The role of a name; empty where there is none.
std::optional<Role> role_of(std::string_view name);

}  // namespace ytterby
