#include "engine/patient/structures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace ytterby {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 5> roles{{{Role::liver, "liver"},
                                                                  {Role::tumour, "tumour"},
                                                                  {Role::perfused, "perfused"},
                                                                  {Role::lung, "lung"},
                                                                  {Role::other, "other"}}};

bool has_role(std::span<const Structure> structures, Role role) {
  return std::any_of(structures.begin(), structures.end(), [role](const Structure& s) { return s.role == role; });
}

/// a without b, b lying within a where both are; an empty b takes nothing.
std::vector<float> without(std::vector<float> a, const std::vector<float>& b) {
  for (std::size_t i = 0; i < b.size(); ++i) a[i] = std::max(0.0F, a[i] - b[i]);
  return a;
}

}  // namespace

std::string_view role_name(Role role) {
  for (const auto& [value, name] : roles) {
    if (value == role) return name;
  }
  return "other";
}

std::optional<Role> role_of(std::string_view name) {
  for (const auto& [value, role] : roles) {
    if (role == name) return value;
  }
  if (name == "tumor") return Role::tumour;
  return {};
}

std::vector<float> smaller(std::vector<float> a, const std::vector<float>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = std::min(a[i], b[i]);
  return a;
}

std::vector<float> larger(std::vector<float> a, const std::vector<float>& b) {
  if (a.empty()) return b;
  for (std::size_t i = 0; i < b.size(); ++i) a[i] = std::max(a[i], b[i]);
  return a;
}

std::vector<float> union_of_role(std::span<const Structure> structures, Role role) {
  std::vector<float> result;
  for (const Structure& s : structures) {
    if (s.role != role) continue;
    if (result.empty()) {
      result = s.fraction;
    } else if (role == Role::tumour) {
      for (std::size_t i = 0; i < result.size(); ++i) result[i] = std::min(1.0F, result[i] + s.fraction[i]);
    } else {
      result = larger(std::move(result), s.fraction);
    }
  }
  return result;
}

std::vector<Structure> derived_structures(std::span<const Structure> structures) {
  std::vector<Structure> derived;
  const std::vector<float> tumours = union_of_role(structures, Role::tumour);
  const std::vector<float> liver = union_of_role(structures, Role::liver);
  const std::vector<float> perfused = union_of_role(structures, Role::perfused);
  if (!tumours.empty()) derived.push_back({std::string(tumours_name), Role::tumour, tumours});
  if (!liver.empty()) derived.push_back({std::string(normal_liver_name), Role::liver, without(liver, tumours)});
  if (!perfused.empty() && has_role(structures, Role::liver)) {
    const std::vector<float> perfused_liver = smaller(perfused, liver);
    derived.push_back({std::string(perfused_normal_name), Role::perfused, without(perfused_liver, tumours)});
    derived.push_back({std::string(spared_liver_name), Role::liver, without(without(liver, tumours), perfused)});
  }
  return derived;
}

double volume_of(const std::vector<float>& fraction, const Grid& grid) {
  double sum = 0;
  for (const float f : fraction) sum += static_cast<double>(f);
  return sum * grid.voxel_volume();
}

double mass_of(const std::vector<float>& fraction, const Phantom& phantom) {
  double sum = 0;
  for (std::size_t i = 0; i < fraction.size(); ++i) {
    sum += static_cast<double>(fraction[i]) * static_cast<double>(phantom.density[i]);
  }
  return sum * phantom.grid.voxel_volume();
}

double distance_to_edge(const std::vector<float>& fraction, const Grid& grid) {
  std::array<int, 3> low = grid.shape, high{-1, -1, -1};
  std::size_t i = 0;
  for (int z = 0; z < grid.shape[2]; ++z) {
    for (int y = 0; y < grid.shape[1]; ++y) {
      for (int x = 0; x < grid.shape[0]; ++x) {
        if (fraction[i++] < touched_by_rounding) continue;
        const std::array<int, 3> voxel{x, y, z};
        for (std::size_t a = 0; a < 3; ++a) {
          low[a] = std::min(low[a], voxel[a]);
          high[a] = std::max(high[a], voxel[a]);
        }
      }
    }
  }
  if (high[0] < 0) return 1e30;
  double distance = 1e30;
  for (std::size_t a = 0; a < 3; ++a) {
    distance = std::min(distance, std::min(low[a], grid.shape[a] - 1 - high[a]) * grid.spacing[a]);
  }
  return distance;
}

std::vector<TumourOverlap> overlapping_tumours(std::span<const Structure> structures, const Grid& grid) {
  std::vector<TumourOverlap> overlaps;
  for (std::size_t a = 0; a < structures.size(); ++a) {
    for (std::size_t b = a + 1; b < structures.size(); ++b) {
      if (structures[a].role != Role::tumour || structures[b].role != Role::tumour) continue;
      const std::vector<float>&first = structures[a].fraction, &second = structures[b].fraction;
      double sum = 0;
      for (std::size_t i = 0; i < first.size(); ++i) {
        sum += std::max(0.0, static_cast<double>(first[i]) + static_cast<double>(second[i]) - 1.0);
      }
      const double volume = sum * grid.voxel_volume();
      if (volume > 1e-3 * std::min(volume_of(first, grid), volume_of(second, grid))) {
        overlaps.push_back({structures[a].name, structures[b].name, volume});
      }
    }
  }
  return overlaps;
}

}  // namespace ytterby
