#pragma once
// The methods beside each other, structure by structure.

#include <string>
#include <vector>

#include "io/evaluation/evaluation.h"

namespace ytterby::io {

/// Mean with its error, the difference to Monte Carlo, D95 to D2 of every structure by every method.
std::string methods_section(const Validation& v);

/// The same from the doses alone, where no protocol is judged.
std::string methods_section(const std::vector<DoseFile>& doses);

}  // namespace ytterby::io
