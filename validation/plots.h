#pragma once
// The plots of `validate-physics`, from its comparisons.

#include <span>
#include <string>
#include <vector>

#include "validation/comparison.h"

namespace ytterby::validation {

/// A plot to be written: file name and content.
struct Plot {
  std::string file, svg;
};

/// One plot for each kind of case that the comparisons hold.
std::vector<Plot> make_plots(std::span<const Comparison> comparisons);

}  // namespace ytterby::validation
