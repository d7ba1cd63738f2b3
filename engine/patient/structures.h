#pragma once
// Structures: the named parts of a patient, those derived from others, and what can be asked of a structure on the dose
// grid.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/grid/image.h"
#include "engine/patient/phantom.h"

namespace ytterby {

/// What a structure is to the protocol.
enum class Role { liver, tumour, perfused, lung, other };

/// A named part of the patient on the dose grid.
struct Structure {
  std::string name;
  Role role = Role::other;
  std::vector<float> fraction;  // share of each voxel's volume inside, 0 to 1
};

/// Names of the structures that derived_structures() adds; a case's own may not use them.
inline constexpr std::string_view tumours_name = "tumours", normal_liver_name = "normal-liver",
                                  perfused_normal_name = "perfused-normal", spared_liver_name = "spared-liver";
inline constexpr std::array reserved_names{tumours_name, normal_liver_name, perfused_normal_name, spared_liver_name};

/// True for one of these.
constexpr bool is_reserved(std::string_view name) {
  for (const std::string_view reserved : reserved_names)
    if (name == reserved) return true;
  return false;
}

/// The role's name in case and dose files.
std::string_view role_name(Role role);
/// The role of a name; empty where there is none.
std::optional<Role> role_of(std::string_view name);

/// Adds the derived structures to the case's own (io/FORMATS.md): `tumours` (union), `normal-liver` (liver minus
/// tumours), `perfused-normal` (perfused within the liver, minus tumours) and `spared-liver` (normal liver outside the
/// perfused volume), each where its parts exist.
///
/// `fractions` are of one grid. Within a voxel, tumours lie side by side, and parts of the liver lie in the liver:
/// exact for binary masks.
std::vector<Structure> derived_structures(std::span<const Structure> structures);

/// Union of structures by role; empty where there is none. Tumours add up to 1 at most, others are taken as nested.
std::vector<float> union_of_role(std::span<const Structure> structures, Role role);

/// Larger of two fractions in each voxel; an empty one counts as 0.
std::vector<float> larger(std::vector<float> a, const std::vector<float>& b);

/// Smaller of two fractions in each voxel; of as many voxels.
std::vector<float> smaller(std::vector<float> a, const std::vector<float>& b);

/// Volume of a structure [cm3].
double volume_of(const std::vector<float>& fraction, const Grid& grid);

/// Mass of a structure [g].
double mass_of(const std::vector<float>& fraction, const Phantom& phantom);

/// A voxel of which less than this share is inside may be touched by rounding alone: headers in float place faces no
/// better.
inline constexpr float touched_by_rounding = 1e-3F;

/// Smallest distance from the structure's voxels to the grid's faces [cm]; 0 where it touches. Voxels that rounding may
/// have touched do not count; without others it is far away (1e30).
double distance_to_edge(const std::vector<float>& fraction, const Grid& grid);

/// Pairs of tumours that overlap by more than a thousandth of the smaller one's volume: names and volume [cm3].
struct TumourOverlap {
  std::string first, second;
  double volume;
};
std::vector<TumourOverlap> overlapping_tumours(std::span<const Structure> structures, const Grid& grid);

}  // namespace ytterby
