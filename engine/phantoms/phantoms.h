#pragma once
// Analytic phantoms: patients and test bodies given by formulas, sampled on any grid.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/phantoms/analytic_phantom.h"

namespace ytterby {

/// Names that `make_phantom` knows: point, rescue, slabs, sphere.
std::vector<std::string> phantom_names();

/// Makes a phantom on cubic voxels of `spacing` [cm], by default the phantom's own (0.3; slabs and sphere 0.2).
/// Throws Fault::usage for an unknown name, a spacing outside [0.05, 2] cm.
AnalyticPhantom make_phantom(std::string_view name, std::optional<double> spacing = {});

}  // namespace ytterby
