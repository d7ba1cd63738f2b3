#pragma once
// A case proposed from what was found: what was chosen, why, and the file that says so.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "io/draft/found.h"

namespace ytterby::io {

/// What of the found goes into the case; indices into Found, and reasons for people.
struct Choice {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t ct = none, activity = none, function = none;  // images
  std::string why_ct, why_activity;
  std::vector<std::size_t> liver, lungs, perfused;  // parts that unite, of one file
  std::vector<std::size_t> tumours;                 // parts that are structures of their own
};

/// Chooses the CT that the structures refer to, or else of the activity's frame, or else the longest; reconstructed
/// activity, a PET in Bq/mL of 90Y first; an image that is called one of hepatic function; and for each role the parts
/// of the object that fits the CT best and is newest.
Choice choose(const Found& found);

/// A proposed case.
struct Draft {
  std::string text;                 // TOML with comments; paths relative to the case file's folder
  std::vector<std::string> checks;  // the lines marked CHECK, without their blanks
};

/// Writes the case. Nothing that decides a dose is made up: activity and shunt stand there commented out, with what a
/// header says where it says it; roles that are guessed are marked. `presets`: names of the protocols, the first is
/// taken.
Draft draft_case(const Found& found, const Choice& choice, const std::string& name,
                 const std::filesystem::path& case_file, const std::vector<std::string>& presets);

}  // namespace ytterby::io
