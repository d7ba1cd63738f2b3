#pragma once
// The protocol's rules on the page.

#include <string>

#include "io/evaluation/evaluation.h"
#include "io/text/warning.h"

namespace ytterby::io {

/// A banner with the verdict, the rules that decide and Monte Carlo's, the others behind a fold, the settings in force.
std::string verdict_section(const Validation& v, const Warnings& warnings);

/// The warnings, those that may make a dose wrong first; nothing where there is none.
std::string warnings_section(const Warnings& warnings);

}  // namespace ytterby::io
