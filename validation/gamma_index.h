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
  double mean = 0, highest = 0;         // of those tested
  std::size_t passed_within_noise = 0;  // with the dose criterion widened by noise_errors; as `passed` without noise
  /// NaN where nothing was tested.
  [[nodiscard]] double pass_rate() const;
  [[nodiscard]] double pass_rate_within_noise() const;
};

inline constexpr double gamma_cap = 2;
inline constexpr double noise_errors = 2;  // standard errors, in quadrature with the dose criterion

/// Gamma of every voxel of `reference` that is above the threshold: the smallest
/// sqrt((r / distance)^2 + ((D_evaluated(x + r) - D_reference(x)) / dose)^2) over the places of `evaluated`, which is
/// linear between voxel centres. Low et al., Med. Phys. 25 (1998) 656. The search goes over points distance/4 apart,
/// slides from each that improves to the nearest place of the right dose, and ends with small steps (never
/// 0.005 above a fine lattice, tests); without the interpolation a steep gradient fails where
/// it is merely sampled at other places. Values end at gamma_cap. Voxels below 0.05 g/cm3 in `density` are neither
/// tested nor searched: dose to gas has no meaning. Throws Fault::input where the grids differ.
///
/// Noise fails the criteria where doses agree. `noise` is one standard error of the difference in each voxel [Gy]
/// (empty: none; NaN counts as 0): voxels that fail are tried again with a dose criterion of the root of its square and
/// that of noise_errors errors.
GammaResult gamma_index(const Image<float>& reference, const Image<float>& evaluated, const std::vector<float>& density,
                        const GammaCriteria& criteria, const std::vector<float>& noise = {});

}  // namespace ytterby::validation
