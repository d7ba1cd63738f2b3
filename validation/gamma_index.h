#pragma once
// The gamma index between two doses on one grid.

#include <vector>

#include "engine/grid/image.h"

namespace ytterby::validation {

/// 2 %/2 mm with doses relative to the reference's largest, above 10 % of it.
struct GammaCriteria {
  double dose_share = 0.02;
  double distance = 0.2;         // [cm]
  double threshold_share = 0.1;  // of the reference's largest dose; below it nothing is tested
  bool local = false;            // dose_share of the dose in the voxel; else of the largest
};

struct GammaResult {
  std::vector<float> gamma;  // NaN where nothing was tested; at most gamma_cap
  std::size_t tested = 0, passed = 0;
  double mean = 0, highest = 0;  // of those tested
  /// NaN where nothing was tested.
  [[nodiscard]] double pass_rate() const;
};

inline constexpr double gamma_cap = 2;

/// Gamma of every voxel of `reference` that is above the threshold: the smallest
/// sqrt((r / distance)^2 + ((D_evaluated(x + r) - D_reference(x)) / dose)^2) over the places of `evaluated`, which is
/// linear between voxel centres. Low et al., Med. Phys. 25 (1998) 656. The search goes over points distance/4 apart,
/// slides from each that improves to the nearest place of the right dose, and ends with small steps (never
/// 0.005 above a fine lattice, tests); without the interpolation a steep gradient fails where
/// it is merely sampled at other places. Values end at gamma_cap. Voxels below 0.05 g/cm3 in `density` are neither
/// tested nor searched: dose to gas has no meaning. Throws Fault::input where the grids differ.
GammaResult gamma_index(const Image<float>& reference, const Image<float>& evaluated, const std::vector<float>& density,
                        const GammaCriteria& criteria);

}  // namespace ytterby::validation
