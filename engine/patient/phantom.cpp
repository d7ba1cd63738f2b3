#include "engine/patient/phantom.h"

#include <array>
#include <utility>

namespace ytterby {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 5> roles{{{Role::liver, "liver"},
                                                                  {Role::tumour, "tumour"},
                                                                  {Role::perfused, "perfused"},
                                                                  {Role::lung, "lung"},
                                                                  {Role::other, "other"}}};

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
  return {};
}

}  // namespace ytterby
