#pragma once
// The protocol's rules on the page.

#include <string>

#include "io/evaluation/evaluation.h"

namespace ytterby::io {

/// A banner with the verdict, the rules that decide and Monte Carlo's, the others behind a fold, the settings in force.
std::string verdict_section(const Validation& v);

}  // namespace ytterby::io
