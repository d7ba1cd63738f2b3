#pragma once
// Which known word a mistyped one may have meant.

#include <span>
#include <string>

namespace ytterby {

/// The nearest of `known` (not empty) by insertions, deletions and replacements per letter (Levenshtein), so that long
/// words have a chance.
std::string nearest_name(const std::string& found, std::span<const std::string> known);

}  // namespace ytterby
