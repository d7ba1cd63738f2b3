#pragma once
// What a run of the reference cases lets one say of the accuracy, in two sentences that mean different things.

#include <span>
#include <string>
#include <vector>

#include "validation/comparison.h"

namespace ytterby::validation {

/// Lines of text from the comparisons at hand: against EGSnrc as it was run, with the same spectrum and media; and code
/// against code, which is what the references themselves are known to, with the published kernels, their spectra and
/// their errors. A statement of which nothing was run is left out.
std::vector<std::string> accuracy_statements(std::span<const Comparison> comparisons);

}  // namespace ytterby::validation
