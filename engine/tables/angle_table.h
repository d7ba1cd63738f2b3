#pragma once
// The deflection of a condensed step as a table for sampling.

#include <vector>

#include "engine/physics/elastic.h"

namespace ytterby {

/// Goudsmit-Saunderson distribution of a step of scattering strength s (path over first transport mean free path), as
/// {a, x_0 .. x_bins, y_0 .. y_tail} with x = (1+a) mu/(mu+a) at equal steps of probability, mu = (1 - cos theta)/2,
/// and y the same for equal parts of the last step.
///
/// Goudsmit, Saunderson, Phys. Rev. 57 (1940) 24: the moments fall as exp(-s G_l/G_1). The share of electrons that do
/// not scatter at all is kept at mu = 0. The table's own mean of 1 - cos theta equals 1 - exp(-s) to 1.5e-3 for s =
/// 0.05 and to 2e-4 from s = 0.4 on (10 keV and above).
std::vector<float> angle_table(const ElasticScattering::Moments& moments, double strength, int bins, int tail_bins);

/// Mean of mu = (1 - cos theta)/2 of such a table with linear interpolation in x.
double mean_deflection(const std::vector<float>& table, int bins, int tail_bins);

}  // namespace ytterby
