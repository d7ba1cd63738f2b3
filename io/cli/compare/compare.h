#pragma once
// What `ytterby compare` finds between two dose files.

#include <optional>
#include <string>
#include <vector>

#include "io/results/dose_file.h"
#include "validation/agreement.h"
#include "validation/gamma_index.h"

namespace ytterby::cli {

/// Voxels above the threshold and not in gas, B less A.
struct VoxelDifferences {
  std::size_t voxels = 0;
  double mean = 0, rms = 0, largest = 0;  // [Gy]; `largest` by its absolute value, with its sign
  double rms_relative = 0;                // of A's largest dose
  std::size_t with_errors = 0;            // where both, or one of a method that has none, state an error
  double rms_z = 0, share_beyond_3 = 0;   // z = (B - A) over the errors in quadrature; NaN without errors
};

struct DoseComparison {
  std::string method_a, method_b, case_a, case_b;
  bool same_content = false;                 // both of one case
  std::vector<std::string> differing, same;  // of medium, grid, structures and activity; medium only where grids agree
  bool resampled = false;                    // B was brought to A's grid
  double covered = 1;                        // share of A's grid that B's covers
  double largest = 0;                        // A's largest dose outside gas [Gy]
  VoxelDifferences voxels;
  validation::GammaCriteria criteria;
  validation::GammaResult gamma;
  bool noisy = false;                              // one of the doses has errors, which gamma counts
  std::vector<validation::StructureMetrics> a, b;  // of A's structures
};

/// Compares B with A on A's grid, in A's structures. Doses on another grid are averaged by mass-free overlap volume,
/// errors likewise (as if a voxel's neighbours shared them: never too small). Throws Fault::input where the grids do
/// not overlap.
DoseComparison compare_doses(const io::DoseFile& a, io::DoseFile b, const validation::GammaCriteria& criteria);

std::string comparison_table(const DoseComparison& c);
std::string comparison_json(const DoseComparison& c, const std::optional<double>& pass_rate, bool passed);

}  // namespace ytterby::cli
