#pragma once
// The protocol's rules on the page.

#include <string>

#include "io/evaluation/evaluation.h"

namespace ytterby::io {

/// The rules that decide and Monte Carlo's, the others behind a fold, the settings in force. Probabilities stand there
/// where the case states errors.
std::string rules_section(const Validation& v);

/// The table of the rules that decide and Monte Carlo's alone.
std::string deciding_rules_table(const Validation& v);

}  // namespace ytterby::io
