#pragma once
// What a dose does to a structure, in numbers with their statistical errors.

#include <array>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/dose/dose_map.h"
#include "engine/dose/voxel_uncertainty.h"
#include "engine/patient/phantom.h"
#include "engine/patient/structures.h"
#include "validation/radiobiology.h"

namespace ytterby::validation {

/// A number and one standard error, statistical alone; NaN where it is unknown.
struct Estimate {
  double value = std::numeric_limits<double>::quiet_NaN();
  double error = std::numeric_limits<double>::quiet_NaN();
  double noise = 0;  // what the noise in voxels added, and is no more in `value`
  double wants = 0;  // histories at which noise moves it by less than noise_limit; 0 where it does not move it by more
};

/// A measure of the histogram is noise-limited where the error of its correction for noise is above this share of it;
/// of the volume for V, and of a tenth of the mean dose where that is more than D.
inline constexpr double noise_limit = 0.05;

inline constexpr std::array dose_shares{0.95, 0.70, 0.50, 0.02};      // D95, D70, D50, D2
inline constexpr std::array dose_levels{100.0, 200.0, 300.0, 400.0};  // V100 ... V400 [Gy]

/// `mean` is energy over mass; everything else counts by volume.
struct StructureMetrics {
  std::string name;
  Role role = Role::other;
  double volume = 0, mass = 0;                             // [cm3], [g]
  Estimate mean;                                           // [Gy] energy over mass
  Estimate mean_by_volume;                                 // [Gy] of the histogram
  double lowest = 0, highest = 0;                          // [Gy] of voxels at least half inside; of all where none is
  std::array<Estimate, dose_shares.size()> dose_to;        // [Gy]
  std::array<Estimate, dose_levels.size()> share_above;    // 0 to 1
  std::vector<std::pair<std::string, Estimate>> asked;     // any D [Gy] and V [share] by name: "D90", "V205"
  std::vector<std::pair<std::string, Estimate>> function;  // by function_metrics(), under its names
  Estimate geud, bed, eqd2;                                // [Gy]; bed and eqd2 are means over the volume
  VoxelUncertainty voxels;                                 // of Monte Carlo alone
};

/// One of several sessions that add up to a dose: its voxels' dose [Gy] and errors (empty: unknown), on the same grid.
struct SessionVoxels {
  std::span<const float> dose, error;
};

/// Metrics of one structure; `dose` gives its mean from batch statistics.
///
/// Errors beside the mean's. A metric M of the voxel doses D_i with errors s_i has var M = c^2 sum (dM/dD_i s_i)^2,
/// where c^2 makes up for histories that score in several voxels. c is what the structure's own mean shows: its error
/// from batches over the one from independent voxels, and at least 1 (energy that one voxel lacks and another gets
/// narrows the mean, but no quantile). For V_d, an indicator, voxel i is above d with p_i = Phi((D_i - d) / s_i):
/// var V_d = c^2 sum w_i^2 p_i (1 - p_i). D_x follows from V(D_x) = x: error of V at D_x over the density
/// f = sum w_i phi((D_i - d) / s_i) / s_i of the volume in dose there.
///
/// Noise widens a histogram: D95 of a flat dose reads low and D2 high by about 1.6 and 2.1 voxel errors; where the dose
/// varies much more than the noise the shift vanishes. The mean of BED reads high by q times the mean of s_i^2. Of
/// Monte Carlo's doses both are corrected (validation/noise.h), with errors averaged over neighbours, since a voxel
/// that reads low states a small one; the correction's own error is in the error. `lowest` and `highest` stay as they
/// are.
///
/// `asked` names more of the histogram: D and per cent of the volume, V and gray; other names are passed over.
///
/// With `sessions`, whose doses add up to the map's, BED is that of each session in each voxel, summed: tissue repairs
/// between treatments, and the square of the sum is not the sum of the squares. Errors of sessions are independent.
StructureMetrics structure_metrics(const DoseMap& map, const StructureDose& dose, const Structure& structure,
                                   const std::vector<float>& density, double half_life_h, const TissueSet& tissues = {},
                                   std::span<const SessionVoxels> sessions = {},
                                   std::span<const std::string> asked = {});

/// Metrics of all structures that `doses` has, in the order of `structures`.
std::vector<StructureMetrics> metrics_of_structures(const DoseMap& map, std::span<const StructureDose> doses,
                                                    std::span<const Structure> structures,
                                                    const std::vector<float>& density, double half_life_h,
                                                    const TissueSet& tissues = {},
                                                    std::span<const SessionVoxels> sessions = {},
                                                    std::span<const std::string> asked = {});

/// What of a structure's function gets which dose: "function_mean_Gy", the mean dose weighed by function, and for each
/// of `doses` [Gy] the share of the function that gets at least that: "function_V40". `weight` is the function in each
/// voxel, in any unit of one size: the histogram of Marks et al., Int. J. Radiat. Oncol. Biol. Phys. 33 (1995) 65.
/// Errors and noise as of other measures of the histogram. Empty where no voxel has function.
std::vector<std::pair<std::string, Estimate>> function_metrics(const DoseMap& map, const StructureDose& dose,
                                                               const Structure& structure,
                                                               const std::vector<float>& density,
                                                               const std::vector<float>& weight,
                                                               std::span<const double> doses);

/// Share by which the error of the mean exceeds that of independent voxels (c above); 1 where nothing is known.
double correlation_factor(const DoseMap& map, const StructureDose& dose, const Structure& structure,
                          const std::vector<float>& density);

/// Standard error of the share of a structure's volume at or above each of `doses` [Gy], which ascend (V_d above).
/// Empty where the dose has no batches.
std::vector<double> volume_errors(const DoseMap& map, const Structure& structure, const std::vector<float>& density,
                                  const std::vector<double>& doses);

}  // namespace ytterby::validation
