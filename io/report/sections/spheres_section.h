#pragma once
// Microspheres a millilitre of the tumours, on the page.

#include <string>

#include "io/evaluation/evaluation.h"
#include "io/results/dose_file.h"

namespace ytterby::io {

/// Tumours by the judging method's mean dose, with what is published of their D70; empty without a sphere's activity.
/// No verdict knows of it. `dose` has half-life and mean energy.
std::string spheres_section(const Validation& v, const DoseFile& dose);

}  // namespace ytterby::io
