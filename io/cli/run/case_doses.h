#pragma once
// The doses of a case by every method, each in a file of its own that is kept where it is complete.

#include <filesystem>
#include <string>

#include "io/cli/simulate.h"
#include "io/evaluation/evaluation.h"

namespace ytterby::cli {

/// The dose by a method (as dose files name it) in `file`: an earlier run's where it is of this case, program version,
/// seed, cutoffs and at least as many histories, else made and written now, and read back. A run that SIGINT or SIGTERM
/// ended says so by map.interrupted. `simulation` has the options of all; its files are set here.
io::DoseFile dose_in(const std::filesystem::path& file, const std::string& method, const io::PreparedCase& prepared,
                     SimulateOptions simulation);

/// Name of the normal liver's compartment in an evaluation: perfused-normal where the case has one.
std::string normal_structure(const io::Validation& v, const io::PreparedCase& prepared);

/// Writes a text, but leaves a file alone that says the same already.
void write_if_new(const std::filesystem::path& file, const std::string& text);

}  // namespace ytterby::cli
