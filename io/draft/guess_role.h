#pragma once
// What a region is to the protocol, guessed from what people and programs call it.

#include <string>
#include <string_view>

#include "engine/patient/structures.h"

namespace ytterby::io {

/// A guess. `piece`: one lung, or a lobe of one, which unites with others. `remainder`: a liver without its tumours.
struct RoleGuess {
  Role role = Role::other;
  bool piece = false, remainder = false;
  bool operator==(const RoleGuess&) const = default;
};

/// Guesses from words in English, German, French, Spanish and Italian, in either spelling, and from the label names of
/// TotalSegmentator: "GTV 1", "Lung_L", "lung_upper_lobe_left", "Leber", "liver - tumor", "Perfused volume". `other`
/// where nothing fits, or where words say that it is only near (vessels, segments, rings, nodules of a lung).
RoleGuess guess_role(std::string_view name);

/// Whether a series or a file of that name shows hepatic function: mebrofenin and the other iminodiacetates, GSA.
bool names_function(std::string_view name);

/// A name for a structure of a case: small letters, digits and hyphens; "tumour" where nothing is left.
std::string structure_name(std::string_view name);

}  // namespace ytterby::io
