#pragma once
// What of the liver's function gets which dose.

#include <string>

#include "io/evaluation/evaluation.h"

namespace ytterby::io {

/// Parts of the normal liver with their shares of function and volume, and by each method the mean dose weighed by
/// function and what shares of it get how much; empty without an image of function.
std::string function_section(const Validation& v);

}  // namespace ytterby::io
