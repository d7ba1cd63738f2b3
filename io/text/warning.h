#pragma once
// Warnings as values: what is said while a case is read and computed is kept with its results.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ytterby::io {

/// What a warning is about. `wrong_dose`: a dose, a volume or a verdict may be wrong until someone has looked.
/// `note`: the input is odd, or something is missing in the results, and what stands in them holds.
enum class WarningClass { wrong_dose, note };
std::string_view warning_class_name(WarningClass kind);  // "wrong-dose", "note"

/// One warning. `code` is for programs, in small letters with hyphens, and does not change; `text` is one line for
/// people that names what, where, the value and the remedy; `numbers` are the values in it, named with their unit
/// ("mean_HU").
struct Warning {
  std::string code;
  WarningClass kind = WarningClass::note;
  std::string text;
  std::vector<std::pair<std::string, double>> numbers;
};
using Warnings = std::vector<Warning>;

/// Adds those of `more` whose text is not there yet.
void merge_warnings(const Warnings& more, Warnings& all);

/// How many are of class wrong_dose.
std::size_t wrong_dose_count(const Warnings& warnings);

/// A verdict for people: "pass", or "pass, with 2 warnings" under warnings of class wrong_dose.
std::string verdict_in_words(bool broken, const Warnings& warnings);

/// JSON: a list of {code, class, text, numbers}; numbers that are not finite become null. Texts that are no UTF-8 are
/// repaired.
std::string warnings_json(const Warnings& warnings);

/// Reads that JSON back. Throws Fault::input where it is something else.
Warnings parse_warnings(const std::string& json);

/// Codes and numbers alone, without file names or other words of the case: "contrast-in-liver (mean_HU 150)".
std::string warnings_in_short(const Warnings& warnings);

}  // namespace ytterby::io
